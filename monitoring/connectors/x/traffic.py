"""The wire to X under tweepy: a time limit on every request, renamed fields, answers by their status.

tweepy waits without limit, raises errors of other libraries for bodies it does not expect, and knows
one set of field names. So the connector mounts this adapter and reads what it remembers.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from monitoring.connectors.base import Quota
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, SourceError, Unavailable
from monitoring.connectors.plain import clean
from monitoring.connectors.waiting import answered_at, resume_at

TIME_OUT_S = (5.0, 20.0)  # to connect, between two bytes
_RESET_HEADERS = (
    "x-rate-limit-reset",
    "x-app-limit-24hour-reset",
    "x-user-limit-24hour-reset",
    "retry-after",
)
# Between the API descriptions 2.166 and 2.167 fields were renamed, and references became expansions.
_RENAMED = {"note_tweet": "note_post"}
_EXPANDED_NOW = frozenset({"author_id", "referenced_tweets", "in_reply_to_user_id", "edit_history_tweet_ids"})


class XTraffic(BaseAdapter):
    """Passes requests on, with a time limit, and remembers the last answer."""

    def __init__(self, inner: BaseAdapter | None = None, *, new_names: bool = False) -> None:
        super().__init__()
        self.inner = inner or HTTPAdapter()
        self.new_names = new_names
        self.last: requests.Response | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.last = None
        if self.new_names and request.url:
            request.url = _renamed(request.url)
        options["timeout"] = TIME_OUT_S
        self.last = self.inner.send(request, *args, **options)
        return self.last

    def close(self) -> None:
        self.inner.close()

    @property
    def status(self) -> int:
        """The status of the last answer; 0 when there was none."""
        return self.last.status_code if self.last is not None else 0

    def reason(self) -> str:
        """Why the last request was not granted, in the words of X: the most exact ones come first."""
        body = self.body()
        told = body if isinstance(body, dict) else {}
        errors = told.get("errors")
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        words = (first.get("message"), first.get("detail"), told.get("detail"), told.get("title"))
        return clean(str(next(filter(None, words), f"status {self.status}")))[:300]

    def body(self) -> Any:
        """The JSON of the last answer, None when there is none."""
        try:
            return self.last.json() if self.last is not None else None
        except (ValueError, RecursionError, requests.RequestException):
            return None

    def quota(self) -> Quota | None:
        """What is left of the requests of this kind, as the last answer says."""
        headers = self.last.headers if self.last is not None else {}
        try:
            numbers = [int(headers[f"x-rate-limit-{name}"]) for name in ("remaining", "limit", "reset")]
            resets_at = datetime.fromtimestamp(numbers[2], UTC)
        except (KeyError, ValueError, OverflowError, OSError):
            return None
        return Quota(max(numbers[0], 0), max(numbers[1], 0), resets_at)

    def error(self, *, now: datetime | None) -> SourceError:
        """The source error that the last answer, or the lack of one, stands for.

        Without `now` (in sending, which has none) the moment of the answer is what its own header says.
        """
        if self.last is None:
            return Unavailable("X could not be reached in time")
        if self.status == 429 and "usage-capped" not in self.last.text:
            now = now or answered_at(self.last.headers.get("date", ""))
            if now is None:
                return RateLimited(None)
            headers = [self.last.headers.get(name, "") for name in _RESET_HEADERS]
            return RateLimited(resume_at([value for value in headers if value], now=now))
        if self.status in (401, 402, 403, 429):  # 402, and 429 with a used-up cap: no credit left
            return CredentialRefused(f"X answers {self.status}: {self.reason()}")
        if self.status == 400:
            return Refused(f"X answers 400: {self.reason()}")
        return Unavailable(f"X answers {self.status} with nothing that can be read")


def _renamed(url: str) -> str:
    """The same question by the new names."""
    parts = urlsplit(url)
    query = [_renamed_parameter(name, value) for name, value in parse_qsl(parts.query, True)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _renamed_parameter(name: str, value: str) -> tuple[str, str]:
    if name == "tweet.fields":
        return "post.fields", ",".join(
            _RENAMED.get(field, field) for field in value.split(",") if field not in _EXPANDED_NOW
        )
    if name == "dm_event.fields":  # who sent it became an expansion
        return name, ",".join(field for field in value.split(",") if field != "sender_id")
    if name == "expansions" and value != "sender_id":
        fields = [_RENAMED.get(field, field) for field in value.split(",")]
        return name, ",".join([*fields, "referenced_posts", "edit_history_post_ids"])
    return name, value
