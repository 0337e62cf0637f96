"""Shifts as a calendar that any phone reads (RFC 5545), and no more than that needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

FOLDED_AT = 75
"""Octets in a line, its end left out: a longer one goes on behind a space."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One shift. `uid` stays the same when it changes: a calendar moves it and makes no second one."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str


def calendar(name: str, entries: Iterable[Entry], *, now: datetime) -> str:
    """The text of a calendar; moments are in UTC, so that no calendar guesses at summer time."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Weerwoord//Duty//EN", f"X-WR-CALNAME:{_text(name)}"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(entry.starts_at)}",
            f"DTEND:{_moment(entry.ends_at)}",
            f"SUMMARY:{_text(entry.title)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """What somebody wrote, so that it can be nothing but text."""
    plain = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(plain.split())


def _folded(line: str) -> str:
    """A line in pieces of at most so many octets, no character cut in two."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > FOLDED_AT:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    return "\r\n".join([*pieces, piece])
