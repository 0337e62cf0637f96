"""Manual capture: a page, a text or a telephone tip that a person saw becomes a mention.

There is nothing to poll and nowhere to answer: the answer is given where the post stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from monitoring.connectors.base import Budget, Cursor, Mention, Page, Problem, SourceConfig
from monitoring.connectors.plain import author, bounded_id, bounded_url, clean, normalised_url
from monitoring.connectors.readonly import ReadOnlyConnector


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
    return Mention(
        platform="manual",
        canonical_id=bounded_id(url or capture.key),
        url=bounded_url(url),
        text=text or url,
        posted_at=min(capture.posted_at or now, now).astimezone(UTC),
        author=author(capture.author.strip(), capture.author),
        raw={"via": capture.via.value, "url": clean(capture.url), "key": capture.key},
    )


class ManualConnector(ReadOnlyConnector):
    """The source behind manual capture: it exists so that captures have a place and a policy."""

    name = "manual"
    why_not = "A captured post has no connection to its platform"

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Nothing: people bring the posts."""
        return iter(())

    def check(self, source: SourceConfig) -> list[Problem]:
        """Nothing can be wrong."""
        return []
