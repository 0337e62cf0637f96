"""Sends our replies through the connector that a post came by, and says how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from monitoring import credentials
from monitoring.connectors.base import Capabilities, No, Published, Reply, Visibility, Yes
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


def can_reply(post: Post, visibility: str = "public", *, now: datetime | None = None) -> Yes | No:
    """Whether this post can be answered through its source, in public or in a direct message.

    `now`: to hold the age of the post against what the platform takes; without it age is not looked at.
    """
    if post.source is None:
        return No("A captured post has no connection to its platform", intent_url=post.url)
    if post.gone_at:
        return No("The post is gone from its platform")
    platform = connector(post.source.connector)
    try:
        allowed = platform.can_reply(post.source.config(), mention_of(post), _seen_by(visibility))
    except SourceError as error:  # our keys do not open
        return No(str(error), intent_url=post.url)
    if isinstance(allowed, Yes) and visibility == "direct":
        return _can_send_direct(post, platform.capabilities, now=now)
    return allowed


def _can_send_direct(post: Post, can: Capabilities, *, now: datetime | None) -> Yes | No:
    """What holds for direct messages on every platform."""
    if not can.direct:
        return No("Direct messages cannot be sent through this platform from here", intent_url=post.url)
    if now and can.direct_days is not None and now - post.posted_at > timedelta(days=can.direct_days):
        return No(f"The platform takes direct messages for {can.direct_days} days after a post", post.url)
    return Yes()


def measure(post: Post, text: str, visibility: str = "public") -> tuple[int | None, int]:
    """(limit, length) of a reply as the post's platform counts; no limit where there is none."""
    platform = connector(post.source.connector if post.source else "manual")
    can, seen_by = platform.capabilities, _seen_by(visibility)
    limit = can.max_direct_chars if seen_by == "direct" else None
    return limit or can.max_reply_chars, platform.reply_length(text, seen_by)


def send(
    post: Post,
    text: str,
    visibility: str,
    *,
    key: str,
    look_first: bool,
    now: datetime,
    may_publish: bool = True,
) -> Outcome:
    """Send once. `look_first`: an earlier attempt ended in the dark, so look for it under its key.

    Without `may_publish` it is only looked for: words that hold no more are not sent a second time.
    Keys that are refused here are refused for polling too. A limit is not: sending has its own.
    """
    allowed = can_reply(post, visibility, now=now)
    if isinstance(allowed, No) or post.source is None:
        return Failed(allowed.reason if isinstance(allowed, No) else "no source")
    platform, config = connector(post.source.connector), post.source.config()
    wrote = mention_of(post).author
    reply = Reply(post.canonical_id, text, _seen_by(visibility), thread_id=post.thread_id, author=wrote)
    try:
        with hushed(config.secrets):
            found: Published | None = platform.find_reply(config, key, reply) if look_first else None
            if found is None and not may_publish:
                return Failed("It did not arrive, and what it says changed meanwhile")
            sent = found or platform.publish(config, reply, key=key)
            return Arrived(sent.url, sent.cost)
    except SourceError as error:
        return _outcome(error, post.source, now=now)


def can_post(source: Source) -> Yes | No:
    """Whether a post of our own can be sent through this source, from its account."""
    needs = connector(source.connector).capabilities.post_needs
    if needs is None:
        return No("This platform takes no posts of our own from here")
    try:
        config = source.config()
    except SourceError as error:  # our keys do not open
        return No(str(error))
    if not all(config.secrets.get(name) for name in needs):
        return No("The keys to send from our account are not set")
    return Yes()


def measure_post(source: Source, text: str) -> tuple[int | None, int]:
    """(limit, length) of a post of our own as its platform counts."""
    platform = connector(source.connector)
    return platform.capabilities.max_reply_chars, platform.reply_length(text)


def post(
    source: Source,
    text: str,
    *,
    key: str,
    since: datetime,
    look_first: bool,
    now: datetime,
    may_publish: bool = True,
) -> Outcome:
    """Send a post of our own once, as `send` does a reply. `since`: when it was written."""
    allowed = can_post(source)
    if isinstance(allowed, No):
        return Failed(allowed.reason)
    platform, config = connector(source.connector), source.config()
    ours = Reply("", text, "public", since=since)
    try:
        with hushed(config.secrets):
            found = platform.find_reply(config, key, ours) if look_first else None
            if found is None and not may_publish:
                return Failed("It did not arrive, and what it says changed meanwhile")
            sent = found or platform.publish(config, ours, key=key)
            return Arrived(sent.url, sent.cost)
    except SourceError as error:
        return _outcome(error, source, now=now)


def _seen_by(visibility: str) -> Visibility:
    return "direct" if visibility == "direct" else "public"


def _outcome(error: SourceError, source: Source, *, now: datetime) -> Outcome:
    """How sending ended when it did not arrive, or nobody knows."""
    said = without_secrets(str(error), source.config().secrets)
    if isinstance(error, CredentialRefused):
        credentials.note_refusal(source, said, now=now)
    if isinstance(error, RateLimited):
        return NotNow(said, error.until, is_dark=False)
    return NotNow(said) if isinstance(error, PublishUnknown | Unavailable) else Failed(said)
