"""Private messages on Reddit. The subject holds a mark made of our key, by which one is found again."""

import hashlib
import re

from monitoring.connectors.base import Mention, No, Published, Reply, Yes
from monitoring.connectors.errors import PublishFailed, Unavailable
from monitoring.connectors.reddit.client import RedditClient

_ACCOUNT = re.compile(r"[\w-]{3,20}", re.ASCII)
_SENT = "message/sent"


def takes_messages(mention: Mention) -> Yes | No:
    """Whether we know whom to write to; whether they take messages is only told on sending."""
    if mention.author is None or not _ACCOUNT.fullmatch(mention.author.handle):
        return No("Its author is not known, so no message can be sent", mention.url)
    return Yes()


def send(client: RedditClient, reply: Reply, *, key: str) -> Published:
    """One message. Raises PublishFailed, PublishUnknown, or a source error."""
    client.message(_recipient(reply), subject(key), reply.text)
    return Published(f"https://www.reddit.com/{_SENT}/", "")  # Reddit tells no name of it


def find(client: RedditClient, reply: Reply, *, key: str) -> Published | None:
    """Our message with the mark of `key`, among the newest hundred that we sent."""
    body = client.get(_SENT, {"limit": "100"}, now=None)
    try:
        for entry in body["data"]["children"]:
            if str(entry["data"].get("subject")) == subject(key):
                name = str(entry["data"]["name"])
                return Published(f"https://www.reddit.com/message/messages/{name[3:]}", name)
    except (KeyError, TypeError, AttributeError):
        raise Unavailable("Reddit answers without our messages") from None
    return None


def subject(key: str) -> str:
    """What a message is about, in the two languages of who may get it, and its mark."""
    mark = hashlib.sha256(key.encode()).hexdigest()[:10]
    return f"Over uw bericht op Reddit · About your post on Reddit ({mark})"


def _recipient(reply: Reply) -> str:
    """The name of the account. Raises PublishFailed without one."""
    name = reply.author.handle if reply.author else ""
    if not _ACCOUNT.fullmatch(name):
        raise PublishFailed("its author is not known")
    return name
