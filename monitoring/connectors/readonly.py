"""What connectors have in common that only read: nothing can be sent, and nothing be looked up again."""

from collections.abc import Sequence
from datetime import datetime

from monitoring.connectors.base import (
    Capabilities,
    Gone,
    Live,
    Mention,
    No,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import PublishFailed, Unreadable


class ReadOnlyConnector:
    """The half of the contract that is about answering, for platforms that take no answers."""

    capabilities = Capabilities()
    secret_names: tuple[str, ...] = ()
    why_not = "This platform takes no replies from us"

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """Always Unreadable: what could not be read comes again with the next poll, or never."""
        raise Unreadable("this platform's posts cannot be read again one by one")

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """Nothing: there are no conversations to ask for."""
        return ()

    def claims(self, url: str) -> bool:
        """No address is known to be of this platform."""
        return False

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """None: no single post can be asked for."""
        return None

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """Unknown for all: there is no looking up one post."""
        return {post_id: Unknown("one post cannot be looked up here") for post_id in ids}

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """No; the address of the post is where a person can answer."""
        return No(self.why_not, intent_url=mention.url)

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters; there is no limit."""
        return len(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Always PublishFailed."""
        raise PublishFailed(self.why_not)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """None: nothing of ours is ever sent."""
        return None
