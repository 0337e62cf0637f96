"""Our answers on Facebook: comments of our page, and private messages to who commented."""

from collections.abc import Mapping
from typing import Any

from monitoring.connectors.base import Published, Reply
from monitoring.connectors.errors import PublishFailed
from monitoring.connectors.lists import Absent
from monitoring.connectors.meta import private
from monitoring.connectors.meta.facebook_posts import COMMENT_FIELDS
from monitoring.connectors.meta.graph import Graph

MAX_COMMENT_CHARS = 8000
MAX_DIRECT_CHARS = 2000
COMMENTS = {"filter": "stream", "order": "reverse_chronological", "limit": "100", "fields": COMMENT_FIELDS}


def comment(graph: Graph, reply: Reply) -> Published:
    """A comment under the post or comment."""
    if len(reply.text) > MAX_COMMENT_CHARS:
        raise PublishFailed(f"it has {len(reply.text)} of {MAX_COMMENT_CHARS} characters")
    body = graph.post(f"{reply.parent_id}/comments", {"message": reply.text})
    return _published(body.get("id"))


def message(graph: Graph, page_id: str, reply: Reply) -> Published:
    """One private message to who wrote the post or comment."""
    if len(reply.text) > MAX_DIRECT_CHARS:
        raise PublishFailed(f"a private message takes {MAX_DIRECT_CHARS} characters")
    to = {("comment_id" if _is_comment(reply) else "post_id"): reply.parent_id}
    return private.send(graph, page_id, to, reply.text)


def find(graph: Graph, page_id: str, reply: Reply) -> Published | None:
    """The newest comment of our page with the text of the reply.

    Facebook has two levels: an answer to an answer is put beside it, so there it is looked for.
    """
    try:
        told = graph.get(reply.parent_id, {"fields": COMMENT_FIELDS}, now=None) if _is_comment(reply) else {}
        above = told.get("parent")
        place = str(above["id"]) if isinstance(above, Mapping) and above.get("id") else reply.parent_id
        entries = listed(graph.get(f"{place}/comments", COMMENTS, now=None))
    except Absent:
        return None
    for entry in entries:
        by = entry.get("from")
        if (
            isinstance(by, Mapping)
            and str(by.get("id")) == page_id
            and _same(entry.get("message"), reply.text)
        ):
            return _published(entry.get("id"))
    return None


def listed(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of a list, as far as they are entries."""
    entries = body.get("data")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _is_comment(reply: Reply) -> bool:
    return reply.thread_id not in ("", reply.parent_id)


def _same(told: Any, text: str) -> bool:
    return isinstance(told, str) and " ".join(told.split()) == " ".join(text.split())


def _published(told: Any) -> Published:
    comment_id = str(told or "")
    return Published(f"https://www.facebook.com/{comment_id}" if comment_id else "", comment_id)
