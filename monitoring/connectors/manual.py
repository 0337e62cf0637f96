"""Manual capture: a page, a text or a telephone tip that a person saw becomes a mention.

There is nothing to poll and nowhere to answer: the answer is given where the post stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from monitoring.connectors.base import (
    AuthorRef,
    Budget,
    Capabilities,
    Cursor,
    Gone,
    Live,
    Mention,
    No,
    Page,
    Problem,
    Published,
    PublishFailed,
    Reply,
    SourceConfig,
    Unknown,
    Yes,
)
from monitoring.connectors.plain import bounded_id, clean, normalised_url

NO_REPLY = "A captured post has no connection to its platform"


class Via(StrEnum):
    """How the post reached us."""

    URL = "url"
    TEXT = "text"
    PHONE = "phone"


class NothingCaptured(ValueError):
    """Neither a text nor an address was given."""

    def __str__(self) -> str:
        return "Give the text of the post, its address, or both."


@dataclass(frozen=True, slots=True)
class Capture:
    """What the person filled in. `key` identifies a capture without an address (a UUID of the form)."""

    key: str
    via: Via
    text: str = ""
    url: str = ""
    author: str = ""
    posted_at: datetime | None = None  # None: the person did not know


def normalise(capture: Capture, *, now: datetime) -> Mention:
    """The mention for a capture; the same page captured twice is the same mention.

    Raises NothingCaptured without text and address, BadUrl for an address that is none.
    """
    text, url = clean(capture.text).strip(), capture.url.strip()
    if not text and not url:
        raise NothingCaptured
    if url:
        url = normalised_url(url)
    handle = clean(capture.author).strip()
    return Mention(
        platform="manual",
        canonical_id=bounded_id(url or capture.key),
        url=url,
        text=text or url,
        posted_at=min(capture.posted_at or now, now).astimezone(UTC),
        author=AuthorRef(external_id=handle, handle=handle) if handle else None,
        raw={"via": capture.via.value, "url": clean(capture.url), "key": capture.key},
    )


class ManualConnector:
    """The source behind manual capture: it exists so that captures have a place and a policy."""

    name = "manual"
    capabilities = Capabilities()

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Nothing: people bring the posts."""
        return iter(())

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """Unknown for all: we cannot look."""
        return {post_id: Unknown(NO_REPLY) for post_id in ids}

    def can_reply(self, source: SourceConfig, mention: Mention) -> Yes | No:
        """No; the address of the post is where to answer."""
        return No(NO_REPLY, intent_url=mention.url)

    def reply_length(self, text: str) -> int:
        """Characters; there is no limit."""
        return len(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Always PublishFailed."""
        raise PublishFailed(NO_REPLY)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """None: we send nothing."""
        return None

    def check(self, source: SourceConfig) -> list[Problem]:
        """Nothing can be wrong."""
        return []
