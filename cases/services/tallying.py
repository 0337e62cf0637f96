"""Counts the posts that watches hold, bucket by bucket: the only writer of what is counted.

The hours that change are counted again from the posts that the watch holds. So late, judged, edited, merged
and parted posts are counted by one function, and nothing can drift. Only in a flood is a page added (`add`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cases.models import WatchCount, WatchedPost
from cases.rules.tone import tone_of
from cases.rules.workflow import State
from monitoring import bulk

BUSY = 2000
"""An hour with so many posts is not read again for every page that adds to it."""

HOUR = 12
"""Buckets of a clock hour."""

COUNT_FIELDS = (
    "watch_id",
    "bucket",
    "n",
    "n_negative",
    "reach",
    "n_judged",
    "n_cued",
    "n_readable",
    "n_imported",
    "is_unknown",
)
SET = "ON CONFLICT (watch_id, bucket) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in COUNT_FIELDS[2:]
)
TALLIED = (
    "watch_id",
    "bucket",
    "author",
    "followers",
    "cue",
    "is_readable",
    "is_imported",
    "post__case__category",
    "post__case__state",
    "post__case__lead__category",
)


class Addition(Protocol):
    """What is read of a post that is new to a watch."""

    @property
    def id(self) -> int: ...
    @property
    def bucket(self) -> int: ...
    @property
    def author(self) -> int | None: ...


def tally(changed: Mapping[int, Collection[int]]) -> None:
    """Count again the clock hours around these buckets, by watch. The watches are held.

    An hour that was not seen stays unknown where nothing was said in it.
    """
    hours = {(watch_id, bucket // HOUR) for watch_id, buckets in changed.items() for bucket in buckets}
    if not hours:
        return
    numbers = sorted({hour * HOUR + place for _, hour in hours for place in range(HOUR)})
    held = WatchedPost.objects.filter(watch__in=set(changed), bucket__in=numbers)
    sums: dict[tuple[int, int], _Sums] = defaultdict(_Sums)
    reached: set[tuple[int, int, int]] = set()
    for row in held.order_by("watch_id", "bucket", "post_id").values_list(*TALLIED):
        watch_id, bucket, author, followers, *tone = row
        if (watch_id, bucket // HOUR) not in hours:
            continue
        sums[watch_id, bucket].add(*tone)
        if author is None or (watch_id, bucket // HOUR, author) not in reached:
            sums[watch_id, bucket].reach += followers
        if author is not None:
            reached.add((watch_id, bucket // HOUR, author))
    _empty(hours, sums, numbers)
    rows = [(*key, *found.row(), False) for key, found in sorted(sums.items(), key=lambda each: each[0])]
    bulk.upsert(WatchCount, COUNT_FIELDS, rows, on_conflict=SET)


def add(new: Mapping[int, Sequence[Addition]]) -> None:
    """Count posts that these watches hold since a moment ago. The watches are held.

    As `tally` does; an hour that is busy is not read again for every page: what is new is added to it, and
    who spoke in it before is looked up. The property tests hold the two beside each other.
    """
    hours = {(pk, post.bucket // HOUR) for pk, posts in new.items() for post in posts}
    busy = _busy(hours)
    quiet: dict[int, set[int]] = defaultdict(set)
    rows: dict[tuple[int, int], list[int]] = {}
    for pk, posts in new.items():
        for hour in {post.bucket // HOUR for post in posts}:
            fresh = [post for post in posts if post.bucket // HOUR == hour]
            added = _added(pk, hour, fresh) if (pk, hour) in busy else None
            if added is None:
                quiet[pk] |= {post.bucket for post in fresh}
            else:
                rows |= added
    if rows:
        ready = [(*key, *found, False) for key, found in sorted(rows.items())]
        bulk.upsert(WatchCount, COUNT_FIELDS, ready, on_conflict=SET)
    tally(quiet)


def _busy(hours: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """The hours in which so much was counted already that reading them again costs more than adding."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    numbers = {hour * HOUR + place for _, hour in hours for place in range(HOUR)}
    counted = WatchCount.objects.filter(watch__in={pk for pk, _ in hours}, bucket__in=numbers)
    for pk, bucket, n in counted.values_list("watch_id", "bucket", "n"):
        found[pk, bucket // HOUR] += n
    return {key for key, n in found.items() if n >= BUSY}


def _added(watch_id: int, hour: int, new: Sequence[Addition]) -> dict[tuple[int, int], list[int]] | None:
    """The buckets of an hour with what is new in them; None when somebody's first word in it moves."""
    first, last = hour * HOUR, hour * HOUR + HOUR - 1
    spoke = WatchedPost.objects.filter(watch=watch_id, bucket__gte=first, bucket__lte=last)
    ids = {post.id for post in new}
    authors = {post.author for post in new if post.author is not None}
    earlier: dict[int | None, tuple[int, int]] = {}
    beside = spoke.filter(author__in=authors).order_by("bucket", "post_id")
    for author, bucket, pk in beside.values_list("author", "bucket", "post_id"):
        if pk not in ids:
            earlier.setdefault(author, (bucket, pk))
    if any((post.bucket, post.id) < earlier.get(post.author, (0, 0)) for post in new):
        return None
    sums: dict[tuple[int, int], _Sums] = defaultdict(_Sums)
    mine = spoke.filter(post__in=ids).order_by("bucket", "post_id")
    for _, bucket, author, followers, *tone in mine.values_list(*TALLIED):
        sums[watch_id, bucket].add(*tone)
        if author is None or author not in earlier:
            sums[watch_id, bucket].reach += followers
        if author is not None:
            earlier.setdefault(author, (bucket, 0))
    stored = WatchCount.objects.filter(watch=watch_id, bucket__in={bucket for _, bucket in sums})
    before = {row[0]: row[1:] for row in stored.values_list("bucket", *COUNT_FIELDS[2:-1])}
    nothing = (0,) * len(COUNT_FIELDS[2:-1])
    return {
        key: [a + b for a, b in zip(found.row(), before.get(key[1], nothing), strict=True)]
        for key, found in sums.items()
    }


@dataclass(slots=True)
class _Sums:
    n: int = 0
    n_negative: int = 0
    reach: int = 0
    n_judged: int = 0
    n_cued: int = 0
    n_readable: int = 0
    n_imported: int = 0

    def add(self, cue: str, readable: bool, imported: bool, *judged: str | None) -> None:
        tone = tone_of(judged_as(*judged), cue=cue, is_readable=readable)
        self.n += 1
        self.n_negative += tone.is_negative
        self.n_judged += tone.is_judged
        self.n_cued += tone.is_cued
        self.n_readable += tone.is_readable
        self.n_imported += imported

    def row(self) -> tuple[int, ...]:
        tones = (self.n_judged, self.n_cued, self.n_readable, self.n_imported)
        return (self.n, self.n_negative, self.reach, *tones)


def judged_as(category: str | None, state: str | None, of_lead: str | None) -> str:
    """What a post was judged: its own case, or that of the lead it is merged into; "" = not yet."""
    return (of_lead if state == State.MERGED else category) or ""


def _empty(
    hours: Collection[tuple[int, int]], sums: Mapping[tuple[int, int], _Sums], numbers: Sequence[int]
) -> None:
    """Buckets that hold nothing any more are zero: posts of another thread were parted from the watch."""
    stale = WatchCount.objects.filter(
        watch__in={watch_id for watch_id, _ in hours}, bucket__in=numbers, n__gt=0
    )
    rows = [
        pk
        for pk, watch_id, bucket in stale.values_list("pk", "watch_id", "bucket")
        if (watch_id, bucket // HOUR) in hours and (watch_id, bucket) not in sums
    ]
    if rows:
        WatchCount.objects.filter(pk__in=rows).delete()
