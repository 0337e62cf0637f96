"""Comments and videos of YouTube as JSON to mentions. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from monitoring.connectors.base import Kind, Mention, Reactions
from monitoring.connectors.lists import Entry, Step, Watched
from monitoring.connectors.plain import author, clean, clean_json
from monitoring.connectors.shape import Fault, shown, text_of, time_in

VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
COMMENT = re.compile(r"Ug[\w-]{10,60}(?:\.[\w-]{10,60})?", re.ASCII)
_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})


def thread_time(entry: Entry) -> datetime:
    return time_in(entry["snippet"]["topLevelComment"]["snippet"], "publishedAt")


def comment_time(entry: Entry) -> datetime:
    return time_in(entry["snippet"], "publishedAt")


def watched(entry: Entry) -> Watched:
    """A thread: more answers change its count; those that came along need not be asked for."""
    count = int(entry["snippet"].get("totalReplyCount") or 0)
    video_id = str(entry["snippet"].get("videoId") or "")
    n_missing = max(count - len(_answers(entry)), 0)
    return Watched(_comment_id(entry["id"]), str(count), video_id, n_missing)


def thread_of(entry: Entry, step: Step, channel_id: str, *, is_addressed: bool) -> list[Mention]:
    """A comment and the answers that came along with it; not ours."""
    video_id = str(entry["snippet"].get("videoId") or "")
    found = [entry["snippet"]["topLevelComment"], *_answers(entry)]
    mentions = [comment_of(told, video_id, channel_id, is_addressed=is_addressed) for told in found]
    return [mention for mention in mentions if mention]


def answers_of(entry: Entry, step: Step, channel_id: str, *, is_addressed: bool) -> list[Mention]:
    """An answer to a comment, read by itself; it does not say under which video it is."""
    mention = comment_of(entry, str(step.get("url") or ""), channel_id, is_addressed=is_addressed)
    return [mention] if mention else []


def comment_of(entry: Entry, video_id: str, channel_id: str, *, is_addressed: bool) -> Mention | None:
    """One comment; None for one of ours. Raises ValueError and its like for what is none."""
    snippet, comment_id = entry["snippet"], _comment_id(entry["id"])
    by = snippet.get("authorChannelId")
    author_id = str(by.get("value") or "") if isinstance(by, Mapping) else ""
    if channel_id and author_id == channel_id:
        return None
    video_id = str(snippet.get("videoId") or video_id)
    written, name = snippet.get("textOriginal") or snippet["textDisplay"], snippet.get("authorDisplayName")
    parent_id = str(snippet.get("parentId") or comment_id.partition(".")[0])
    is_answer = parent_id != comment_id
    updated = str(snippet.get("updatedAt") or "")
    return Mention(
        platform="youtube",
        canonical_id=comment_id,
        url=f"https://www.youtube.com/watch?v={video_id}&lc={comment_id}"
        if VIDEO.fullmatch(video_id)
        else "",
        text=clean(text_of(written)),
        posted_at=time_in(snippet, "publishedAt"),
        author=author(author_id or str(name), str(name or author_id), str(name or "")),
        kind=Kind.REPLY if is_answer else Kind.POST,
        parent_id=parent_id if is_answer else "",
        thread_id=parent_id if is_answer else "",
        reactions=Reactions(0, 0, _count(snippet.get("likeCount"))),
        raw=clean_json(entry),
        version="" if updated in ("", str(snippet["publishedAt"])) else updated,
        is_addressed=is_addressed,
    )


def video_of(entry: Entry) -> Mention:
    """A video, found by searching or looked up. Raises ValueError and its like for what is none."""
    told, snippet = entry["id"], entry["snippet"]
    video_id = str(told["videoId"] if isinstance(told, Mapping) else told)
    if not VIDEO.fullmatch(video_id):
        raise Fault(f"its id is none of a video{shown(video_id)}")
    statistics = entry.get("statistics")
    counts = statistics if isinstance(statistics, Mapping) else {}
    words = (unescape(text_of(snippet.get(name), name)) for name in ("title", "description"))
    name = str(snippet.get("channelTitle") or "")
    return Mention(
        platform="youtube",
        canonical_id=video_id,
        url=f"https://www.youtube.com/watch?v={video_id}",
        text=clean("\n\n".join(part for part in words if part)),
        posted_at=time_in(snippet, "publishedAt"),
        author=author(str(snippet.get("channelId") or name), name, name),
        reactions=Reactions(
            _count(counts.get("commentCount")),
            0,
            _count(counts.get("likeCount")),
            _count(counts["viewCount"]) if "viewCount" in counts else None,
        ),
        raw=clean_json(entry),
    )


def address(video_id: str, comment_id: str) -> str:
    """Where a comment can be read; "" when it is not known under which video."""
    known = VIDEO.fullmatch(video_id) and comment_id
    return f"https://www.youtube.com/watch?v={video_id}&lc={comment_id}" if known else ""


def link(url: str) -> tuple[str, str] | None:
    """(video, comment or "") that an address points at; None for any other address."""
    try:
        parts = urlsplit(url.strip())
        host, query = (parts.hostname or "").lower(), parse_qs(parts.query)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    video_id = ""
    if host in _HOSTS:
        below = re.fullmatch(r"/(?:shorts|live|embed)/([\w-]{11})/?", parts.path, re.ASCII)
        video_id = below[1] if below else (query.get("v") or [""])[0] if parts.path == "/watch" else ""
    elif host == "youtu.be":
        video_id = parts.path.strip("/")
    if not VIDEO.fullmatch(video_id):
        return None
    comment_id = (query.get("lc") or [""])[0]
    return video_id, comment_id if COMMENT.fullmatch(comment_id) else ""


def _answers(entry: Entry) -> list[Entry]:
    replies = entry.get("replies")
    listed = replies.get("comments") if isinstance(replies, Mapping) else None
    return [told for told in listed if isinstance(told, Mapping)] if isinstance(listed, list) else []


def _comment_id(told: Any) -> str:
    if not isinstance(told, str) or not COMMENT.fullmatch(told):
        raise Fault(f"its id is none of a comment{shown(told)}")
    return told


def _count(told: Any) -> int:
    """A count, which YouTube gives as a number or a text."""
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
