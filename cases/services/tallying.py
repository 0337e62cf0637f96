"""Counts the posts that watches hold, bucket by bucket: the only writer of what is counted.

A bucket is never added to: the hours that change are counted again from the posts that the watch holds. So
late, judged, edited, merged and parted posts are counted by one function, and nothing can drift.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cases.models import WatchCount, WatchedPost
from cases.rules.tone import tone_of
from cases.rules.workflow import State
from monitoring import bulk

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
