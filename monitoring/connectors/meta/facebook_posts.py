"""What stands on and about a Facebook page, as JSON, to mentions. Pure."""

from collections.abc import Mapping
from typing import Any

from monitoring.connectors.base import Kind, Mention, Reactions
from monitoring.connectors.lists import Entry, Watched
from monitoring.connectors.meta.values import edition, identity, moment, number, person, text, total
from monitoring.connectors.plain import bounded_url, clean_json, digest

POST_FIELDS = (
    "id,message,story,created_time,updated_time,from,permalink_url,shares,attachments{title,description},"
    "reactions.limit(0).summary(true),comments.filter(stream).limit(0).summary(true)"
)
COMMENT_FIELDS = (
    "id,message,created_time,from,parent{id},permalink_url,like_count,comment_count,"
    "attachment{type,title,url}"
)
RATING_FIELDS = "created_time,has_rating,rating,recommendation_type,review_text,reviewer,open_graph_story{id}"
_TEXTLESS_RATINGS = {"positive": "👍", "negative": "👎"}


def watched(entry: Entry) -> Watched:
    """A post of the page's feed: any new comment changes its time or its count."""
    count = total(entry, "comments")
    look = f"{moment(entry.get('updated_time') or entry['created_time']).timestamp():.0f}/{count}"
    return Watched(identity(entry["id"]), look, "", count)


def post_of(entry: Entry, page_id: str) -> list[Mention]:
    """A post of somebody else; nothing for a post of the page itself."""
    post_id, by = identity(entry["id"]), entry.get("from")
    if _is_ours(by, page_id):
        return []
    written = text(entry.get("message")) or text(entry.get("story")) or _attached(entry)
    shares = entry.get("shares")
    reactions = Reactions(
        replies=total(entry, "comments"),
        shares=number(shares.get("count")) if isinstance(shares, Mapping) else 0,
        likes=total(entry, "reactions"),
    )
    return [_mention(entry, post_id, written, by, reactions=reactions)]


def comment_of(entry: Entry, post_id: str, page_id: str) -> list[Mention]:
    """A comment of somebody else, under the page's post or under another comment."""
    if _is_ours(entry.get("from"), page_id):
        return []
    parent = entry.get("parent")
    parent_id = identity(parent["id"]) if isinstance(parent, Mapping) else post_id
    told = entry.get("attachment")
    attached = text(told.get("title")) or text(told.get("url")) if isinstance(told, Mapping) else ""
    mention = _mention(
        entry,
        identity(entry["id"]),
        text(entry.get("message")) or attached,
        entry.get("from"),
        reactions=Reactions(number(entry.get("comment_count")), 0, number(entry.get("like_count"))),
        above=(parent_id, post_id),
    )
    return [mention]


def rating_of(entry: Entry) -> list[Mention]:
    """A recommendation of the page, with or without words."""
    story, reviewer = entry.get("open_graph_story"), entry.get("reviewer")
    who = str(reviewer.get("id") or reviewer.get("name") or "") if isinstance(reviewer, Mapping) else ""
    if isinstance(story, Mapping) and story.get("id"):
        rating_id = identity(story["id"])
    else:  # without a story of its own it is known by who gave it and when
        rating_id = f"rating:{digest(who, str(entry['created_time']))[:32]}"
    kind = str(entry.get("recommendation_type") or "").lower()
    stars = f"{number(entry.get('rating'))}/5" if entry.get("rating") else ""
    written = text(entry.get("review_text")) or _TEXTLESS_RATINGS.get(kind, stars)
    return [_mention(entry, rating_id, written, reviewer)]


def change_of(field: str, value: Entry, page_id: str) -> list[Mention]:
    """What one change that Meta reported says; nothing for likes, removals and what is ours.

    Raises ValueError and its like for what cannot be read.
    """
    item, verb = str(value.get("item") or ""), str(value.get("verb") or "")
    if verb not in ("add", "edit", "edited") or item in ("like", "reaction"):
        return []
    if field == "ratings" or item == "rating":
        reviewer = {"id": value.get("reviewer_id"), "name": value.get("reviewer_name")}
        story = {"id": value.get("open_graph_story_id")}
        return rating_of({**value, "reviewer": reviewer, "open_graph_story": story})
    by = value.get("from") or {"id": value.get("sender_id"), "name": value.get("sender_name")}
    entry = {**value, "from": by, "permalink_url": _permalink(value)}
    if item == "comment":
        parent, post_id = value.get("parent_id"), identity(value["post_id"])
        above = {"id": parent} if parent and parent != post_id else None
        return comment_of({**entry, "id": value["comment_id"], "parent": above}, post_id, page_id)
    return post_of({**entry, "id": value["post_id"]}, page_id)


def looked_up(entry: Entry, post_id: str, page_id: str, *, as_comment: bool) -> Mention | None:
    """A post, or a comment under `post_id`, as it stands now; None for one of ours."""
    found = comment_of(entry, post_id, page_id) if as_comment else post_of(entry, page_id)
    return found[0] if found else None


def _mention(
    entry: Entry,
    post_id: str,
    written: str,
    by: Any,
    *,
    reactions: Reactions | None = None,
    above: tuple[str, str] = ("", ""),
) -> Mention:
    url = str(entry.get("permalink_url") or "") or f"https://www.facebook.com/{post_id}"
    if url.startswith("/"):
        url = f"https://www.facebook.com{url}"
    return Mention(
        platform="facebook",
        canonical_id=post_id,
        url=bounded_url(url if url.startswith("https://") else ""),
        text=written,
        posted_at=moment(entry["created_time"]),
        author=person(by),  # often None: Meta tells it only of who agreed
        kind=Kind.REPLY if above[0] else Kind.POST,
        parent_id=above[0],
        thread_id=above[1],
        reactions=reactions or Reactions(),
        raw=clean_json(entry),
        version=edition(written),
        is_addressed=True,
    )


def _is_ours(by: Any, page_id: str) -> bool:
    return isinstance(by, Mapping) and str(by.get("id")) == page_id


def _attached(entry: Entry) -> str:
    """The words of what is attached to a post without words of its own."""
    listed = entry.get("attachments")
    parts = listed.get("data") if isinstance(listed, Mapping) else None
    told = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    return "\n".join(text(p.get("title")) or text(p.get("description")) for p in told[:5]).strip()


def _permalink(value: Entry) -> str:
    post = value.get("post")
    return str(post.get("permalink_url") or "") if isinstance(post, Mapping) else ""
