"""Posts of X as JSON to mentions, by the old and the new names of their fields. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from monitoring.connectors.base import Kind, Mention, Reactions, Rejected
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import author, clean, clean_json
from monitoring.connectors.shape import WRONG_SHAPE, Fault, part_of, reason_of, shown, text_of, time_in

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)  # ids hold milliseconds since then
_OLDEST_TIMED_ID = 29_700_859_247
_TIME_SHIFT = 22
_KINDS = {"replied_to": Kind.REPLY, "quoted": Kind.QUOTE, "retweeted": Kind.BOOST}  # first found counts
_PASSED_ON = re.compile(r"RT @\w+: ")  # how X writes a repost, also where it leaves out of what
_ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def mentions_in(body: Mapping[str, Any]) -> tuple[list[Mention], tuple[Rejected, ...]]:
    """The posts of an answer, each identity once, and what could not be read or was not given.

    `body` has all of data, includes, errors and meta.
    """
    users = _by_id(body["includes"].get("users"))
    found: dict[str, Mention] = {}
    rejected = [Rejected(_raw(error), error_reason(error)) for error in body["errors"]]
    for post in body["data"]:
        try:
            mention = mention_of(post, users)
        except WRONG_SHAPE as error:
            rejected.append(Rejected(_raw(_with_author(post, users)), reason_of(error)))
        else:
            found.setdefault(mention.canonical_id, mention)
    return list(found.values()), tuple(rejected)


def mention_in(raw: str) -> Mention:
    """The mention in the JSON of one post, with its author in `author` if known. Raises Unreadable."""
    try:
        post = json.loads(raw)
        return mention_of(post, _by_id([part_of(post, "it is no post").get("author")]))
    except WRONG_SHAPE as error:
        raise Unreadable(reason_of(error)) from error


def mention_of(post: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> Mention:
    """One post. Raises ValueError and its like for what is no post.

    An edit is a new id in one history: the first id is the identity, the last the version.
    """
    history = _history(part_of(post, "it is no post"))
    newest = str(post["id"])
    user = users.get(str(post.get("author_id")), {})
    username = str(user.get("username") or post.get("username") or "")
    handle = username or str(post.get("author_id") or "")
    kind, parent_id = _reference(post)
    thread_id = str(post.get("conversation_id") or "")
    language = str(post.get("lang") or "")
    return Mention(
        platform="x",
        canonical_id=history[0],
        url=f"https://x.com/{quote(username, safe='') or 'i'}/status/{newest}",
        text=_text(post),
        posted_at=_posted_at(post, history[0]),
        author=author(
            str(post.get("author_id") or handle),
            handle,
            str(user.get("name") or ""),
            (user.get("public_metrics") or {}).get("followers_count"),
        ),
        kind=kind,
        parent_id=parent_id,
        thread_id="" if thread_id in history else thread_id,
        language=language if len(language) == 2 else "",  # longer ones say why there is no language
        reactions=_reactions(post.get("public_metrics") or {}),
        raw=clean_json(post),
        version="" if newest == history[0] else newest,
    )


def time_of(post_id: int) -> datetime:
    """When a post with this id was made; the oldest ids hold no time and give the epoch of ids."""
    return _EPOCH + timedelta(milliseconds=post_id >> _TIME_SHIFT)


def first_id_at(moment: datetime) -> int:
    """The lowest id that a post made at `moment` can have."""
    return int((moment - _EPOCH) / timedelta(milliseconds=1)) << _TIME_SHIFT


def newest_id(post: Mapping[str, Any]) -> str:
    """The id of the newest version of a post."""
    return _history(post)[-1]


def error_reason(error: Any) -> str:
    """What one entry of `errors` says."""
    if not isinstance(error, Mapping):
        return clean(str(error))[:500]
    return clean(str(error.get("detail") or error.get("title") or error.get("message") or "no reason given"))[
        :500
    ]


def _with_author(post: Any, users: Mapping[str, Mapping[str, Any]]) -> Any:
    """The post with its author inside, for whoever reads it again without the rest of the answer."""
    user = users.get(str(post.get("author_id"))) if isinstance(post, Mapping) else None
    return {**post, "author": user} if user else post


def _raw(value: Any) -> str:
    return clean(json.dumps(clean_json(value), ensure_ascii=False))


def _by_id(users: Any) -> dict[str, Mapping[str, Any]]:
    listed = users if isinstance(users, list) else []
    return {str(user.get("id")): user for user in listed if isinstance(user, Mapping)}


def _history(post: Mapping[str, Any]) -> list[str]:
    """Every id of the post, the first one first. Raises ValueError for an id that is no number."""
    given = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids") or [post["id"]]
    try:
        history = sorted({int(post_id) for post_id in [*given, post["id"]]})
    except (ValueError, TypeError, OverflowError):
        raise Fault(f"its id is no number{shown(post['id'])}") from None
    if history[0] <= 0:
        raise Fault(f"its id is no number{shown(history[0])}")
    return [str(post_id) for post_id in history]


def _reference(post: Mapping[str, Any]) -> tuple[Kind, str]:
    """What a post answers, quotes or passes on, and the id of that post."""
    references = post.get("referenced_tweets") or post.get("referenced_posts") or ()
    by_type = {str(reference["type"]): str(reference["id"]) for reference in references}
    for name, kind in _KINDS.items():
        if name in by_type:
            return kind, by_type[name]
    return (Kind.BOOST if _PASSED_ON.match(str(post.get("text"))) else Kind.POST), ""


def _text(post: Mapping[str, Any]) -> str:
    """The whole text, with the addresses that t.co stands for. Raises KeyError without a text."""
    long = post.get("note_tweet") or post.get("note_post") or {}
    text = text_of(long.get("text") or post["text"])
    entities = long.get("entities") or post.get("entities") or {}
    for link in entities.get("urls") or ():
        short, address = str(link.get("url") or ""), str(link.get("expanded_url") or "")
        if short and address:
            text = text.replace(short, address)
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return clean(text)


def _posted_at(post: Mapping[str, Any], first_id: str) -> datetime:
    """The time in the first id, which an edit does not change; for the oldest posts the stated one."""
    if int(first_id) > _OLDEST_TIMED_ID:
        return time_of(int(first_id))
    return time_in(post, "created_at")


def _reactions(metrics: Mapping[str, Any]) -> Reactions:
    shares = _count(metrics, "retweet_count", "repost_count") + _count(metrics, "quote_count")
    views = _count(metrics, "impression_count") if "impression_count" in metrics else None
    return Reactions(_count(metrics, "reply_count"), shares, _count(metrics, "like_count"), views)


def _count(metrics: Mapping[str, Any], *names: str) -> int:
    """The first of these counts that is there; a nonsensical one is nothing."""
    for name in names:
        value = metrics.get(name)
        if isinstance(value, int) and value >= 0:
            return value
    return 0
