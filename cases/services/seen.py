"""What is known of one watch when it is judged: its counts and the posts of the last hour."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cases.models import Watch
from cases.rules.signs import Coverage, Joined, ReachSeen
from cases.rules.worsening import BUCKET_S
from monitoring.models import Source

HOUR = 12
"""Buckets of an hour."""


@dataclass(slots=True)
class Counts:
    """The buckets that were read of a watch."""

    n: dict[int, int] = field(default_factory=dict)
    rings: dict[int, int] = field(default_factory=dict)
    """Without what came by a file: it counts, and rings for nobody."""

    negative: dict[int, int] = field(default_factory=dict)
    reach: dict[int, int] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    unreadable: set[int] = field(default_factory=set)
    """Buckets of which too little is known to say that nothing negative was in them."""

    def recent(self, last: int) -> int:
        return sum(self.rings.get(bucket, 0) for bucket in range(last - HOUR + 1, last + 1))


@dataclass(frozen=True, slots=True)
class Busy:
    """An hour of a flood in sums; `reach` counts an author once a clock hour, so at most twice in it."""

    n: int
    reach: int
    largest: int
    n_of_largest: int
    largest_posts: list[int]

    def reach_seen(self, usual: float | None) -> ReachSeen:
        return ReachSeen(self.reach, usual, self.largest, self.n - self.n_of_largest, self.largest_posts)


@dataclass(slots=True)
class Recent:
    """The posts of the last hour, and the accounts of weight.

    `busy`: what was summed up of an hour with so many posts that they are not read one by one.
    """

    posts: list[int] = field(default_factory=list)
    negative_posts: list[int] = field(default_factory=list)
    n_replies: int = 0
    n_judged: int = 0
    n_cued: int = 0
    n_negative: int = 0
    n_readable: int = 0
    reach: dict[int, int] = field(default_factory=dict)
    by: dict[int, int] = field(default_factory=dict)
    largest_posts: list[int] = field(default_factory=list)
    largest: tuple[int, int] = (-1, 0)
    """The account with the most followers, as (followers, minus its number)."""

    busy: "Busy | None" = None

    def note_author(self, author: int, followers: int, post_id: int) -> None:
        """One more post of an author, newest first."""
        self.by[author] = self.by.get(author, 0) + 1
        if followers > self.largest[0]:
            self.largest_posts.insert(0, post_id)
        self.reach[author] = max(followers, self.reach.get(author, 0))
        self.largest = max(self.largest, (self.reach[author], -author))

    @property
    def coverage(self) -> Coverage:
        n = self.busy.n if self.busy else len(self.posts)
        return Coverage(n, self.n_judged, self.n_cued, self.n_negative, self.n_readable)

    def reach_seen(self, usual: float | None) -> ReachSeen:
        if self.busy:
            return self.busy.reach_seen(usual)
        if not self.reach:
            return ReachSeen(usual=usual, n_others=len(self.posts))
        largest, author = self.largest[0], -self.largest[1]
        others = len(self.posts) - self.by[author]
        return ReachSeen(sum(self.reach.values()), usual, largest, others, self.largest_posts)


@dataclass(slots=True)
class Sight:
    """All that is read of one watch."""

    watch: Watch
    counts: Counts
    out_of_sight_since: datetime | None
    is_partly_unseen: bool
    """Whether any source of its posts cannot be seen, so that the buckets of now are unknown."""

    recent: Recent = field(default_factory=Recent)
    joined: list[Joined] = field(default_factory=list)
    last_before: int | None = None
    """The last bucket with a post before the last hour."""

    is_quiet_unknown: bool = False
    part_since: datetime | None = None
    """Since when one of its own sources shows nothing, so that a silence says nothing."""

    sources: Sequence[Source] = ()
    """Those that tell by themselves whether it sees: of its case, or all that feed it."""


def learns_from(watch: Watch) -> datetime:
    """When the series of a watch begins: with the watch, or earlier where an import brought its past."""
    since = watch.baseline.get("from")
    return datetime.fromtimestamp(since * BUCKET_S, UTC) if since is not None else watch.started_at
