"""Our answers on Instagram: comments of our account, and private messages to who commented."""

from collections.abc import Mapping

from monitoring.connectors.base import Published, Reply
from monitoring.connectors.errors import PublishFailed, Unavailable
from monitoring.connectors.lists import Absent
from monitoring.connectors.meta import private
from monitoring.connectors.meta.facebook_sending import listed
from monitoring.connectors.meta.graph import Graph
from monitoring.connectors.meta.instagram_posts import COMMENT_FIELDS, MEDIA, MENTION

MAX_COMMENT_CHARS = 300
MAX_DIRECT_BYTES = 1000

__all__ = ["MAX_COMMENT_CHARS", "answer", "find", "listed", "message"]


def answer(graph: Graph, account_id: str, reply: Reply) -> Published:
    """An answer under a comment on our post, or where somebody else named us."""
    if len(reply.text) > MAX_COMMENT_CHARS:
        raise PublishFailed(f"it has {len(reply.text)} of {MAX_COMMENT_CHARS} characters")
    path, form = f"{reply.parent_id}/replies", {"message": reply.text}
    if not reply.parent_id.isdigit():
        path, form["media_id"] = f"{account_id}/mentions", _media_id(reply)
        if reply.parent_id.startswith(MENTION):
            form["comment_id"] = reply.parent_id.removeprefix(MENTION)
    body = graph.post(path, form)
    return Published(url="", external_id=str(body.get("id") or ""))


def message(graph: Graph, page_id: str, reply: Reply) -> Published:
    """One private message to who commented under our post."""
    if not (reply.parent_id.isdigit() and page_id.isdigit()):
        raise PublishFailed("a private message goes to who commented under our post, through page_id")
    if len(reply.text.encode()) > MAX_DIRECT_BYTES:
        raise PublishFailed(f"a private message takes {MAX_DIRECT_BYTES} bytes")
    return private.send(graph, page_id, {"comment_id": reply.parent_id}, reply.text)


def find(graph: Graph, account_id: str, username: str, reply: Reply) -> Published | None:
    """Our answer with this text at the same place. Unavailable when our own name is not known."""
    if not username:
        raise Unavailable("the name of our account is not set, so our reply cannot be looked for")
    try:
        entries = _beside(graph, account_id, reply)
    except Absent:
        return None
    wanted = " ".join(reply.text.split())
    for entry in entries:
        written = " ".join(str(entry.get("text") or "").split())
        # Instagram puts the name of who is answered before the text.
        if str(entry.get("username") or "").casefold() == username.casefold() and written.endswith(wanted):
            return Published(url="", external_id=str(entry.get("id") or ""))
    return None


def _beside(graph: Graph, account_id: str, reply: Reply) -> list[Mapping[str, object]]:
    """What stands where our reply should be."""
    if reply.parent_id.isdigit():
        told = graph.get(reply.parent_id, {"fields": "parent_id"}, now=None)
        above = str(told.get("parent_id") or "")
        place = above if above.isdigit() else reply.parent_id
        params = {"fields": COMMENT_FIELDS, "limit": "50"}
        return listed(graph.get(f"{place}/replies", params, now=None))
    fields = f"mentioned_media.media_id({_media_id(reply)}){{comments{{id,text,username}}}}"
    told = graph.get(account_id, {"fields": fields}, now=None)
    media = told.get("mentioned_media")
    comments = media.get("comments") if isinstance(media, Mapping) else None
    return listed(comments) if isinstance(comments, Mapping) else []


def _media_id(reply: Reply) -> str:
    """The post of somebody else that the reply is under. Raises PublishFailed when it is not known."""
    place = reply.thread_id or reply.parent_id
    number = place.removeprefix(MEDIA)
    if not (place.startswith(MEDIA) and number.isdigit()):
        raise PublishFailed("the post that it belongs under is not known")
    return number
