"""The wire to a Mastodon server under Mastodon.py: remembers the last answer and what it stands for.

The library casts answers to classes of its own, which fails on a field it does not expect; so the
connector reads the JSON that came over the wire.
"""

from datetime import UTC, datetime
from typing import Any

import requests
from requests.adapters import BaseAdapter

from monitoring.connectors.base import Quota
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, SourceError, Unavailable
from monitoring.connectors.plain import clean, plain_text
from monitoring.connectors.waiting import answered_at, resume_at
from monitoring.fetch import FetchFailed, FetchRefused

_REDIRECTS = range(300, 400)


class MastodonTraffic(BaseAdapter):
    """Passes requests on, and remembers the last answer or why there was none."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self.inner = inner
        self.last: requests.Response | None = None
        self.failure: Exception | None = None
        self.n_requests = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.last = self.failure = None
        self.n_requests += 1
        try:
            self.last = self.inner.send(request, *args, **options)
        except Exception as failure:
            self.failure = failure
            raise
        return self.last

    def close(self) -> None:
        self.inner.close()

    @property
    def status(self) -> int:
        """The status of the last answer; 0 when there was none."""
        return self.last.status_code if self.last is not None else 0

    @property
    def is_unsent(self) -> bool:
        """Whether the last request certainly never reached the server."""
        return isinstance(self.failure, FetchFailed | FetchRefused | requests.exceptions.ConnectTimeout)

    def body(self) -> Any:
        """The JSON of the last answer, None when there is none."""
        try:
            return self.last.json() if self.last is not None else None
        except (ValueError, RecursionError, requests.RequestException):
            return None

    def reason(self) -> str:
        """Why the last request was not granted, in the words of the server."""
        body = self.body()
        told = body.get("error_description") or body.get("error") if isinstance(body, dict) else ""
        return clean(plain_text(str(told or f"status {self.status}")))[:300]

    def quota(self) -> Quota | None:
        """What is left of the requests, as the last answer says."""
        headers = self.last.headers if self.last is not None else {}
        try:
            remaining, limit = (
                int(headers["x-ratelimit-remaining"]),
                int(headers["x-ratelimit-limit"]),
            )
        except (KeyError, ValueError):
            return None
        return Quota(max(remaining, 0), max(limit, 0), _reset(headers.get("x-ratelimit-reset", "")))

    def error(self, *, now: datetime | None) -> SourceError:
        """The source error that the last answer, or the lack of one, stands for.

        Without `now` (in sending, which has none) the moment of the answer is what its own header says.
        """
        if isinstance(self.failure, FetchRefused):
            return Refused(self.failure.reason)
        if self.last is None:
            return Unavailable("the server could not be reached in time")
        status = self.status
        if status == 429 or (status == 503 and "retry-after" in self.last.headers):
            return self._limited(now or answered_at(self.last.headers.get("date", "")))
        if status in (401, 403):
            return CredentialRefused(f"the server answers {status}: {self.reason()}")
        if status == 422:
            return Refused(f"the server answers 422: {self.reason()}")
        if status in _REDIRECTS:
            return Refused("the server sends us on to another address; use that one")
        return Unavailable(f"the server answers {status} with nothing that can be read")

    def _limited(self, now: datetime | None) -> RateLimited:
        headers = self.last.headers if self.last is not None else {}
        told = [headers.get(name, "") for name in ("x-ratelimit-reset", "retry-after")]
        return RateLimited(resume_at([value for value in told if value], now=now) if now else None)


def _reset(value: str) -> datetime | None:
    """When the limit starts anew: an ISO time, on some servers an epoch."""
    try:
        if value.isascii() and value.isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
