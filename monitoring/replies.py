"""Sends our replies through the connector that a post came by, and says how it ended."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitoring import credentials
from monitoring.connectors.base import No, Published, Reply, Visibility, Yes
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishUnknown,
    RateLimited,
    SourceError,
    Unavailable,
)
from monitoring.connectors.registry import connector
from monitoring.models import Post, Source
from monitoring.sealing import hushed, without_secrets
from monitoring.store import mention_of


@dataclass(frozen=True, slots=True)
class Arrived:
    """The reply stands on the platform, and cost so many dollars."""

    url: str
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class NotNow:
    """It may or may not have arrived, or must wait: look and try again at `until`.

    `is_dark`: this attempt may have arrived; False when the platform only asked us to wait.
    """

    reason: str
    until: datetime | None = None
    is_dark: bool = True


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not arrive and will not by itself."""

    reason: str


Outcome = Arrived | NotNow | Failed


def can_reply(post: Post, visibility: str = "public") -> Yes | No:
    """Whether this post can be answered through its source, in public or in a direct message."""
    if post.source is None:
        return No("A captured post has no connection to its platform", intent_url=post.url)
    if post.gone_at:
        return No("The post is gone from its platform")
    platform = connector(post.source.connector)
    try:
        allowed = platform.can_reply(post.source.config(), mention_of(post))
    except SourceError as error:  # our keys do not open
        return No(str(error), intent_url=post.url)
    if isinstance(allowed, Yes) and visibility == "direct" and not platform.capabilities.direct:
        return No("Direct messages cannot be sent through this platform from here", intent_url=post.url)
    return allowed


def measure(post: Post, text: str) -> tuple[int | None, int]:
    """(limit, length) of a reply as the post's platform counts; no limit where there is none."""
    platform = connector(post.source.connector if post.source else "manual")
    return platform.capabilities.max_reply_chars, platform.reply_length(text)


def send(post: Post, text: str, visibility: str, *, key: str, look_first: bool, now: datetime) -> Outcome:
    """Send once. `look_first`: an earlier attempt ended in the dark, so look for it under its key.

    Keys that are refused here are refused for polling too. A limit is not: sending has its own.
    """
    allowed = can_reply(post, visibility)
    if isinstance(allowed, No) or post.source is None:
        return Failed(allowed.reason if isinstance(allowed, No) else "no source")
    platform, config = connector(post.source.connector), post.source.config()
    seen_by: Visibility = "direct" if visibility == "direct" else "public"
    reply = Reply(post.canonical_id, text, seen_by, thread_id=post.thread_id)
    try:
        with hushed(config.secrets):
            found: Published | None = platform.find_reply(config, key, reply) if look_first else None
            sent = found or platform.publish(config, reply, key=key)
            return Arrived(sent.url, sent.cost)
    except SourceError as error:
        return _outcome(error, post.source, now=now)


def _outcome(error: SourceError, source: Source, *, now: datetime) -> Outcome:
    """How sending ended when it did not arrive, or nobody knows."""
    said = without_secrets(str(error), source.config().secrets)
    if isinstance(error, CredentialRefused):
        credentials.note_refusal(source, said, now=now)
    if isinstance(error, RateLimited):
        return NotNow(said, error.until, is_dark=False)
    return NotNow(said) if isinstance(error, PublishUnknown | Unavailable) else Failed(said)
