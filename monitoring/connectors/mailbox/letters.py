"""Letters to mentions: whatever charset, date or structure they claim to have. Pure.

Read by the old policy of the standard library: the new one raises on headers that are out there.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from monitoring.connectors import shape
from monitoring.connectors.base import Kind, Mention
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.mailbox.inbox import MAX_LETTER, Fetched
from monitoring.connectors.plain import author, bounded_id, clean, clean_json, digest, plain_text

MAX_TEXT = 20_000
MAX_PARTS = 200
CLOCK_SKEW = timedelta(minutes=5)
UNDER_WAY = timedelta(days=2)  # how long a letter may take before its own date is not believed
_CHARSET = re.compile(
    r"(?i)(utf[-_]?(7|8|16|32)|(us-?)?ascii|iso[-_]?8859[-_]\d+|latin[-_]?\d|windows[-_]12\d\d|cp\d+|koi8[-_]\w"
    r"|gb\w+|big5\w*|euc[-_]\w+|shift[-_]?jis|iso[-_]2022[-_]\w+|mac[-_]?\w+|tis[-_]?620)([-_][bl]e)?"
)
_ID = re.compile(r"<([^<>\s]{1,900})>")
_AUTOMATIC = re.compile(r"(?i)^(auto_reply|auto-reply)$")
_DAEMON = re.compile(r"(?i)^(mailer-daemon|postmaster|double-bounce)@")
BAD = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError, MessageError)


class Automatic(ValueError):
    """A letter that no person wrote to us."""


def entry_of(fetched: Fetched, *, headers_only: bool = False) -> str:
    """A letter as JSON, so that it can be set apart and read again."""
    content = fetched.content[: _end_of_headers(fetched.content)] if headers_only else fetched.content
    at = fetched.at.isoformat() if fetched.at else ""
    mail = base64.b64encode(content).decode("ascii")
    return json.dumps({"uid": fetched.uid, "size": fetched.size, "at": at, "mail": mail})


def from_entry(raw: str, *, now: datetime) -> Mention:
    """The mention in an entry. Raises Unreadable."""
    try:
        told = json.loads(raw)
        at = datetime.fromisoformat(told["at"]) if told["at"] else None
        content = base64.b64decode(told["mail"], validate=True)
        return mention_of(Fetched(int(told["uid"]), int(told["size"]), at, content), now=now)
    except Automatic as automatic:
        raise Unreadable(str(automatic)) from automatic
    except BAD as error:
        raise Unreadable(f"it is no letter ({error!r:.200})") from error


def mention_of(fetched: Fetched, *, now: datetime) -> Mention:
    """One letter. Raises Automatic for answers of machines, ValueError and its like for what is no letter."""
    letter = message_from_bytes(fetched.content)
    if not any(letter.get(name) for name in ("From", "Date", "Subject", "Message-ID")):
        raise shape.Fault("it has no sender, date, subject or number")
    name, address = sender(letter)
    _refuse_automatic(letter, address)
    subject = words(letter.get("Subject"))
    body, attachments = _content(letter)
    parent, root = _above(letter)
    date = str(letter.get("Date") or "")
    return Mention(
        platform="email",
        canonical_id=_identity(letter, address, date, subject, body),
        url="",
        text=f"{subject}\n\n{body}".strip()[:MAX_TEXT],
        posted_at=_posted_at(date, fetched.at, now=now),
        author=author(address, address, name),
        kind=Kind.REPLY if parent else Kind.POST,
        parent_id=parent,
        thread_id=root,
        raw=clean_json(
            {
                "uid": fetched.uid,
                "size": fetched.size,
                "is_cut_off": fetched.size > MAX_LETTER,
                "subject": subject[:1000],
                "to": words(letter.get("To"))[:1000],
                "date": date[:200],
                "attachments": attachments,
            }
        ),
        is_addressed=True,
    )


def words(value: Any) -> str:
    """A header as a reader sees it: decoded, on one line."""
    if value is None:
        return ""
    parts = []
    try:
        decoded = decode_header(value)
    except BAD:
        decoded = [(str(value), None)]
    for part, charset in decoded:
        parts.append(part if isinstance(part, str) else _decoded(part, charset or ""))
    return clean(" ".join("".join(parts).encode("utf-8", "replace").decode().split()))


def sender(letter: Message) -> tuple[str, str]:
    """The name and the address of who says to have written it; "" where there is none."""
    for field in ("From", "Reply-To", "Sender"):
        value = letter.get(field)
        if value is None:
            continue
        # The address is read before decoding: an encoded name may hold a comma or another address.
        shown = value if isinstance(value, str) else words(value)
        for name, address in getaddresses([shown]):
            if "@" in address and not re.search(r"[\s<>]", address):
                return words(name), clean(address).lower()
    return "", ""


def _refuse_automatic(letter: Message, address: str) -> None:
    """Raises Automatic for an out-of-office note, a receipt or a bounce (RFC 3834)."""
    submitted = words(letter.get("Auto-Submitted")).partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        raise Automatic(f"no person wrote it: Auto-Submitted is {submitted[:50]}")
    if letter.get_content_type() == "multipart/report":
        raise Automatic("no person wrote it: it is a report of a mail server")
    if _DAEMON.match(address) or str(letter.get("Return-Path") or "").strip() == "<>":
        raise Automatic("no person wrote it: it comes from a mail server")
    if (
        letter.get("X-Autoreply")
        or letter.get("X-Autorespond")
        or _AUTOMATIC.match(words(letter.get("Precedence")))
    ):
        raise Automatic("no person wrote it: it is an automatic answer")


def _content(letter: Message) -> tuple[str, list[str]]:
    """The text that people read, plain before HTML, and the names of what is attached."""
    plain, html, attachments = "", "", []
    for part in _parts(letter):
        name = words(_safely(part.get_filename) or "")
        kind = part.get_content_type()
        if name or str(part.get("Content-Disposition") or "").lower().startswith("attachment"):
            attachments.append((name or kind)[:200])
        elif kind == "text/plain" and not plain:
            plain = _text(part)
        elif kind == "text/html" and not html:
            html = _text(part)
    body = plain.strip() or plain_text(html)
    return clean(body.replace("\r\n", "\n").replace("\r", "\n")), attachments[:50]


def _parts(letter: Message) -> Iterator[Message]:
    """The parts that hold something, from the first on, as deep and as many as people make them."""
    waiting, n_seen = [letter], 0
    while waiting and n_seen < MAX_PARTS:
        part = waiting.pop()
        n_seen += 1
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list):
            waiting += [child for child in reversed(inside) if isinstance(child, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    charset = _safely(lambda: part.get_param("charset"))
    named = charset[2] if isinstance(charset, tuple) else charset  # RFC 2231 has three parts
    if isinstance(charset, tuple):  # and get_payload does not know them
        part.set_param("charset", str(named))
    content = _safely(lambda: part.get_payload(decode=True))
    return _decoded(content if isinstance(content, bytes) else b"", str(named or ""))


def _decoded(content: bytes, charset: str) -> str:
    """Bytes in the charset they claim; else as UTF-8, else as Windows writes it."""
    claimed = charset.strip().strip("\"'")
    for name in (*([claimed] if _CHARSET.fullmatch(claimed) else []), "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _safely(read: Any) -> Any:
    """What a reader of the standard library gives; None where a letter is too odd for it."""
    try:
        return read()
    except BAD:
        return None


def _above(letter: Message) -> tuple[str, str]:
    """The letter that this one answers and the first of the exchange; "" for none."""
    line = [match for name in ("References", "In-Reply-To") for match in _ID.findall(words(letter.get(name)))]
    answered = _ID.findall(words(letter.get("In-Reply-To")))
    parent = answered[0] if answered else (line[-1] if line else "")
    return bounded_id(parent), bounded_id(line[0]) if line else ""


def _identity(letter: Message, address: str, date: str, subject: str, body: str) -> str:
    """The number of the letter; without one a digest of what it says."""
    numbered = _ID.search(words(letter.get("Message-ID")))
    return bounded_id(numbered[1]) if numbered else f"sha256:{digest(address, date, subject, body)}"


def _posted_at(date: str, arrived: datetime | None, *, now: datetime) -> datetime:
    """When it was written; when it arrived, where its own date cannot be right."""
    came = min(arrived, now) if arrived and arrived <= now + CLOCK_SKEW else now
    try:
        stated = parsedate_to_datetime(date)
        written = stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except BAD:
        return came
    return written if came - UNDER_WAY <= written <= came + CLOCK_SKEW else came


def _end_of_headers(content: bytes) -> int:
    match = re.search(rb"\r?\n\r?\n", content)
    return min(match.end() if match else len(content), 16 * 1024)


def reason_of(error: Exception) -> str:
    """Why a letter was set apart, as a sentence."""
    return str(error) if isinstance(error, Automatic) else shape.reason_of(error)


def mailto(mention: Mention, raw: Mapping[str, Any]) -> tuple[str, str]:
    """The address to answer and the subject to answer under; "" where there is none."""
    address = mention.author.handle if mention.author else ""
    subject = str(raw.get("subject") or "")
    return address, subject if re.match(r"(?i)(re|antw?)\s*:", subject) else f"Re: {subject}".strip()
