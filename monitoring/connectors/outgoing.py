"""A way out for platform libraries built on requests, when a person typed in the host.

As guarded as `monitoring.fetch`: public addresses only, one look-up of the name, limits on time and size.
"""

import io
import time
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore
import requests
from requests.adapters import BaseAdapter

from monitoring.fetch import INTERNET, FetchFailed, FetchRefused, Limits, Network
from monitoring.wire import Guarded, TooLarge, Truncated, bounded_body, tls_context

_SKIPPED = frozenset({"accept-encoding", "connection", "content-length", "host"})  # ours to say


class GuardedAdapter(BaseAdapter):
    """Sends one request over one connection of its own.

    Raises FetchRefused for a host we do not go to, FetchFailed when it could not be reached, and what
    requests itself raises when an answer did not come or is broken.
    """

    def __init__(self, network: Network = INTERNET, limits: Limits | None = None) -> None:
        super().__init__()
        self._network = network
        self._limits = limits or Limits(total_s=20.0)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = str(request.url)
        if urlsplit(url).scheme != "https" and not self._network.allow_private:
            raise FetchRefused(urlsplit(url).hostname or "", "its address does not start with https://")
        deadline = time.monotonic() + self._limits.total_s
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = [(n, v) for n, v in _plain(request).items() if n.lower() not in _SKIPPED]
        fixed = [("Host", urlsplit(url).netloc), ("Accept-Encoding", "gzip"), ("Connection", "close")]
        if content:
            fixed.append(("Content-Length", str(len(content))))
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=tls_context(), network_backend=Guarded(self._network, self._limits, deadline)
                ) as pool,
                pool.stream(str(request.method), url, headers=fixed + headers, content=content) as answer,
            ):
                return self._response(request, answer)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise FetchFailed(urlsplit(url).hostname or "", "it could not be reached") from None
        except (httpcore.TimeoutException, TimeoutError):
            raise requests.exceptions.ReadTimeout("it took too long") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, zlib.error, TooLarge, Truncated):
            raise requests.exceptions.ConnectionError("its answer is broken or cut off") from None

    def close(self) -> None:
        """Nothing stays open."""

    def _response(self, request: requests.PreparedRequest, answer: httpcore.Response) -> requests.Response:
        """The whole answer, within the limit of size."""
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status, request, str(request.url)
        response.headers.update({n.decode("latin-1"): v.decode("latin-1") for n, v in answer.headers})
        encoding = response.headers.pop("content-encoding", "")
        response.raw = io.BytesIO(bounded_body(answer.iter_stream(), encoding, self._limits.max_bytes))
        response.encoding = "utf-8"
        return response


def _plain(request: requests.PreparedRequest) -> dict[str, str]:
    """The headers as texts: requests keeps some as bytes."""
    headers: Mapping[str, str | bytes] = request.headers
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in headers.items()
    }
