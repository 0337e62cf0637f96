"""One guarded connection and one bounded body: what `fetch` is built on.

A name is resolved once, every address it has must be public, and the connection goes to exactly the
address that was checked. No read outlives the deadline, no body outgrows its limit.
"""

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore

from monitoring import border
from monitoring.addresses import is_public

_CHUNK = 65_536


class FetchRefused(Exception):
    """We do not go to this address: asking again will not help."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host, reason)
        self.host = host
        self.reason = reason

    def __str__(self) -> str:
        return f'The address at "{self.host}" is not fetched: {self.reason}.'


class FetchFailed(Exception):
    """We went, and got no usable answer: another time it may work."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host, reason)
        self.host = host
        self.reason = reason

    def __str__(self) -> str:
        return f'"{self.host}" gave no usable answer: {self.reason}.'


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one fetch may cost; `max_bytes` counts before and after decompression."""

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    max_bytes: int = 5_000_000
    max_redirects: int = 5


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses of a name by the resolver of this machine. Raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def open_stream(address: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
    """A connection to an address in numbers."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout_s)


@dataclass(frozen=True, slots=True)
class Network:
    """The way out. Tests bring their own; `allow_private` lifts the guard on addresses and ports."""

    addresses: Callable[[str, int], Sequence[str]] = system_addresses
    connect: Callable[[str, int, float], httpcore.NetworkStream] = open_stream
    allow_private: bool = False


@cache
def tls_context() -> SSLContext:
    """The certificates we trust: read once, it takes longer than many a fetch."""
    return httpcore.default_ssl_context()


class Guarded(httpcore.NetworkBackend):
    """Connects only to public addresses, and lets nothing outlive the deadline."""

    def __init__(self, network: Network, limits: Limits, deadline: float) -> None:
        self._network = network
        self._limits = limits
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check every address, connect to the first that answers."""
        if border.stops("fetch", host):
            raise FetchRefused(host, "this is an exercise, and nothing leaves it")
        try:
            addresses = self._network.addresses(host, port)
        except (OSError, UnicodeError):
            raise FetchFailed(host, "its name is not known (DNS)") from None
        if not self._network.allow_private and not all(is_public(address) for address in addresses):
            raise FetchRefused(host, "it is not on the public internet")
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                seconds = min(self._limits.connect_s, _left(self._deadline))
                return _Timed(self._network.connect(address, port, seconds), self._limits, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Timed(httpcore.NetworkStream):
    """A connection on which no read waits longer than the deadline allows."""

    def __init__(self, stream: httpcore.NetworkStream, limits: Limits, deadline: float) -> None:
        self._stream = stream
        self._limits = limits
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(self._limits.read_s, _left(self._deadline)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(self._limits.read_s, _left(self._deadline)))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = min(self._limits.connect_s, _left(self._deadline))
        return _Timed(
            self._stream.start_tls(ssl_context, server_hostname, seconds), self._limits, self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds until the deadline."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("deadline")
    return seconds


class TooLarge(Exception):
    """More bytes than allowed."""


class Truncated(Exception):
    """The compressed answer stops before its end."""


def bounded_body(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """The whole body, decompressed, never holding more than `max_bytes`."""
    body = bytearray()
    plain = encoding.strip().lower() in ("", "identity")
    for chunk in _limited(chunks, max_bytes) if plain else _gunzipped(_limited(chunks, max_bytes), max_bytes):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge
    return bytes(body)


def _limited(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """The chunks as long as they stay within the limit together."""
    n_bytes = 0
    for chunk in chunks:
        n_bytes += len(chunk)
        if n_bytes > max_bytes:
            raise TooLarge
        yield chunk


def _gunzipped(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Gzip or deflate undone piece by piece: a bomb is stopped while it goes off."""
    reader = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: finds out whether it is gzip or zlib
    is_empty = True
    for chunk in chunks:
        rest, is_empty = chunk, is_empty and not chunk
        while rest and not reader.eof:
            yield reader.decompress(rest, _CHUNK)
            rest = reader.unconsumed_tail
    if not reader.eof and not is_empty:  # an answer without a body may name an encoding all the same
        raise Truncated
