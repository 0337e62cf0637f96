"""One visit to a folder of a mail server: sign in, look, fetch, leave. Nothing is ever marked or moved."""

import base64
import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitoring.connectors.base import SourceConfig
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, Unavailable
from monitoring.connectors.mailbox.way import Server, Way

MAX_LETTER = 256 * 1024  # the text comes first; of a longer letter the rest is attachments
_AT_ONCE = 10
_WINDOW = 10_000  # numbers in one search, so that its answer is one line of bounded length
_LATER = re.compile(r"(?i)\[(UNAVAILABLE|INUSE|LIMIT|OVERQUOTA)\]|too many|try again|throttl")
_TOLD = {
    "uid": re.compile(rb"\bUID (\d+)"),
    "size": re.compile(rb"\bRFC822\.SIZE (\d+)"),
    "at": re.compile(rb'\bINTERNALDATE "([^"]*)"'),
}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A letter as the server keeps it, at most MAX_LETTER bytes of it; `at` is when it arrived."""

    uid: int
    size: int
    at: datetime | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Inbox:
    """An open folder. Numbers of letters mean nothing under another `validity`."""

    server: Server
    validity: int
    next_uid: int

    def uids_after(self, uid: int, *, most: int) -> list[int]:
        """The lowest numbers above `uid`, at most `most`."""
        found: list[int] = []
        start = uid + 1
        while len(found) < most and start < self.next_uid:
            end = min(start + _WINDOW, self.next_uid) - 1
            found += sorted(n for n in self._search(f"UID {start}:{end}") if start <= n <= end)
            start = end + 1
        return found[:most]

    def last_before(self, moment: datetime) -> int:
        """The number below which letters arrived before the day of `moment`: where a first look begins."""
        day = f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"
        since = self._search(f"SINCE {day}")
        return min(since) - 1 if since else self.next_uid - 1

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The letters that are still there, without marking them as read."""
        asked = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{MAX_LETTER}>)"
        for start in range(0, len(uids), _AT_ONCE):
            numbers = ",".join(map(str, uids[start : start + _AT_ONCE]))
            yield from _letters(_granted(self.server.uid("FETCH", numbers, asked)))

    def _search(self, asked: str) -> list[int]:
        answer = b" ".join(
            part for part in _granted(self.server.uid("SEARCH", asked)) if isinstance(part, bytes)
        )
        return [int(number) for number in answer.split() if number.isdigit()]


@contextmanager
def opened(source: SourceConfig, way: Way) -> Iterator[Inbox]:
    """The folder of a source, open for reading only; whatever goes wrong inside is a source error."""
    host, port, folder = place_of(source)
    user, password = _keys(source)
    server = way.open(host, port, starttls=port == 143)
    try:
        _sign_in(server, user, password)
        yield _examined(server, folder)
    except (imaplib.IMAP4.error, OSError, UnicodeError) as failure:
        raise Unavailable("the conversation with the mail server broke off") from failure
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def place_of(source: SourceConfig) -> tuple[str, int, str]:
    """Host, port and folder from the settings. Raises Refused for what cannot be one."""
    host = str(source.settings.get("host") or "").strip()
    if not re.fullmatch(r"[\w.-]{1,253}", host):
        raise Refused("its mail server is not set, or not the name of a server")
    port = source.settings.get("port") or 993
    if not str(port).isascii() or not str(port).isdigit():
        raise Refused("its port is not a number")
    folder = str(source.settings.get("folder") or "INBOX").strip()
    if not folder.isprintable() or len(folder) > 200:
        raise Refused("the name of its folder cannot be used")
    return host, int(port), folder


def _keys(source: SourceConfig) -> tuple[str, str]:
    user, password = (str(source.secrets.get(name) or "") for name in ("user", "password"))
    if not user or not password:
        raise CredentialRefused("the name of the mailbox or its password is not set")
    if re.search(r"[\x00-\x1f\x7f]", user + password):
        raise CredentialRefused("the name of the mailbox or its password has characters that cannot be sent")
    return user, password


def _sign_in(server: Server, user: str, password: str) -> None:
    """Sign in. The server's own words are looked at and not repeated: they may hold what we sent."""
    try:
        if "AUTH=PLAIN" in server.capabilities:
            server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            server.login(_quoted(user), password)
    except imaplib.IMAP4.abort:
        raise
    except UnicodeEncodeError as error:
        raise CredentialRefused("this mail server takes only plain letters in a password") from error
    except imaplib.IMAP4.error as refusal:
        if _LATER.search(str(refusal)):
            raise RateLimited(None) from None
        raise CredentialRefused("the mail server does not accept the name or the password") from None


def _examined(server: Server, folder: str) -> Inbox:
    """The folder, opened so that nothing in it can change."""
    answer, _ = server.select(_quoted(_seven_bit(folder)), readonly=True)
    if answer != "OK":
        raise Refused(f'there is no folder "{folder}" in the mailbox')
    validity, next_uid = _number(server, "UIDVALIDITY"), _number(server, "UIDNEXT")
    if not validity or not next_uid:
        raise Unavailable("the mail server does not number its letters")
    return Inbox(server, validity, next_uid)


def _number(server: Server, name: str) -> int:
    _, told = server.response(name)
    value = told[0] if told else None
    return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _granted(answer: tuple[str, list[object]]) -> list[object]:
    status, parts = answer
    if status != "OK":
        raise Unavailable("the mail server did not give what was asked")
    return parts


def _letters(parts: Sequence[object]) -> Iterator[Fetched]:
    """The letters in an answer: a tuple with the content, then what is told after it."""
    for n, part in enumerate(parts):
        if not isinstance(part, tuple):
            continue
        after = parts[n + 1] if n + 1 < len(parts) else b""
        told = part[0] + b" " + (after if isinstance(after, bytes) else b"")
        found = {name: match[1] for name, pattern in _TOLD.items() if (match := pattern.search(told))}
        if "uid" in found:
            yield Fetched(
                int(found["uid"]), int(found.get("size", 0)), _arrived(found.get("at", b"")), part[1]
            )


def _arrived(told: bytes) -> datetime | None:
    """`17-Jul-1996 02:44:25 -0700` in UTC; None for anything else."""
    try:
        return parsedate_to_datetime(told.decode("ascii").strip().replace("-", " ", 2)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _seven_bit(folder: str) -> str:
    """The name of a folder as IMAP writes it (RFC 3501, 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        packed = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{packed}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))


FIRST_LOOK = timedelta(days=7)
