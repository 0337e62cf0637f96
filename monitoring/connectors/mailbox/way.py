"""The way to a mail server: which addresses and ports, and TLS before any password.

A mail server mostly stands in the organisation's own network, so unlike addresses that posts give,
private addresses are allowed. What keeps the setting from becoming a way into the house: only the two
ports of IMAP, never this machine itself nor link-local addresses (where clouds keep their keys), and
nothing is said, nor any answer shown, before TLS with a certificate for the name in the setting.
"""

import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address

from monitoring.connectors.errors import Refused, Unavailable
from monitoring.wire import system_addresses

PORTS = frozenset({143, 993})
MAX_LITERAL = 1024 * 1024  # no answer of ours is longer: we ask for parts
READ_S = 20.0
TOTAL_S = 50.0


def open_socket(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to exactly this address."""
    return socket.create_connection((address, port), timeout_s)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that this machine trusts; SSL_CERT_FILE adds those of an organisation's own."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Way:
    """How mail servers are reached. Tests bring their own."""

    addresses: Callable[[str, int], Sequence[str]] = system_addresses
    connect: Callable[[str, int, float], socket.socket] = open_socket
    trusted: Callable[[], ssl.SSLContext] = field(default=_trusted)

    def open(self, host: str, port: int, *, starttls: bool) -> "Server":
        """A server that speaks TLS with us. Raises Refused for where we do not go, Unavailable else."""
        if port not in PORTS:
            raise Refused(f"port {port} is not one of {', '.join(map(str, sorted(PORTS)))}")
        try:
            addresses = self.addresses(host, port)
        except (OSError, UnicodeError):
            raise Unavailable(f'the name "{host[:100]}" is not known (DNS)') from None
        if not all(map(_may_be_a_server, addresses)):
            raise Refused("its host is this machine itself, or no address of a server")
        try:
            return Server(self, host, port, addresses, starttls=starttls)
        except ssl.SSLCertVerificationError:
            raise Unavailable("its certificate is not trusted, or not for this name") from None
        except ssl.SSLError:
            raise Unavailable("it speaks no TLS that we trust") from None
        except (imaplib.IMAP4.error, OSError):
            raise Unavailable("it could not be reached, or does not speak IMAP") from None


class Server(imaplib.IMAP4):
    """imaplib with limits: on every wait, on the whole of a visit, and on what an answer may hold."""

    def __init__(self, way: Way, host: str, port: int, addresses: Sequence[str], *, starttls: bool) -> None:
        self._way = way
        self._addresses = addresses
        self._wraps = not starttls
        self._deadline = time.monotonic() + TOTAL_S
        super().__init__(host, port, timeout=READ_S)
        if starttls:
            try:
                self.starttls(way.trusted())
            except BaseException:
                self.shutdown()
                raise

    def _create_socket(self, timeout: float | None) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in self._addresses:
            try:
                plain = self._way.connect(address, self.port, READ_S)
            except OSError as error:
                failure = error
                continue
            plain.settimeout(READ_S)
            if not self._wraps:
                return plain
            try:
                return self._way.trusted().wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise
        raise failure

    def read(self, size: int) -> bytes:
        if size > MAX_LITERAL:
            raise self.abort("an answer is too long")
        self._in_time()
        return super().read(size)

    def readline(self) -> bytes:
        self._in_time()
        return super().readline()

    def _in_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimeoutError("the visit takes too long")


def _may_be_a_server(address: str) -> bool:
    """Any address of a machine but this one: neither loopback, link-local, multicast nor unspecified."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)
