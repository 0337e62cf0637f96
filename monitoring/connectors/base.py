"""The contract between the platforms and the rest of the house: values, errors, one protocol.

Pure. A connector is stateless: what it must remember is in the cursor, stored with the posts of a page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

Cursor = Mapping[str, Any]  # JSON; {} = start
Visibility = Literal["public", "direct"]


class Kind(StrEnum):
    """What a mention is in its conversation. A boost is reach, never a case."""

    POST = "post"
    REPLY = "reply"
    QUOTE = "quote"
    BOOST = "boost"


@dataclass(frozen=True, slots=True)
class AuthorRef:
    """Who wrote it, as far as the platform says: no history, no guesses."""

    external_id: str
    handle: str
    name: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Reactions:
    """Cumulative counts at the moment of reading; `views` is None where the platform gives none."""

    replies: int = 0
    shares: int = 0
    likes: int = 0
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One post as fetched. (platform, canonical_id) is its identity, also after an edit.

    `posted_at` is aware and in UTC; `thread_id` is the canonical id of the root ("" = itself);
    `version` changes when the post is edited ("" = never edited); `raw` is what the platform sent.
    `is_addressed`: it is a mention of our own account, so it is kept whatever its words.
    """

    platform: str
    canonical_id: str
    url: str
    text: str
    posted_at: datetime
    author: AuthorRef | None = None
    kind: Kind = Kind.POST
    parent_id: str = ""
    thread_id: str = ""
    language: str = ""
    reactions: Reactions = Reactions()
    raw: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    is_addressed: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """One entry that could not be read: kept for whoever mends it, while the page goes on.

    `place`: its number in what was sent, where the sender counts (None: it does not).
    """

    raw: str
    reason: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time that can no longer be read: the platform does not go back so far."""

    from_at: datetime
    until_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What the platform said is left: `remaining` of `limit` requests or units until `resets_at`."""

    remaining: int
    limit: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Mentions and the cursor that is true once they are stored.

    `last` is False while there is more to read: the final page of a poll that is not `last` means
    that the budget ran out. `next_at` is when the platform wants to be asked again, None where it
    does not care. `cost` in US dollars and `units` of the platform's quota are what the page took.
    """

    mentions: tuple[Mention, ...]
    cursor: Cursor
    rejected: tuple[Rejected, ...] = ()
    last: bool = True
    next_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    quota: Quota | None = None
    cost: Decimal = Decimal(0)
    units: int = 1


def _forget(session: str) -> None:
    """Keep nothing: for sources without a credential."""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """What a connector may know of a source. Each of `terms` is the text of one query.

    `session` is what the connector last gave to `keep`: a sign-in that outlives a poll, kept as safely
    as the secrets. `upload`: the file of an import. `interval_s`: between polls without a time of their own.
    """

    id: int
    name: str
    settings: Mapping[str, Any]
    terms: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # never in a log or an error
    session: str = field(default="", repr=False)
    keep: Callable[[str], None] = field(default=_forget, repr=False, compare=False)
    upload: bytes = field(default=b"", repr=False)
    interval_s: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one poll may read: pages, mentions, US dollars, units of quota (None = no limit)."""

    max_pages: int = 10
    max_items: int = 1000
    max_cost: Decimal | None = None
    max_units: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of ours to the post `parent_id`, which `author` wrote; without one to everybody, `since`."""

    parent_id: str
    text: str
    visibility: Visibility
    thread_id: str = ""
    author: AuthorRef | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Our reply as it stands on the platform. `cost`: in dollars, where sending costs money."""

    url: str
    external_id: str
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform lets us do; `cost_per_item` in US dollars a post read; `receive`: it calls us.

    `post_needs`: the secrets that a post of our own takes (None: it takes none from here).
    Of a direct message: `max_direct_chars` where it differs, `direct_days` after the post it must be sent.
    """

    search: bool = False
    own_mentions: bool = False
    backfill: bool = False
    thread: bool = False
    refresh: bool = False
    reply: bool = False
    direct: bool = False
    post_needs: tuple[str, ...] | None = None
    receive: bool = False
    max_reply_chars: int | None = None
    max_direct_chars: int | None = None
    direct_days: int | None = None
    cost_per_item: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Yes:
    """We may answer this post through the platform."""


@dataclass(frozen=True, slots=True)
class No:
    """We may not; `intent_url` is where a person can answer by hand ("" = nowhere)."""

    reason: str
    intent_url: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """The post still stands, now like this."""

    mention: Mention


@dataclass(frozen=True, slots=True)
class Gone:
    """The platform said in so many words that the post is no longer there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The platform did not answer for this post: nothing may be concluded."""

    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something an administrator must know of a source; a source with a blocking one cannot work."""

    message: str
    blocking: bool = True


class Connector(Protocol):
    """One platform. Every method may raise SourceError; only `normalise` raises another, Unreadable."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def secret_names(self) -> tuple[str, ...]:
        """What a credential for this platform holds, in the order it is asked for."""

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Pages since `cursor`, each with the cursor to store with it; lazily, one request a page."""

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """The mention in one `Rejected.raw`, read again. Raises Unreadable; asks no network."""

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """How the posts with these canonical ids (at most 100) stand now; every id gets an answer."""

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest posts (at most 100) of the conversation of `mention`; () where nothing can be asked."""

    def claims(self, url: str) -> bool:
        """Whether this is the address of one post on this platform; asks no network."""

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The post at an address that `claims` knows; None when it is not there, or not for us."""

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Whether we may answer this post in that way; asks no network."""

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """The length as the platform counts it, to hold against `max_reply_chars` (or `max_direct_chars`)."""

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Send a reply once. Raises PublishUnknown when it may have arrived, PublishFailed if not."""

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """Our reply sent earlier under `key`, after an outcome we did not see; None = not there."""

    def check(self, source: SourceConfig) -> list[Problem]:
        """What is wrong with the settings of the source; asks no network."""


class Receiver(Protocol):
    """A connector that is called by its platform as well."""

    def receive(
        self, source: SourceConfig, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Page:
        """The mentions in one delivery; header names in lower case. Its cursor is not used.

        Raises Forged when the signature or its time is wrong, Unreadable when nothing in it can be read.
        """
