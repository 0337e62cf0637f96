"""Private messages of a page: one to a comment or post, which is all that Meta allows."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from monitoring.connectors.base import Published, Reply
from monitoring.connectors.errors import CredentialRefused, PublishFailed, Refused
from monitoring.connectors.lists import Absent
from monitoring.connectors.meta.graph import Graph

DAYS = 7  # after the comment or post
_ONCE_ONLY = "code 10900"
_MESSAGES = "messages.limit(25){id,message,from}"


def send(graph: Graph, page_id: str, to: Mapping[str, str], text: str) -> Published:
    """One message to who wrote the comment or post that `to` names. Meta refuses a second one."""
    form = {"recipient": json.dumps(dict(to)), "message": json.dumps({"text": text})}
    try:
        body = graph.post(f"{page_id}/messages", form)
    except PublishFailed as failed:
        if _ONCE_ONLY not in failed.reason:
            raise
        raise PublishFailed("it was answered in private before: look in the page's inbox") from None
    return _published(body.get("message_id"))


def find(
    graph: Graph, page_id: str, platform: Literal["messenger", "instagram"], reply: Reply
) -> Published | None:
    """Our message with the text of the reply, in our conversation with who wrote the post.

    None as well where Meta does not tell who wrote it or does not let us look: it refuses a second
    message itself.
    """
    person = reply.author.external_id if reply.author else ""
    if not (person.isascii() and person.isdigit() and page_id.isdigit()):
        return None
    asked = {"platform": platform, "user_id": person, "fields": _MESSAGES}
    try:
        body = graph.get(f"{page_id}/conversations", asked, now=None)
    except CredentialRefused:
        raise
    except (Absent, Refused):
        return None
    wanted = " ".join(reply.text.split())
    for conversation in _entries(body):
        for message in _entries(conversation.get("messages")):
            by = message.get("from")
            is_ours = isinstance(by, Mapping) and str(by.get("id")) != person
            if is_ours and " ".join(str(message.get("message") or "").split()) == wanted:
                return _published(message.get("id"))
    return None


def _entries(edge: Any) -> list[Mapping[str, Any]]:
    listed = edge.get("data") if isinstance(edge, Mapping) else None
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def _published(message_id: object) -> Published:
    return Published(url="", external_id=str(message_id or ""))
