"""The one outgoing HTTP function for addresses that people or posts gave.

Such an address is not to be trusted: it may point into our own network, never answer, or answer
without end. So: http and https only, on ports 80, 443, 8080 and 8443; the name is resolved once, every
address it has must be public, and the connection goes to exactly the address that was checked; the same
again after each redirect; limits on time and on size, also after decompression. No cookies, no
credentials, no proxy from the environment. Slow DNS is limited by the resolver of the machine.
"""

import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from monitoring.wire import (
    FetchFailed,
    FetchRefused,
    Guarded,
    Limits,
    Network,
    TooLarge,
    Truncated,
    bounded_body,
    tls_context,
)

__all__ = ["INTERNET", "FetchFailed", "FetchRefused", "Fetched", "Limits", "Network", "get", "post"]

USER_AGENT = "Weerwoord/0.1 (+social-media monitoring)"
PORTS = frozenset({80, 443, 8080, 8443})
PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer. `headers` in lower case; `body` decompressed, empty unless the status is 2xx.

    `url` is where the answer came from; `moved_to` is the new address when the platform said, by 301
    or 308, that the old one is out of date ("" = it did not).
    """

    status: int
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""


DEFAULT_LIMITS = Limits()
INTERNET = Network()


def get(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    limits: Limits = DEFAULT_LIMITS,
    network: Network = INTERNET,
) -> Fetched:
    """Fetch `url`, with the validators of the last answer if there are any (then 304 is possible).

    Raises FetchRefused for an address we do not go to, FetchFailed when no usable answer came within
    the limits. Any HTTP status is an answer.
    """
    deadline = time.monotonic() + limits.total_s
    conditions = {"If-None-Match": _header_text(etag), "If-Modified-Since": _header_text(last_modified)}
    headers = _headers({name: value for name, value in conditions.items() if value})
    here, moved_to, only_permanent = url.strip(), "", True
    for _ in range(limits.max_redirects + 1):
        target = _target(here, network)
        answer = _ask(target, headers, Guarded(network, limits, deadline), limits)
        if answer.status not in REDIRECTS or not answer.headers.get("location"):
            return _fetched(answer, here, moved_to)
        here = urljoin(here, answer.headers["location"].strip()).partition("#")[0]
        only_permanent = only_permanent and answer.status in PERMANENT
        moved_to = here if only_permanent else moved_to
    raise FetchFailed(_host(url), f"it sent us on more than {limits.max_redirects} times")


def post(
    url: str,
    body: bytes,
    *,
    headers: dict[str, str],
    limits: Limits = DEFAULT_LIMITS,
    network: Network = INTERNET,
) -> Fetched:
    """Send `body` to an address that somebody gave; never sent on to another one.

    Raises as `get` does.
    """
    guarded = Guarded(network, limits, time.monotonic() + limits.total_s)
    lengths = {"Content-Length": str(len(body))}
    answer = _ask(_target(url, network), _headers(headers | lengths), guarded, limits, body=body)
    return _fetched(answer, url, "")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One response, before redirects are followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _target(url: str, network: Network) -> httpcore.URL:
    """The parts of an address we are willing to go to."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchRefused(_host(url), "its address has characters that do not belong there")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        raise FetchRefused(_host(url), "its address is not well formed") from None
    if scheme not in _DEFAULT_PORTS:
        raise FetchRefused(host, "its address does not start with https:// or http://")
    if "@" in parts.netloc:
        raise FetchRefused(host, "its address holds a name or password")
    port = port if port is not None else _DEFAULT_PORTS[scheme]
    if port not in PORTS and not network.allow_private:
        raise FetchRefused(host, f"port {port} is not one of {', '.join(map(str, sorted(PORTS)))}")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|") if parts.query else ""
    return httpcore.URL(scheme=scheme, host=host, port=port, target=path + query)


def _ascii_host(host: str) -> str:
    """The host as DNS knows it. Raises ValueError for what cannot be a host."""
    name = host.rstrip(".")
    if ":" not in name:
        name = name.encode("idna").decode("ascii").lower()  # UnicodeError is a ValueError
    if not re.fullmatch(r"[0-9a-z._-]+|[0-9a-f:.]+", name):
        raise ValueError(host)
    return name


def _host(url: str) -> str:
    """The host for a message: never the whole address, which may hold a secret."""
    match = re.match(r"[^/]*//(?:[^/?#]*@)?([^/?#]*)", url)
    return ascii(match[1] if match else "")[1:-1][:100]


def _header_text(text: str) -> str:
    """A validator we may send back: a server decides what is in it."""
    return "" if re.search(r"[^\x20-\x7e]", text) else text[:1000]


def _headers(extra: dict[str, str]) -> list[tuple[bytes, bytes]]:
    fixed = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    return [(name.encode(), value.encode()) for name, value in (fixed | extra).items()]


def _ask(
    target: httpcore.URL,
    headers: list[tuple[bytes, bytes]],
    guarded: Guarded,
    limits: Limits,
    *,
    body: bytes | None = None,
) -> _Answer:
    """One request, a POST when there is a body. Raises FetchFailed for all that can go wrong on the way."""
    host = target.host.decode()
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls_context(), network_backend=guarded) as pool,
            pool.stream("GET" if body is None else "POST", target, headers=headers, content=body) as response,
        ):
            found = {name.decode("latin-1").lower(): _decoded(value) for name, value in response.headers}
            content = b""
            if 200 <= response.status < 300:
                chunks = response.iter_stream()
                content = bounded_body(chunks, found.get("content-encoding", ""), limits.max_bytes)
    except TooLarge:
        raise FetchFailed(host, f"it is larger than {limits.max_bytes} bytes") from None
    except (httpcore.TimeoutException, TimeoutError):
        raise FetchFailed(host, "it took too long") from None
    except (httpcore.NetworkError, OSError):
        raise FetchFailed(host, "it could not be reached or broke off (connection or TLS)") from None
    except (httpcore.ProtocolError, zlib.error, Truncated):
        raise FetchFailed(host, "its answer is broken or cut off") from None
    return _Answer(response.status, found, content)


def _decoded(value: bytes) -> str:
    """A header as text: UTF-8 where it is, else byte by byte."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _fetched(answer: _Answer, url: str, moved_to: str) -> Fetched:
    return Fetched(
        status=answer.status,
        url=url,
        body=answer.body,
        headers=answer.headers,
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
        moved_to=moved_to if answer.status < 400 else "",
    )
