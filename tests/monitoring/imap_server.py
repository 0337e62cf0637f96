"""A small IMAP server on this machine, with TLS, letters of ours, and faults on request."""

import atexit
import base64
import re
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitoring.connectors.mailbox.way import Way

HOST = "mail.vr.example"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass
class Letter:
    """A letter in the folder; `arrived` as IMAP writes it."""

    content: bytes
    arrived: datetime
    uid: int = 0

    @property
    def date(self) -> str:
        at = self.arrived
        return f"{at.day:02d}-{_MONTHS[at.month - 1]}-{at.year} {at:%H:%M:%S} +0000"


@dataclass
class MailServer:
    """What the server holds. `faults`: what it says to a command instead (None = it hangs up)."""

    letters: list[Letter] = field(default_factory=list)
    user: str = "meldingen"
    password: str = "geheim-van-de-post"
    validity: int = 1
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    faults: dict[str, bytes | None] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    starts_in_plain: bool = False

    def add(self, content: bytes, arrived: datetime) -> None:
        """Deliver a letter."""
        self.letters.append(Letter(content, arrived, len(self.letters) + 1))

    def number_anew(self) -> None:
        """Give every letter another number, as a server does after a repair."""
        self.validity += 1
        for letter in self.letters:
            letter.uid += 1000

    def answer(self, line: str) -> list[bytes]:
        """What the server says to one command, without its tag."""
        command = line.split(" ", 2)[1].upper()
        name = f"UID {line.split()[2].upper()}" if command == "UID" else command
        if name in self.faults:
            fault = self.faults[name]
            if fault is None:
                raise ConnectionError
            return [fault]
        found: dict[str, Callable[[str], list[bytes]]] = {
            "CAPABILITY": lambda _: [f"* CAPABILITY {self.capabilities}\r\n".encode(), b"OK done\r\n"],
            "LOGIN": self._login,
            "EXAMINE": self._examine,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "LOGOUT": lambda _: [b"* BYE\r\n", b"OK done\r\n"],
        }
        return found[name](line) if name in found else [b"BAD unknown\r\n"]

    def _login(self, line: str) -> list[bytes]:
        is_right = line.endswith(f'LOGIN "{self.user}" "{self.password}"')
        return [b"OK in\r\n" if is_right else b"NO [AUTHENTICATIONFAILED] wrong\r\n"]

    def _examine(self, line: str) -> list[bytes]:
        if not line.endswith(' "INBOX"'):
            return [b"NO no such folder\r\n"]
        newest = max((letter.uid for letter in self.letters), default=0) + 1
        told = [f"{len(self.letters)} EXISTS", f"OK [UIDVALIDITY {self.validity}]", f"OK [UIDNEXT {newest}]"]
        return [*(f"* {line}\r\n".encode() for line in told), b"OK [READ-ONLY] done\r\n"]

    def _search(self, line: str) -> list[bytes]:
        if window := re.search(r"UID (\d+):(\d+)$", line):
            low, high = int(window[1]), int(window[2])
            found = [letter for letter in self.letters if low <= letter.uid <= high]
        else:
            day, month, year = line.rpartition(" ")[2].split("-")
            since = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
            found = [letter for letter in self.letters if letter.arrived >= since]
        numbers = " ".join(str(letter.uid) for letter in reversed(found))
        return [f"* SEARCH {numbers}\r\n".encode(), b"OK done\r\n"]

    def _fetch(self, line: str) -> list[bytes]:
        wanted = {int(uid) for uid in line.split()[3].split(",")}
        limit = int(re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", line)[1])  # type: ignore[index]
        answers = []
        for letter in (letter for letter in self.letters if letter.uid in wanted):
            part = letter.content[:limit]
            told = f'UID {letter.uid} RFC822.SIZE {len(letter.content)} INTERNALDATE "{letter.date}"'
            head = f"* 1 FETCH ({told} BODY[]<0> {{{len(part)}}}\r\n"
            answers.append(head.encode() + part + b")\r\n")
        return [*answers, b"OK done\r\n"]


class _Conversation(socketserver.BaseRequestHandler):
    """One client: lines in, answers out."""

    server: "_Listener"

    def handle(self) -> None:
        mail = self.server.mail
        try:
            if not mail.starts_in_plain:
                self._wrap()
            self.request.sendall(mail.faults.get("greeting") or b"* OK ready\r\n")
            for line in self._lines():
                self._say(mail, line)
        except (OSError, ConnectionError):
            pass
        finally:
            self.request.close()

    def _wrap(self) -> None:
        assert self.server.mail.tls is not None
        self.request = self.server.mail.tls.wrap_socket(self.request, server_side=True)

    def _lines(self) -> Iterator[str]:
        buffer = b""
        while chunk := self.request.recv(4096):
            buffer += chunk
            while b"\r\n" in buffer:
                line, _, buffer = buffer.partition(b"\r\n")
                yield line.decode()

    def _say(self, mail: MailServer, line: str) -> None:
        mail.said.append(line)
        tag, _, rest = line.partition(" ")
        if rest.upper().startswith("STARTTLS"):
            self.request.sendall(f"{tag} OK go\r\n".encode())
            self._wrap()
            return
        if rest.upper().startswith("AUTHENTICATE"):
            self._authenticate(mail, tag)
            return
        *told, last = mail.answer(line)
        self.request.sendall(b"".join(told) + (f"{tag} ".encode() + last if last else b""))

    def _authenticate(self, mail: MailServer, tag: str) -> None:
        if "AUTHENTICATE" in mail.faults:
            self.request.sendall(f"{tag} ".encode() + (mail.faults["AUTHENTICATE"] or b""))
            return
        self.request.sendall(b"+ \r\n")
        given = base64.b64decode(next(self._lines())).decode()
        is_right = given == f"\0{mail.user}\0{mail.password}"
        self.request.sendall(f"{tag} ".encode() + (b"OK in\r\n" if is_right else b"NO wrong\r\n"))


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, mail: MailServer) -> None:
        self.mail = mail
        super().__init__(("127.0.0.1", 0), _Conversation)


