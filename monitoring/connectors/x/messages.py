"""Direct messages on X: to the author of a post, and found again in the conversation with them."""

from monitoring.connectors.base import Mention, No, Published, Reply, Yes
from monitoring.connectors.errors import PublishFailed
from monitoring.connectors.shape import WRONG_SHAPE, time_in
from monitoring.connectors.x.client import XClient
from monitoring.connectors.x.posts import time_of
from monitoring.connectors.x.text import MESSAGE, comparable

MAX_CHARS = 10_000


def takes_messages(mention: Mention) -> Yes | No:
    """Whether we know whom to write to; whether they take messages is only told on sending."""
    if mention.author is None or not _is_number(mention.author.external_id):
        return No("Its author is not known, so no message can be sent", mention.url)
    return Yes()


def send(client: XClient, reply: Reply) -> Published:
    """One message. Raises PublishFailed, PublishUnknown, or a source error."""
    if len(reply.text) > MAX_CHARS:
        raise PublishFailed(f"it has {len(reply.text)} of {MAX_CHARS} characters")
    return _published(client, reply, client.message(_recipient(reply), reply.text))


def find(client: XClient, reply: Reply) -> Published | None:
    """Our newest message to the author with this text, sent after the post.

    The same words sent after an earlier post of theirs count only when they came after this one too:
    then they have them, and nothing is sent twice.
    """
    person = _recipient(reply)
    for event in client.messages(person):
        try:
            is_after = time_in(event, "created_at") > time_of(int(reply.parent_id))
            is_theirs = str(event.get("sender_id")) == person
            if is_after and not is_theirs and comparable(str(event["text"])) == comparable(reply.text):
                return _published(client, reply, str(event["id"]))
        except WRONG_SHAPE:
            continue
    return None


def _recipient(reply: Reply) -> str:
    """The number of the author. Raises PublishFailed without one."""
    person = reply.author.external_id if reply.author else ""
    if not _is_number(person):
        raise PublishFailed("its author is not known")
    return person


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdigit()


def _published(client: XClient, reply: Reply, event_id: str) -> Published:
    url = f"https://x.com/messages/{_recipient(reply)}-{client.user_id}" if client.user_id else ""
    return Published(url=url, external_id=event_id, cost=MESSAGE)
