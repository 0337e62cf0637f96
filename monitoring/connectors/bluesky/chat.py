"""Direct messages on Bluesky: a service of its own, reached through the server that holds our account.

A message takes no key of ours. It shows the post that it answers, and by that post and its text it is
found again.
"""

from collections.abc import Mapping
from typing import Any

from monitoring.connectors.base import Mention, No, Published, Reply, Yes
from monitoring.connectors.bluesky.client import BlueskyClient
from monitoring.connectors.bluesky.sending import facets, length
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
)

MAX_GRAPHEMES = 1000
MAX_BYTES = 10_000
_EMBED = "app.bsky.embed.record"
_NEWEST = 100


def takes_messages(mention: Mention, author: Mapping[str, Any]) -> Yes | No:
    """Whether its author took messages from us when the post was read; `author` as Bluesky shows it."""
    if mention.author is None or not mention.author.external_id.startswith("did:"):
        return No("Its author is not known, so no message can be sent", mention.url)
    viewer, associated = author.get("viewer"), author.get("associated")
    chat = associated.get("chat") if isinstance(associated, Mapping) else None
    allows = chat.get("allowIncoming") if isinstance(chat, Mapping) else None
    follows_us = isinstance(viewer, Mapping) and bool(viewer.get("followedBy"))
    if allows == "none":
        return No("Its author accepts no messages", mention.url)
    if allows == "following" and not follows_us:
        return No("Its author accepts messages only from accounts they follow, and not from us", mention.url)
    return Yes()


def send(client: BlueskyClient, reply: Reply) -> Published:
    """One message to the author of the post, with the post in it.

    Raises PublishFailed when it certainly was not sent, PublishUnknown when it may be, and the source
    error for a limit, keys that no longer work, or a platform that was out of reach before we wrote.
    """
    if length(reply.text) > MAX_GRAPHEMES or len(reply.text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PublishFailed(f"a direct message takes {MAX_GRAPHEMES} characters and {MAX_BYTES} bytes")
    convo_id = _conversation(client, reply)
    parent = client.posts([reply.parent_id], now=None).get(reply.parent_id)
    if parent is None:
        raise PublishFailed("the post is no longer there, or its author blocks us")
    shown = {"uri": reply.parent_id, "cid": str(parent.get("cid") or "")}
    message = {"text": reply.text, "embed": {"$type": _EMBED, "record": shown}}
    found = facets(client, reply.text)
    asked = {"convoId": convo_id, "message": message | ({"facets": found} if found else {})}
    try:
        answer = client.tell("chat.bsky.convo.sendMessage", asked, now=None)
    except (CredentialRefused, RateLimited):
        raise
    except Refused as refused:
        raise PublishFailed(refused.reason) from refused
    except Unavailable as unknown:
        raise PublishUnknown(unknown.reason) from unknown
    return _published(convo_id, answer)


def find(client: BlueskyClient, reply: Reply) -> Published | None:
    """Our message with this text about this post, among the newest hundred of the conversation."""
    try:
        convo_id = _conversation(client, reply)
        asked = {"convoId": convo_id, "limit": _NEWEST}
        answer = client.ask("chat.bsky.convo.getMessages", asked, now=None)
    except CredentialRefused:
        raise
    except (PublishFailed, Refused) as closed:
        raise PublishUnknown(f"its author no longer lets us look ({closed.reason})") from closed
    messages = answer.get("messages")
    if not isinstance(messages, list):
        raise Unavailable("Bluesky answers with nothing that can be read")
    us = client.account[0]
    for message in messages:
        if isinstance(message, Mapping) and _is_ours(message, us, reply):
            return _published(convo_id, message)
    return None


def _conversation(client: BlueskyClient, reply: Reply) -> str:
    """The conversation with the author of the post. Raises PublishFailed where they want none."""
    person = reply.author.external_id if reply.author else ""
    if not person.startswith("did:"):
        raise PublishFailed("its author is not known")
    try:
        asked = {"members": [person]}
        answer = client.ask("chat.bsky.convo.getConvoForMembers", asked, now=None)
    except CredentialRefused:
        raise
    except Refused as refused:
        if client.traffic.is_without_chat:
            raise PublishFailed("our app password was made without access to direct messages") from refused
        raise PublishFailed(f"its author does not take messages from us ({refused.reason})") from refused
    convo = answer.get("convo")
    convo_id = convo.get("id") if isinstance(convo, Mapping) else None
    if not isinstance(convo_id, str) or not convo_id:
        raise Unavailable("Bluesky answers with nothing that can be read")
    return convo_id


def _is_ours(message: Mapping[str, Any], us: str, reply: Reply) -> bool:
    sender, embed = message.get("sender"), message.get("embed")
    if not (isinstance(sender, Mapping) and sender.get("did") == us):
        return False
    shown = embed.get("record") if isinstance(embed, Mapping) else None
    about = shown.get("uri") if isinstance(shown, Mapping) else reply.parent_id
    return about == reply.parent_id and str(message.get("text") or "").split() == reply.text.split()


def _published(convo_id: str, message: Mapping[str, Any]) -> Published:
    return Published(f"https://bsky.app/messages/{convo_id}", str(message.get("id") or ""))
