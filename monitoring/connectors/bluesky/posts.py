"""Posts of Bluesky as JSON to mentions. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from monitoring.connectors.base import Kind, Mention, Reactions, Rejected
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import author, bounded_url, clean, clean_json
from monitoring.connectors.shape import WRONG_SHAPE, Fault, part_of, reason_of

POSTS = "app.bsky.feed.post"
CLOCK_SKEW = timedelta(minutes=5)  # a time from further ahead is no mark
NO_HANDLE = "handle.invalid"  # how Bluesky names who lost a handle
ADDRESSED = frozenset({"mention", "reply", "quote"})
BAD = WRONG_SHAPE
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{1,512})")
_PAGE = re.compile(
    r"(?i)https?://(?:www\.)?bsky\.app/profile/([^/?#\s]+)/post/([A-Za-z0-9._:~-]{1,512})/?(?:[?#].*)?"
)
_ANY_URI = re.compile(r"at://([^/?#\s]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{1,512})")


def mentions_in(entries: Iterable[Any], *, now: datetime) -> tuple[tuple[Mention, ...], tuple[Rejected, ...]]:
    """The posts in an answer, each identity once, and what could not be read."""
    found: dict[str, Mention] = {}
    rejected = []
    for entry in entries:
        try:
            mention = mention_of(entry, now=now)
        except BAD as error:
            rejected.append(Rejected(json.dumps(clean_json(entry)), reason_of(error)))
        else:
            found.setdefault(mention.canonical_id, mention)
    return tuple(found.values()), tuple(rejected)


def mention_of(view: Mapping[str, Any], *, now: datetime) -> Mention:
    """One post as Bluesky shows it. Raises ValueError and its like for what is no post.

    The address of the record is its identity; its CID changes with every edit. The author says when it
    was written and Bluesky when it came: the earlier of the two counts, and never the future.
    """
    uri = clean(str(part_of(view, "it is no post")["uri"]))
    record = part_of(view["record"], "it has no text of its own")
    did, rkey = parts_of(uri)
    who = part_of(view.get("author"), "it has no author")
    if who["did"] != did:
        raise Fault("it is not by the account in its address")
    handle = clean(str(who.get("handle") or ""))
    named = handle if handle and handle != NO_HANDLE else did
    kind, parent_id, thread_id = _place(record)
    return Mention(
        platform="bluesky",
        canonical_id=uri,
        url=page_of(named, rkey),
        text=_text(record),
        posted_at=_posted_at(view, record, now=now),
        author=author(did, named, str(who.get("displayName") or "")),
        kind=kind,
        parent_id=parent_id,
        thread_id="" if thread_id == uri else thread_id,
        language=_language(record.get("langs")),
        reactions=Reactions(
            _count(view, "replyCount"),
            _count(view, "repostCount") + _count(view, "quoteCount"),
            _count(view, "likeCount"),
        ),
        raw=clean_json(view),
        version=clean(str(view["cid"])),
        is_addressed=view.get("reason") in ADDRESSED,
    )


def parts_of(uri: str) -> tuple[str, str]:
    """The DID and the record key in the address of a post. Raises ValueError for anything else."""
    match = _URI.fullmatch(uri)
    if not match or len(uri) > 500:
        raise Fault("its address is not that of a post")
    return match[1], match[2]


def linked(url: str) -> tuple[str, str] | None:
    """Whose post an address is (a handle or a DID) and its record key; None for another address."""
    match = _PAGE.fullmatch(url.strip()) or _ANY_URI.fullmatch(url.strip())
    return (match[1].lstrip("@"), match[2]) if match else None


def page_of(actor: str, rkey: str) -> str:
    """Where people read a post."""
    return bounded_url(f"https://bsky.app/profile/{quote(actor, safe=':')}/post/{rkey}")


def moment(value: Any) -> datetime | None:
    """A time as Bluesky writes it, in UTC; None for what is none."""
    try:
        read = datetime.fromisoformat(str(value))
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def indexed_at(entry: Any, *, now: datetime) -> datetime | None:
    """When an entry came to Bluesky, for a mark; None where it does not say, or names the future."""
    arrived = moment(entry.get("indexedAt")) if isinstance(entry, Mapping) else None
    return arrived if arrived and arrived <= now + CLOCK_SKEW else None


def _posted_at(view: Mapping[str, Any], record: Mapping[str, Any], *, now: datetime) -> datetime:
    stated = (moment(record.get("createdAt")), moment(view.get("indexedAt")))
    return min((at for at in stated if at and at <= now + CLOCK_SKEW), default=now)


def _place(record: Mapping[str, Any]) -> tuple[Kind, str, str]:
    """What a post answers or quotes, the post it does so to, and the root of its thread."""
    reply = record.get("reply")
    if reply:
        return Kind.REPLY, clean(str(reply["parent"]["uri"])), clean(str(reply["root"]["uri"]))
    quoted = _quoted(record.get("embed") or {})
    return (Kind.QUOTE, quoted, "") if quoted else (Kind.POST, "", "")


def _quoted(embed: Mapping[str, Any]) -> str:
    """The address of the post that is quoted; "" when none is, or something else is shown."""
    within = embed.get("record") or {}
    uri = within.get("uri") or (within.get("record") or {}).get("uri") or ""
    return clean(str(uri)) if _URI.fullmatch(str(uri)) else ""


def _text(record: Mapping[str, Any]) -> str:
    """The whole text, with the addresses that stand behind shortened ones. Raises without a text."""
    text = record["text"]
    if not isinstance(text, str):
        raise Fault("its text is no text")
    content = text.encode("utf-8", "surrogatepass")
    behind = len(content)
    for start, end, address in sorted(_links(record.get("facets"), len(content)), reverse=True):
        shown = content[start:end].decode("utf-8", "replace").rstrip("….")
        if end <= behind and shown and shown in address:
            content = content[:start] + address.encode() + content[end:]
            behind = start
    return clean(content.decode("utf-8", "replace"))


def _links(facets: Any, size: int) -> Iterable[tuple[int, int, str]]:
    """Where addresses stand in the bytes of a text; what lies outside it is left alone."""
    for facet in facets if isinstance(facets, list) else ():
        try:
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            links = [feature["uri"] for feature in facet["features"] if "uri" in feature]
        except (TypeError, KeyError):
            continue
        if links and isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= size:
            yield start, end, clean(str(links[0]))


def _language(codes: Any) -> str:
    """The one language that the author named; "" for none or several."""
    listed = {str(code).partition("-")[0].lower() for code in codes} if isinstance(codes, list) else set()
    only = listed.pop() if len(listed) == 1 else ""
    return only if re.fullmatch("[a-z]{2}", only) else ""


def _count(view: Mapping[str, Any], name: str) -> int:
    """A count; a nonsensical one is nothing."""
    value = view.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


def normalised(raw: str, *, now: datetime) -> Mention:
    """The mention in the JSON of one post. Raises Unreadable."""
    try:
        return mention_of(json.loads(raw), now=now)
    except WRONG_SHAPE as error:
        raise Unreadable(f"it is no post of Bluesky: {reason_of(error)}") from error