@contextmanager
def running(mail: MailServer) -> Iterator[MailServer]:
    """The server, listening on this machine."""
    with _Listener(mail) as listener:
        mail.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield mail
        finally:
            listener.shutdown()
            thread.join()


@cache
def standing_example(arrived: datetime) -> tuple[MailServer, Path]:
    """A server with 150 letters for as long as the tests run, and its certificate."""
    place = tempfile.TemporaryDirectory(prefix="weerwoord-mail-")
    atexit.register(place.cleanup)
    certificate, tls = make_certificate(Path(place.name))
    mail = MailServer(tls=tls)
    for n in range(150):
        content = f"From: k@bewoner.example\r\nMessage-ID: <{n}@bewoner.example>\r\n\r\nBrand {n}"
        mail.add(content.encode(), arrived - timedelta(minutes=200 - n))
    visit = ExitStack()
    atexit.register(visit.close)
    return visit.enter_context(running(mail)), certificate


def way_to(
    mail: MailServer, certificate: Path, *, addresses: Sequence[str] = ("10.0.0.25",), trusted: bool = True
) -> Way:
    """The way to the server, as if it stood at these addresses."""
    context = ssl.create_default_context(cafile=str(certificate)) if trusted else ssl.create_default_context()
    return Way(
        addresses=lambda host, port: addresses,
        connect=lambda address, port, timeout_s: socket.create_connection(
            ("127.0.0.1", mail.port), timeout_s
        ),
        trusted=lambda: context,
    )


def make_certificate(place: Path, host: str = HOST) -> tuple[Path, ssl.SSLContext]:
    """A certificate for `host` that nobody knows, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = place / "certificate.pem", place / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, private)
    return certificate, server_side
