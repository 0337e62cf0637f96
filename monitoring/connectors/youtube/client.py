"""The library of YouTube for one source, with every outcome turned into an answer or a source error."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from monitoring.connectors.base import Quota, SourceConfig
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
)
from monitoring.connectors.lists import Absent, Answer, Closed
from monitoring.connectors.plain import clean
from monitoring.connectors.shape import WRONG_SHAPE
from monitoring.connectors.waiting import resume_at

# The library writes every address to its log at level DEBUG, and what it cannot read at WARNING.
logging.getLogger("googleapiclient").setLevel(logging.ERROR)

TIME_OUT_S = 20
UNITS_PER_DAY = 10_000
SENDING_SECRETS = ("client_id", "client_secret", "refresh_token")
SIGN_IN_ADDRESS = "https://oauth2.googleapis.com/token"
_PACIFIC = ZoneInfo("America/Los_Angeles")  # where the days of the quota begin
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded"})
_BAD_KEY = frozenset(
    {"keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked", "authError", "required"}
)
_BAD_KEY_DETAILS = frozenset({"API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "SERVICE_DISABLED"})
_ABSENT = frozenset({"videoNotFound", "commentNotFound", "parentCommentNotFound"})
_NOT_HERE = _ABSENT | {"commentsDisabled", "forbidden"}


class YoutubeClient:
    """The calls that the connector makes. `http` is what requests go through, the real one by default."""

    def __init__(self, source: SourceConfig, http: Any, kept: Mapping[str, Any] | None = None) -> None:
        self._key = str(source.secrets.get("api_key") or "")
        if not self._key:
            raise Refused("its API key is not set")
        self._secrets, self._http, self._service = source.secrets, http, None
        told = source.settings.get("quota_units")
        self._limit = told if isinstance(told, int) and told > 0 else UNITS_PER_DAY
        self.kept: dict[str, Any] = dict(kept or {})

    def fetch(self, path: str, params: Mapping[str, str], *, now: datetime) -> Answer:
        """A page of a list; `comments/<id>` is the answers to a comment."""
        resource, _, parent = path.partition("/")
        asked = dict(params) | ({"parentId": parent} if parent else {})
        try:
            body = self._read(resource, asked, now=now)
        except _Denied as denied:
            if resource == "search" and denied.reason in _USED_UP:
                raise Closed("the searches of today are used up") from None
            if denied.reason in _NOT_HERE and "videoId" in asked:
                raise Closed(f"video {asked['videoId']}: {denied.words}") from None
            if denied.reason in _NOT_HERE and parent:
                raise Absent(denied.words) from None
            raise denied.error from None
        if resource == "search":
            self.kept |= {"searched_at": int(now.timestamp()), "search": self.kept.get("search", 0) + 1}
        entries, token = body.get("items"), body.get("nextPageToken")
        if not isinstance(entries, list):
            raise Unavailable("YouTube answers without a list")
        going_on = {"pageToken": token} if isinstance(token, str) and token and resource != "search" else {}
        return Answer(entries, going_on, self._quota(now=now))

    def read(self, resource: str, params: Mapping[str, str], *, now: datetime | None) -> list[Any]:
        """The entries of one answer; [] for those of something that is not there.

        Raises NotShown where YouTube only does not show it: from that nothing may be concluded.
        """
        return self.page(resource, params, now=now)[0]

    def shown(self, resource: str, params: Mapping[str, str], *, now: datetime | None) -> list[Any]:
        """The same; [] where YouTube does not show it."""
        try:
            return self.read(resource, params, now=now)
        except NotShown:
            return []

    def page(
        self, resource: str, params: Mapping[str, str], *, now: datetime | None
    ) -> tuple[list[Any], str]:
        """The same, and the token of what follows ("" at the end)."""
        try:
            body = self._read(resource, params, now=now)
        except _Denied as denied:
            if denied.reason in _ABSENT:
                return [], ""
            if denied.reason in _NOT_HERE:
                raise NotShown(denied.words) from None
            raise denied.error from None
        entries, token = body.get("items"), body.get("nextPageToken")
        if not isinstance(entries, list):
            raise Unavailable("YouTube answers without a list")
        return entries, token if isinstance(token, str) else ""

    def _read(self, resource: str, params: Mapping[str, str], *, now: datetime | None) -> Mapping[str, Any]:
        if now:
            self._count(resource, now=now)
        key = {"X-Goog-Api-Key": self._key}  # in a header: an address ends up in logs
        body = self._ask(lambda service: getattr(service, resource)().list(**params), key, now=now)
        if not isinstance(body, Mapping):
            raise Unavailable("YouTube answers with nothing that can be read")
        return body

    def insert(self, parent_id: str, text: str) -> Mapping[str, Any]:
        """Answer a comment once. Raises PublishFailed, PublishUnknown, or a source error."""
        told = {"snippet": {"parentId": parent_id, "textOriginal": text}}
        pass_ = {"Authorization": f"Bearer {self._signed_in()}"}
        try:
            body = self._ask(lambda service: service.comments().insert(part="snippet", body=told), pass_)
        except _Denied as denied:
            if type(denied.error) is Refused:
                raise PublishFailed(denied.words) from None
            if isinstance(denied.error, Unavailable):
                raise PublishUnknown(denied.words) from None
            raise denied.error from None
        except Unavailable as unavailable:
            raise PublishUnknown(unavailable.reason) from None
        if not isinstance(body, Mapping):
            raise PublishUnknown("an answer that cannot be read")
        return body

    def _ask(
        self, call: Callable[[Any], Any], headers: Mapping[str, str], *, now: datetime | None = None
    ) -> Any:
        """Make one call, without a second try by the library."""
        import httplib2
        from googleapiclient.errors import Error, HttpError

        try:
            request = call(self._built())
            request.headers.update(headers)
            return request.execute(num_retries=0)
        except HttpError as failure:
            raise _Denied(failure.resp.status, failure.resp, failure.content, now=now) from None
        except (httplib2.HttpLib2Error, Error, OSError, *WRONG_SHAPE) as failure:
            raise Unavailable(f"YouTube could not be read ({type(failure).__name__})") from None

    def _built(self) -> Any:
        """The service by the description that comes with the library: nothing is fetched for it."""
        if self._service is None:
            import httplib2
            from googleapiclient.discovery import build

            self._http = self._http or httplib2.Http(timeout=TIME_OUT_S)
            self._service = build(
                "youtube", "v3", static_discovery=True, cache_discovery=False, http=self._http
            )
        return self._service

    def _signed_in(self) -> str:
        """A pass of an hour to act as our account. Raises when the sign-in is not accepted."""
        if not all(self._secrets.get(name) for name in SENDING_SECRETS):
            raise PublishFailed("the keys to send from our account are not set")
        import httplib2

        self._built()
        form = {name: str(self._secrets[name]) for name in SENDING_SECRETS} | {"grant_type": "refresh_token"}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer, content = self._http.request(SIGN_IN_ADDRESS, "POST", body=urlencode(form), headers=kind)
            if answer.status in (400, 401, 403):
                raise CredentialRefused("Google does not accept the sign-in to send any more")
            return str(json.loads(content)["access_token"])
        except (httplib2.HttpLib2Error, OSError, *WRONG_SHAPE):
            raise Unavailable("the sign-in to send gave no usable answer") from None

    def _count(self, resource: str, *, now: datetime) -> None:
        """Searches have a budget of their own; everything else that we read takes one unit."""
        day = now.astimezone(_PACIFIC).date().isoformat()
        if self.kept.get("day") != day:
            self.kept |= {"day": day, "used": 0}
        self.kept["used"] += resource != "search"

    def _quota(self, *, now: datetime) -> Quota:
        """What should be left: YouTube does not tell, so it is counted, for this source alone."""
        return Quota(max(self._limit - self.kept["used"], 0), self._limit, next_day(now))


class NotShown(Unavailable):
    """YouTube keeps it from us, and does not say whether it is there."""


class _Denied(SourceError):
    """YouTube says no: `reason` is its own word for it, `error` what it means for the source."""

    def __init__(
        self, status: int, headers: Mapping[str, str], content: bytes, *, now: datetime | None
    ) -> None:
        self.reason, self.words = _told(content)
        self.words = f"YouTube answers {status}: {self.words or 'no reason given'}"
        self.error = self._meaning(status, headers, now=now)
        super().__init__(self.words)

    def __str__(self) -> str:
        return str(self.error)

    def _meaning(self, status: int, headers: Mapping[str, str], *, now: datetime | None) -> SourceError:
        if self.reason in _USED_UP:
            return RateLimited(next_day(now) if now else None)
        if status == 429 or self.reason in _TOO_FAST:
            wait = [value for value in [headers.get("retry-after", "")] if value]
            return RateLimited(resume_at(wait, now=now) if now else None)
        if status == 401 or self.reason in _BAD_KEY or self.reason in _BAD_KEY_DETAILS:
            return CredentialRefused(self.words)
        if status in (400, 403, 404) and self.reason:
            return Refused(self.words)
        return Unavailable(self.words)


def next_day(now: datetime) -> datetime:
    """When the quota is full again: the next midnight on the west coast of America."""
    there = now.astimezone(_PACIFIC)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return midnight.astimezone(UTC)


def _told(content: bytes) -> tuple[str, str]:
    """(the reason in one word, the sentence) of a refusal; empty when there is none."""
    try:
        error = json.loads(content)["error"]
        words = clean(str(error.get("message") or ""))[:300]
        details = [d.get("reason") for d in error.get("details") or () if isinstance(d, Mapping)]
        reasons = [e.get("reason") for e in error.get("errors") or () if isinstance(e, Mapping)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "", ""
    told = [str(reason) for reason in (*details, *reasons) if reason]
    known = [reason for reason in told if reason in _BAD_KEY_DETAILS]
    return (known or told[-1:] or [""])[0], words
