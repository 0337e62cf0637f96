"""Posts and comments of Reddit as JSON to mentions. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from monitoring.connectors.base import Kind, Mention, Reactions
from monitoring.connectors.lists import Entry
from monitoring.connectors.plain import author, bounded_url, clean, clean_json
from monitoring.connectors.shape import Fault, shown, text_of

NAME = re.compile(r"t[13]_[a-z0-9]{1,15}")
SUBREDDIT = re.compile(r"\w{2,21}", re.ASCII)
_GONE = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]"})
_PATH = re.compile(
    r"(?:/(?:r|user)/[\w-]+)?/comments/(?P<post>[a-z0-9]+)(?:/[^/]*(?:/(?P<comment>[a-z0-9]+))?)?/?",
    re.ASCII,
)


def time_of(entry: Entry) -> datetime:
    return _moment(entry["data"]["created_utc"])


def is_gone(data: Mapping[str, Any]) -> bool:
    """Whether its author, a moderator or Reddit took it away: Reddit leaves an empty shell."""
    written = str(data.get("body") if "body" in data else data.get("selftext") or "")
    return written.strip() in _GONE or bool(data.get("removed_by_category"))


def mention_of(entry: Entry, *, is_addressed: bool = False) -> Mention:
    """One post or comment. Raises ValueError and its like for what is none."""
    data = entry["data"]
    name = data["name"]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Fault(f"its id is none of a post or comment{shown(name)}")
    is_comment = name.startswith("t1_")
    edited = data.get("edited")
    by, by_id = str(data.get("author") or ""), str(data.get("author_fullname") or "")
    return Mention(
        platform="reddit",
        canonical_id=name,
        url=_url(data),
        text=_text(data, is_comment=is_comment),
        posted_at=_moment(data["created_utc"]),
        author=author(by_id or by, by) if by not in _GONE else None,
        **_place(data, name, is_comment=is_comment),
        reactions=Reactions(
            _count(data.get("num_comments")), _count(data.get("num_crossposts")), _count(data.get("score"))
        ),
        raw=clean_json(entry),
        version=str(int(edited)) if isinstance(edited, float | int) and edited else "",
        is_addressed=is_addressed,
    )


def comments_in(children: Any, depth: int = 0) -> Iterator[Entry]:
    """Every comment in a tree of them, with those below it."""
    for child in children if isinstance(children, list) and depth < 20 else ():
        data = child.get("data") if isinstance(child, Mapping) else None
        if not isinstance(data, Mapping) or child.get("kind") != "t1":
            continue
        yield child
        below = data.get("replies")
        told = below.get("data") if isinstance(below, Mapping) else None
        if isinstance(told, Mapping):
            yield from comments_in(told.get("children"), depth + 1)


def link(url: str) -> str:
    """The full name of the post or comment that an address points at; "" for any other address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    if host == "redd.it":
        post_id = parts.path.strip("/")
        return f"t3_{post_id}" if NAME.fullmatch(f"t3_{post_id}") else ""
    found = _PATH.fullmatch(parts.path)
    if not found or not (host == "reddit.com" or host.endswith(".reddit.com")):
        return ""
    return f"t1_{found['comment']}" if found["comment"] else f"t3_{found['post']}"


def _place(data: Mapping[str, Any], name: str, *, is_comment: bool) -> dict[str, Any]:
    """What it is in its conversation."""
    if is_comment:
        parent, root = str(data.get("parent_id") or ""), str(data.get("link_id") or "")
        return {"kind": Kind.REPLY, "parent_id": parent or root, "thread_id": root}
    passed_on = str(data.get("crosspost_parent") or "")
    return {"kind": Kind.QUOTE, "parent_id": passed_on} if passed_on else {"kind": Kind.POST}


def _text(data: Mapping[str, Any], *, is_comment: bool) -> str:
    """The words; of a link the address that it shares as well."""
    if is_comment:
        return clean(text_of(data["body"]))
    shared = "" if data.get("is_self", True) else str(data.get("url") or "")
    parts = (text_of(data["title"], "title"), text_of(data.get("selftext")), shared)
    return clean("\n\n".join(part for part in parts if part))


def _url(data: Mapping[str, Any]) -> str:
    path = str(data.get("permalink") or data.get("context") or "")
    return bounded_url(f"https://www.reddit.com{clean(path)}") if path.startswith("/") else ""


def _moment(told: Any) -> datetime:
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise Fault(f"its date cannot be read{shown(told)}" if told else "it has no date")
    return datetime.fromtimestamp(told, UTC)


def _count(told: Any) -> int:
    """A count; scores can be below nothing."""
    return max(told, 0) if isinstance(told, int) else 0
