"""Comments under our Instagram posts, and posts and comments that name us, to mentions. Pure.

Instagram shows posts and comments of others only by the way they name us, so their identities say by
which: `media:` for a post of somebody else, `mention:` for a comment under one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitoring.connectors.base import Kind, Mention, Reactions
from monitoring.connectors.lists import Entry, Step, Watched
from monitoring.connectors.meta.values import edition, identity, moment, number, person, text
from monitoring.connectors.plain import bounded_url, clean_json
from monitoring.connectors.shape import Fault

MEDIA = "media:"
MENTION = "mention:"
COMMENT_FIELDS = "id,text,timestamp,username,from,like_count,parent_id"
COMMENTS_FIELDS = f"{COMMENT_FIELDS},replies.limit(30){{{COMMENT_FIELDS}}}"
OWN_MEDIA_FIELDS = "id,timestamp,permalink,comments_count,comments.limit(1){id}"
TAG_FIELDS = "id,caption,timestamp,permalink,username,like_count,comments_count"


def watched(entry: Entry) -> Watched:
    """A post of ours: a new comment changes the count or the newest comment."""
    count = number(entry.get("comments_count"))
    newest = _entries(entry.get("comments"))[:1]
    last = str(newest[0].get("id") or "") if newest else ""
    return Watched(identity(entry["id"]), f"{count}/{last}", _address(entry.get("permalink")), count)


def comments_of(entry: Entry, step: Step, account_id: str) -> list[Mention]:
    """A comment under our post, and the answers to it."""
    media_id = str(step.get("post") or step["of"])
    found = [comment_of(entry, media_id, str(step.get("url") or ""), account_id)]
    for answer in _entries(entry.get("replies")):
        above = {"parent_id": entry["id"], **answer}
        found.append(comment_of(above, media_id, str(step.get("url") or ""), account_id))
    return [mention for mention in found if mention]


def answers_of(entry: Entry, step: Step, account_id: str) -> list[Mention]:
    """One answer of those that did not fit in with their comment."""
    above = {"parent_id": step["of"], **entry}
    mention = comment_of(above, str(step["post"]), str(step.get("url") or ""), account_id)
    return [mention] if mention else []


def more_answers(entry: Entry, step: Step) -> Step | None:
    """The step that reads all answers to a comment which has more than fit in."""
    replies = entry.get("replies")
    paging = replies.get("paging") if isinstance(replies, Mapping) else None
    if not isinstance(paging, Mapping) or not paging.get("next"):
        return None
    kept = {"post": step["of"], "url": step.get("url", ""), "floor": step["floor"]}
    return {"edge": "replies", "of": identity(entry["id"]), **kept}


def comment_of(entry: Entry, media_id: str, url: str, account_id: str) -> Mention | None:
    """A comment under our own post; None for one of ours."""
    by = entry.get("from")
    if isinstance(by, Mapping) and str(by.get("id")) == account_id:
        return None
    comment_id, parent = identity(entry["id"]), entry.get("parent_id")
    return _mention(
        entry,
        comment_id,
        text(entry.get("text")),
        url=f"{url.rstrip('/')}/c/{comment_id}/" if url else "",
        by=by if isinstance(by, Mapping) and by.get("username") else {"username": entry.get("username")},
        above=(identity(parent) if parent else media_id, media_id),
    )


def tag_of(entry: Entry) -> list[Mention]:
    """A post of somebody else that names us."""
    by = {"username": entry.get("username")}
    url = _address(entry.get("permalink"))
    return [_mention(entry, MEDIA + identity(entry["id"]), text(entry.get("caption")), url=url, by=by)]


def naming_comment(entry: Entry, account_id: str) -> Mention:
    """A comment that names us: under a post of ours when Instagram tells us its owner."""
    media = entry.get("media")
    media = media if isinstance(media, Mapping) else {}
    owner = media.get("owner")
    is_ours = isinstance(owner, Mapping) and str(owner.get("id")) == account_id
    above = ("" if is_ours else MEDIA) + identity(media["id"])
    return _mention(
        entry,
        ("" if is_ours else MENTION) + identity(entry["id"]),
        text(entry.get("text")),
        url=_address(media.get("permalink")),
        by={"username": entry.get("username")},
        above=(above, above),
    )


def reported_comment(value: Entry, at: datetime, account_id: str) -> Mention | None:
    """A comment as a delivery tells it, which has no time of its own."""
    media = value.get("media")
    if not isinstance(media, Mapping):
        raise Fault("it is a comment without its post")
    entry = {**value, "timestamp": int(at.timestamp())}
    return comment_of(entry, identity(media["id"]), "", account_id)


def _mention(
    entry: Entry, post_id: str, written: str, *, url: str, by: Any, above: tuple[str, str] = ("", "")
) -> Mention:
    return Mention(
        platform="instagram",
        canonical_id=post_id,
        url=bounded_url(url),
        text=written,
        posted_at=moment(entry["timestamp"]),
        author=person(by),
        kind=Kind.REPLY if above[0] else Kind.POST,
        parent_id=above[0],
        thread_id=above[1],
        reactions=Reactions(number(entry.get("comments_count")), 0, number(entry.get("like_count"))),
        raw=clean_json(entry),
        version=edition(written),
        is_addressed=True,
    )


def _entries(edge: Any) -> list[Entry]:
    listed = edge.get("data") if isinstance(edge, Mapping) else None
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def _address(told: Any) -> str:
    return told if isinstance(told, str) and told.startswith("https://") else ""
