"""Posts as other programs and people write them, one flat row each, to mentions. Pure.

The names of the columns are those of `COLUMNS`, or a Dutch name of `IN_DUTCH`. A row needs `posted_at`
and a `text` or a `url`; without an `id` its identity is its address, else a digest of what it says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from monitoring.connectors.base import AuthorRef, Kind, Mention, Reactions
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import (
    BadUrl,
    author,
    bounded_id,
    bounded_url,
    clean,
    clean_json,
    digest,
    normalised_url,
)

COLUMNS = (
    "platform",
    "id",
    "url",
    "text",
    "posted_at",
    "author",
    "handle",
    "kind",
    "parent_id",
    "thread_id",
    "language",
    "likes",
    "shares",
    "replies",
)
IN_DUTCH: Mapping[str, str] = {
    "kenmerk": "id",
    "adres": "url",
    "link": "url",
    "tekst": "text",
    "bericht": "text",
    "geplaatst_op": "posted_at",
    "datum": "posted_at",
    "auteur": "author",
    "naam": "author",
    "account": "handle",
    "gebruikersnaam": "handle",
    "soort": "kind",
    "antwoord_op": "parent_id",
    "gesprek": "thread_id",
    "taal": "language",
    "vind_ik_leuks": "likes",
    "gedeeld": "shares",
    "reacties": "replies",
}
KINDS: Mapping[str, Kind] = {
    "": Kind.POST,
    **{kind.value: kind for kind in Kind},
    "bericht": Kind.POST,
    "reactie": Kind.REPLY,
    "citaat": Kind.QUOTE,
    "gedeeld": Kind.BOOST,
}
MAX_TEXT_CHARS = 20_000
LARGEST_COUNT = 2**31 - 1
CLOCK_SKEW = timedelta(minutes=5)  # a post stamped further ahead counts at arrival
_PLATFORM = re.compile(r"[a-z][a-z0-9_-]{0,29}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: `platform` of rows that name none, the zone of times that name none.

    `keeps_all`: every row is wanted, whether or not a query asks for it.
    """

    platform: str
    zone: tzinfo = UTC
    keeps_all: bool = True


def column(name: str) -> str:
    """The column that a header means; "" for one we do not know."""
    plain = re.sub(r"[\s-]+", "_", clean(name).strip().lower())
    return plain if plain in COLUMNS else IN_DUTCH.get(plain, "")


def mention(row: Mapping[str, Any], reading: Reading, *, now: datetime) -> Mention:
    """The mention that a row describes. Raises Unreadable, which names the column and what is wrong."""
    text, url = _text(row, "text"), _url(row)
    if not text and not url:
        raise Unreadable("neither text nor url is given")
    if len(text) > MAX_TEXT_CHARS:
        raise Unreadable("text is longer than 20000 characters; perhaps a quotation mark was left open")
    platform = _text(row, "platform").lower() or reading.platform
    if not _PLATFORM.fullmatch(platform):
        raise Unreadable(f"platform is no name of a platform: {_shown(platform)}")
    posted_at = _time(row, reading.zone)
    writer, language = _author(row), _text(row, "language").lower()[:3]
    identity = (
        _text(row, "id") or url or f"sha256:{digest(text, posted_at.isoformat(), _text(row, 'author'))}"
    )
    return Mention(
        platform=platform,
        canonical_id=bounded_id(identity),
        url=bounded_url(url),
        text=text or url,
        posted_at=posted_at if posted_at <= now + CLOCK_SKEW else now,
        author=writer,
        kind=_kind(row),
        parent_id=bounded_id(_text(row, "parent_id")),
        thread_id=bounded_id(_text(row, "thread_id")),
        language=language if _LANGUAGE.fullmatch(language) else "",
        reactions=Reactions(*(_count(row, name) for name in ("replies", "shares", "likes"))),
        raw=clean_json(dict(row)),
        version=bounded_id(_text(row, "version")),
        is_addressed=reading.keeps_all,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise Unreadable(f"{name} is no text")
    return clean(str(value)).strip()


def _shown(value: str) -> str:
    """What was found there, short enough for a sentence."""
    return f'"{value[:60]}"'


def _url(row: Mapping[str, Any]) -> str:
    url = _text(row, "url")
    if not url:
        return ""
    try:
        return normalised_url(url)
    except BadUrl:
        raise Unreadable(f"url is no web address: {_shown(url)}") from None


def _time(row: Mapping[str, Any], zone: tzinfo) -> datetime:
    """ISO 8601, or day first as Dutch spreadsheets write it; without an offset it is of `zone`."""
    given = _text(row, "posted_at")
    if not given:
        raise Unreadable("posted_at is empty")
    if found := _DAY_FIRST.fullmatch(given):
        day, month, year, rest = found.groups()
        given = f"{year}-{month:0>2}-{day:0>2}{_full_hour(rest)}"
    try:
        moment = datetime.fromisoformat(given)
        return moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"posted_at is no date and time: {_shown(_text(row, 'posted_at'))}") from None


def _full_hour(rest: str) -> str:
    """ "9:05" as " 09:05"; nothing stays nothing."""
    clock = rest.strip(" ,T\t")
    return f" {clock:0>5}" if len(clock) == len("9:05") else f" {clock}".rstrip()


def _author(row: Mapping[str, Any]) -> AuthorRef | None:
    """Who wrote it: the name and the account, either of which may be missing."""
    name, handle = _text(row, "author"), _text(row, "handle").removeprefix("@")
    return author(handle or name, handle or name, name)


def _kind(row: Mapping[str, Any]) -> Kind:
    named = _text(row, "kind").lower()
    if named not in KINDS:
        raise Unreadable(f"kind is none of post, reply, quote and boost: {_shown(named)}")
    return KINDS[named]


def _count(row: Mapping[str, Any], name: str) -> int:
    """A whole number; 1.234 and 1,234 and 1 234 are a thousand and more, as people write them."""
    given = re.sub(r"(?<=\d)[.,\s](?=\d{3}(?!\d))", "", _text(row, name))
    if not given:
        return 0
    if not given.isascii() or not given.isdigit() or int(given[:20]) > LARGEST_COUNT:
        raise Unreadable(f"{name} is no whole number: {_shown(given)}")
    return int(given)
