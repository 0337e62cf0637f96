"""Addresses of posts and comments on Facebook. Pure."""

import base64
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_HOSTS = frozenset(
    {"facebook.com", "www.facebook.com", "m.facebook.com", "mbasic.facebook.com", "nl-nl.facebook.com"}
)
_PATHS = (
    r"/[^/]+/posts/(?:[^/]+/)?(?P<id>\d+|pfbid\w+)/?",
    r"/[^/]+/(?:photos|videos)/(?:[^/]+/)*(?P<id>\d+)/?",
    r"/reel/(?P<id>\d+)/?",
    r"/\d+_(?P<id>\d+)/?",
)
_BY_QUERY = {
    "/permalink.php": "story_fbid",
    "/story.php": "story_fbid",
    "/photo.php": "fbid",
    "/photo": "fbid",
    "/watch": "v",
}


@dataclass(frozen=True, slots=True)
class Link:
    """`story_id` is "" where the address hides the number of the post."""

    story_id: str
    comment_id: str = ""


def read(url: str) -> Link | None:
    """What an address points at; None when it is none of one post."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if host not in _HOSTS or parts.scheme not in ("http", "https"):
        return None
    query = parse_qs(parts.query)
    story = _story(parts.path, query)
    if not story:
        return None
    comment = _first(query, "reply_comment_id") or _first(query, "comment_id")
    return Link(story if story.isdigit() else "", _comment(comment))


def _story(path: str, query: dict[str, list[str]]) -> str:
    name = _BY_QUERY.get(path.rstrip("/"))
    if name:
        told = _first(query, name)
        return told if re.fullmatch(r"\d+|pfbid\w+", told, re.ASCII) else ""
    found = (re.fullmatch(pattern, path, re.ASCII) for pattern in _PATHS)
    return next((match["id"] for match in found if match), "")


def _comment(told: str) -> str:
    """The number of a comment, also where it is wrapped in base64 ("comment:1_2")."""
    if told.isascii() and told.isdigit():
        return told
    try:
        plain = base64.b64decode(told + "=" * (-len(told) % 4)).decode("ascii")
    except ValueError:
        return ""
    match = re.fullmatch(r"comment:\d+_(\d+)", plain, re.ASCII)
    return match[1] if match else ""


def _first(query: dict[str, list[str]], name: str) -> str:
    return (query.get(name) or [""])[0]
