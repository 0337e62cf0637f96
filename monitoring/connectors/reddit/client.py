"""praw for one source, with every outcome turned into an answer or a source error."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from monitoring.connectors.base import Quota, Reply, SourceConfig
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
)
from monitoring.connectors.lists import Answer, Closed
from monitoring.connectors.plain import clean
from monitoring.connectors.shape import WRONG_SHAPE
from monitoring.connectors.waiting import resume_at

USER_SECRETS = ("username", "password", "refresh_token")


class RedditClient:
    """The calls that the connector makes. Signs in anew for every poll; never waits in the worker."""

    def __init__(
        self, source: SourceConfig, transport: BaseAdapter | None, kept: Mapping[str, Any] | None = None
    ) -> None:
        from monitoring.connectors.reddit import traffic

        secrets = {name: str(value) for name, value in source.secrets.items() if value}
        if not (secrets.get("client_id") and secrets.get("client_secret")):
            raise Refused("its client id and secret are not set")
        self.kept: dict[str, Any] = dict(kept or {})
        self.username = secrets.get("username", "")
        used = ("client_id", "client_secret", *USER_SECRETS)
        keys = {name: secrets[name] for name in used if name in secrets}
        if "refresh_token" in keys:  # it says who we are by itself
            keys = {name: key for name, key in keys.items() if name not in ("username", "password")}
        agent = f"server:weerwoord:0.2 (by /u/{self.username or 'unknown'})"
        self._traffic = traffic
        self._limits: dict[str, str] = {}
        self._reddit = traffic.connected(transport, self._limits, user_agent=agent, **keys)

    def fetch(self, path: str, params: Mapping[str, str], *, now: datetime) -> Answer:
        """A page of a list; a subreddit that does not let us in closes only its own lists."""
        try:
            body = self._ask("GET", path, params=params)
        except self._traffic.Denied as denied:
            status, words = denied.response.status_code, _told(denied)
            if path.startswith("r/") and status in (301, 302, 403, 404) and words:
                raise Closed(f"{path}: Reddit answers {status}: {words}") from None
            raise self._error(denied, now=now) from None
        if path == "search":
            self.kept |= {"search": int(self.kept.get("search", 0)) + 1}
        entries, after = _listing(body)
        going_on = {"after": after} if after else {}
        return Answer(entries, going_on, self._quota(now=now))

    def info(self, ids: Sequence[str], *, now: datetime) -> list[Any]:
        """At most 100 posts and comments by their full names."""
        return _listing(self.get("api/info", {"id": ",".join(ids)}, now=now))[0]

    def get(self, path: str, params: Mapping[str, str], *, now: datetime | None) -> Any:
        """One answer, whatever its shape. Raises the source errors."""
        try:
            return self._ask("GET", path, params=params)
        except self._traffic.Denied as denied:
            raise self._error(denied, now=now) from None

    def comment(self, reply: Reply) -> Mapping[str, Any]:
        """Answer once. Raises PublishFailed, PublishUnknown, or a source error."""
        return self._send("api/comment", {"thing_id": reply.parent_id, "text": reply.text})

    def message(self, person: str, subject: str, text: str) -> None:
        """Send a private message once. Raises what `comment` raises."""
        self._send("api/compose", {"to": person, "subject": subject, "text": text})

    def _send(self, path: str, what: Mapping[str, str]) -> Mapping[str, Any]:
        """What Reddit says of something that was sent."""
        form = {**what, "api_type": "json"}
        self.get("api/v1/me", {}, now=None)  # signs in: what fails after it is about the answer itself
        try:
            body = self._ask("POST", path, data=form)
        except self._traffic.Denied as denied:
            error = self._error(denied, now=None)
            if isinstance(error, Unavailable):
                raise PublishUnknown(error.reason) from None
            if type(error) is Refused:
                raise PublishFailed(error.reason) from None
            raise error from None
        except _Dark as dark:
            raise PublishUnknown(dark.reason) from None
        return _sent(body)

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        """The JSON of one answer; what praw raises, except for a refusal, as a source error."""
        try:
            return self._reddit.request(method=method, path=path, **what)
        except self._traffic.Unanswered as unanswered:
            error = Unavailable if unanswered.is_sure else _Dark
            raise error("Reddit could not be reached in time") from None
        except self._traffic.SIGN_IN_FAILURES as failure:
            words = clean(str(getattr(failure, "error", "") or "the sign-in is not accepted"))
            raise CredentialRefused(f"Reddit answers: {words[:200]}") from None
        except (*self._traffic.FAILURES, *WRONG_SHAPE) as failure:
            kind = type(failure).__name__
            raise _Dark(f"Reddit answers with nothing that can be read ({kind})") from None

    def _error(self, denied: Any, *, now: datetime | None) -> SourceError:
        """The source error that a refusal stands for."""
        response, words = denied.response, _told(denied)
        status = response.status_code
        if status == 429:
            values = [response.headers.get(name, "") for name in ("retry-after", "x-ratelimit-reset")]
            return RateLimited(resume_at([value for value in values if value], now=now) if now else None)
        if status == 401 or (status == 400 and words == "invalid_grant"):
            return CredentialRefused(f"Reddit answers {status}: {words or 'the keys are not accepted'}")
        if status in (400, 403, 404, 409, 413, 414) and words:
            return Refused(f"Reddit answers {status}: {words}")
        return Unavailable(f"Reddit answers {status} with nothing that can be read")

    def _quota(self, *, now: datetime) -> Quota | None:
        """What Reddit said is left, in requests."""
        try:
            left, used, reset = (float(self._limits[name]) for name in self._traffic.LIMIT_HEADERS)
            resets_at = now + timedelta(seconds=min(max(reset, 0), 86_400))
            return Quota(max(int(left), 0), max(int(left + used), 0), resets_at)
        except (KeyError, ValueError, OverflowError):
            return None


class _Dark(Unavailable):
    """No answer, and what was sent may have arrived."""


def _listing(body: Any) -> tuple[list[Any], str]:
    """The entries of a listing, and the full name after which the next page begins."""
    data = body.get("data") if isinstance(body, Mapping) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(children, list):
        raise Unavailable("Reddit answers without a list")
    after = data.get("after")
    return children, clean(after) if isinstance(after, str) and len(after) < 30 else ""


def _told(denied: Any) -> str:
    """Why Reddit refused, in its own words; "" where it is no JSON (a page of a gateway)."""
    try:
        body = denied.response.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, Mapping):
        return ""
    words = (body.get("reason"), body.get("message"), body.get("error"))
    return clean(str(next(filter(None, words), "")))[:200]


def _sent(body: Any) -> Mapping[str, Any]:
    """Our comment in the answer to sending it."""
    told = body.get("json") if isinstance(body, Mapping) else None
    if not isinstance(told, Mapping):
        raise PublishUnknown("an answer that cannot be read")
    errors = told.get("errors") or []
    if not isinstance(errors, list) or not all(isinstance(error, list) for error in errors):
        raise PublishUnknown("an answer that cannot be read")
    for error in errors:
        name, words = (str(part) for part in [*error, "", ""][:2])
        if name == "RATELIMIT":
            raise RateLimited(None)
        raise PublishFailed(f"Reddit answers: {clean(words or name)[:200]}")
    try:
        sent = told["data"]["things"][0]["data"]
        return sent if isinstance(sent, Mapping) else {}
    except (KeyError, IndexError, TypeError):
        return {}
