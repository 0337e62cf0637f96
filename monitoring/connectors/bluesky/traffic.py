"""The wire to Bluesky under atproto: limits on time and size, answers by their status and their error.

atproto reads a body before anybody can look at it, and one entry that it does not expect breaks the
whole page. So the connector looks at the answers here, and reads their JSON by itself.
"""

import json
import logging
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from monitoring.connectors.base import Quota
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, SourceError, Unavailable
from monitoring.connectors.plain import clean
from monitoring.connectors.waiting import answered_at, resume_at
from monitoring.fetch import INTERNET, FetchFailed, FetchRefused, Limits, Network
from monitoring.wire import Guarded, tls_context

# Both write headers, the keys among them, to their log at level DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

TIME_OUT = httpx.Timeout(20.0, connect=5.0)
MAX_BODY = 16 * 1024 * 1024
MAX_BODY_S = 30.0
SESSION_OVER = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
_NOT_SERVED = frozenset({"MethodNotImplemented", "XRPCNotSupported"})
_RESET_HEADERS = ("ratelimit-reset", "retry-after")


class PublicTransport(httpx.BaseTransport):
    """The way to a server that somebody named in the settings: https and public addresses only.

    Raises FetchRefused for any other, and the errors of httpx.
    """

    def __init__(self, network: Network = INTERNET) -> None:
        # Connections are used again, so each wait has a limit, and the whole of a body (see `Traffic`).
        self._allows_plain = network.allow_private
        backend = Guarded(network, Limits(read_s=20.0), math.inf)
        self._pool = httpcore.ConnectionPool(ssl_context=tls_context(), network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme != "https" and not self._allows_plain:
            raise FetchRefused(request.url.host, "its address does not start with https://")
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = self._pool.handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The bytes of an answer as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Trouble on the way, as the error of httpx that atproto expects."""
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, FetchFailed) as error:
        raise httpx.ConnectError("it could not be reached") from error
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise httpx.ReadTimeout("it took too long") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise httpx.ReadError("its answer is broken or cut off") from error


class Traffic(httpx.BaseTransport):
    """Passes requests on and remembers the last answer; `n_requests` counts them."""

    def __init__(self, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or PublicTransport()
        self._owns_inner = inner is None
        self.last: httpx.Response | None = None
        self.n_requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.last = None
        self.n_requests += 1
        answer = self._inner.handle_request(request)
        try:
            body = _bounded(answer)
        finally:
            answer.close()
        # The body is decoded here, within its limits: what goes on is plain. And nobody sends us on: a
        # sign-in would take the password along.
        headers = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_WIRE]
        self.last = httpx.Response(answer.status_code, headers=headers, content=body, request=request)
        return self.last

    def close(self) -> None:
        if self._owns_inner:
            self._inner.close()

    @property
    def status(self) -> int:
        """The status of the last answer; 0 when there was none."""
        return self.last.status_code if self.last is not None else 0

    def body(self) -> Any:
        """The JSON of the last answer, None when there is none."""
        try:
            return json.loads(self.last.content) if self.last is not None else None
        except (ValueError, RecursionError):
            return None

    def told(self) -> tuple[str, str]:
        """The name of the error in the last answer and its sentence; "" where there is none."""
        body = self.body()
        told = body if isinstance(body, dict) else {}
        name, message = told.get("error"), told.get("message")
        return (
            clean(name)[:100] if isinstance(name, str) else "",
            clean(message)[:300] if isinstance(message, str) else "",
        )

    @property
    def is_session_over(self) -> bool:
        """Whether the last request was not granted because the sign-in is no longer good."""
        is_named = self.status == 400 and self.told()[0] in SESSION_OVER and not self.is_without_chat
        return self.status == 401 or is_named

    @property
    def is_without_chat(self) -> bool:
        """Whether the sign-in is good, but not for direct messages."""
        return self.status == 400 and "Bad token method" in self.told()[1]

    def error(self, *, now: datetime | None) -> SourceError:
        """The source error that the last answer, or the lack of one, stands for.

        Without `now` (in sending, which has none) the moment of the answer is what its own header says.
        """
        if self.last is None:
            return Unavailable("Bluesky could not be reached in time")
        name, message = self.told()
        says = f"Bluesky answers {self.status}: {message or name or 'without a reason'}"
        if self.status == 429:
            date = self.last.headers.get("date", "")
            return RateLimited(_resume(self.last.headers, now=now or answered_at(date)))
        if self.is_session_over or (self.status == 403 and name):
            return CredentialRefused(says)
        if 300 <= self.status < 400:
            return Refused("its service sends us on to another address; use that one")
        if name in _NOT_SERVED:
            return Refused(f"its service does not know what we ask ({says})")
        if self.status == 400 and name:
            return Refused(says)
        return Unavailable(f"Bluesky answers {self.status} with nothing that can be read")

    def quota(self) -> Quota | None:
        """What the last answer said is left; None when it did not say."""
        if self.last is None:
            return None
        try:
            remaining = int(self.last.headers["ratelimit-remaining"])
            limit = int(self.last.headers["ratelimit-limit"])
            resets_at = datetime.fromtimestamp(int(self.last.headers["ratelimit-reset"]), UTC)
        except (KeyError, ValueError, OverflowError, OSError):
            return None
        return Quota(max(remaining, 0), max(limit, 0), resets_at)


_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding", "location"})


def _bounded(answer: httpx.Response) -> bytes:
    """The decoded body. Raises httpx.ReadTimeout or httpx.DecodingError for one beyond all limits."""
    parts, size, deadline = [], 0, time.monotonic() + MAX_BODY_S
    for part in answer.iter_bytes():
        size += len(part)
        if size > MAX_BODY:
            raise httpx.DecodingError("the answer is too large")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer takes too long")
        parts.append(part)
    return b"".join(parts)


def _resume(headers: Mapping[str, str], *, now: datetime | None) -> datetime | None:
    if now is None:
        return None
    values = (headers.get(name, "") for name in _RESET_HEADERS)
    return resume_at([value for value in values if value], now=now)
