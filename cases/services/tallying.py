"""Counts the posts that watches hold, bucket by bucket: the only writer of what is counted.

The hours that change are counted again from the posts that the watch holds. So late, edited, merged and
parted posts are counted by one function, and nothing can drift. Only in a flood is a page added (`add`).
Of a judgement only the difference is counted (`rejudge`): each post says as what it is in the counts.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from cases.models import Case, WatchCount, WatchedPost
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
JUDGED = ("post__case__category", "post__case__state", "post__case__lead__category")
TALLIED = (
    "watch_id",
    "bucket",
    "post_id",
    "judged",
    "author",
    "followers",
    "cue",
    "is_readable",
    "is_imported",
    *JUDGED,
)
TONES = ("n_negative", "n_judged", "n_cued", "n_readable")
"""What a judgement changes of a count."""


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
    counted_as: list[tuple[str, int, int]] = []
    for row in held.order_by("watch_id", "bucket", "post_id").values_list(*TALLIED):
        watch_id, bucket, post_id, before, author, followers, *about = row
        if (watch_id, bucket // HOUR) not in hours:
            continue
        if (judged := sums[watch_id, bucket].add(*about)) != before:
            counted_as.append((judged, watch_id, post_id))
        if author is None or (watch_id, bucket // HOUR, author) not in reached:
            sums[watch_id, bucket].reach += followers
        if author is not None:
            reached.add((watch_id, bucket // HOUR, author))
    _empty(hours, sums, numbers)
    _keep(counted_as)
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


def take_out(watch_id: int, post_ids: Collection[int]) -> set[int]:
    """Take posts out of the busy hours of a watch, which is held and about to let go of them.

    Returns the buckets of the other hours: those are counted again once the posts are gone.
    """
    hours: dict[int, list[WatchedPost]] = defaultdict(list)
    for post in WatchedPost.objects.filter(watch=watch_id, post__in=post_ids).order_by("bucket", "post_id"):
        hours[post.bucket // HOUR].append(post)
    busy = _busy({(watch_id, hour) for hour in hours})
    for hour, posts in hours.items():
        if (watch_id, hour) in busy:
            _subtract(watch_id, hour, posts)
    return {p.bucket for hour, posts in hours.items() if (watch_id, hour) not in busy for p in posts}


def _subtract(watch_id: int, hour: int, gone: Sequence[WatchedPost]) -> None:
    """Whose first word of the hour goes is reached by the next one from now on."""
    sums: dict[int, _Sums] = defaultdict(_Sums)
    spoke = WatchedPost.objects.filter(watch=watch_id, bucket__gte=hour * HOUR, bucket__lt=(hour + 1) * HOUR)
    beside = spoke.filter(author__in={post.author for post in gone if post.author is not None})
    stays = beside.exclude(post__in=[post.post_id for post in gone]).order_by("-bucket", "-post_id")
    kept = {post.author: post for post in stays}  # the first word of each
    for post in gone:
        sums[post.bucket].add(post.cue, post.is_readable, post.is_imported, post.judged, None, None)
        after = kept.get(post.author)
        if after is None or (post.bucket, post.post_id) < (after.bucket, after.post_id):
            sums[post.bucket].reach += post.followers
            if after is not None:
                sums[after.bucket].reach -= after.followers
        if post.author is not None:
            kept[post.author] = min(post, after or post, key=lambda each: (each.bucket, each.post_id))
    stored = WatchCount.objects.filter(watch=watch_id, bucket__in=sums)
    left = {
        bucket: [a - b for a, b in zip(counted, sums[bucket].row(), strict=True)]
        for bucket, *counted in stored.values_list("bucket", *COUNT_FIELDS[2:-1])
    }
    rows = [(watch_id, bucket, *counted, False) for bucket, counted in sorted(left.items()) if counted[0]]
    bulk.upsert(WatchCount, COUNT_FIELDS, rows, on_conflict=SET)
    WatchCount.objects.filter(watch=watch_id, bucket__in=left.keys() - {row[1] for row in rows}).delete()


def rejudge(watch_ids: Collection[int], posts: QuerySet[Case]) -> None:
    """Count what changed of the judgement of these cases: the watches are held, and the cases.

    Only the tones of a bucket change, not how many posts it has nor whom they reach. As what a post was
    counted stands with it, so what is added is exact whoever counted it, and however often this is called.
    """
    held = WatchedPost.objects.filter(watch__in=watch_ids, post__in=posts.values("pk"))
    # The tone goes before the bucket: grouped as an index is ordered, SQLite reads all that the watch holds.
    alike = held.order_by().values_list("judged", "cue", "is_readable", "bucket", "watch_id", *JUDGED)
    changes: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(TONES))
    for before, cue, readable, bucket, watch_id, *about, n in alike.annotate(n=Count("*")):
        if (after := judged_as(*about)) == before:
            continue
        was, now_is = (_tones(each, cue, readable) for each in (before, after))
        change = changes[watch_id, bucket]
        change[:] = [sum_ + n * (b - a) for sum_, a, b in zip(change, was, now_is, strict=True)]
    if not changes:
        return
    ours = Case.objects.filter(pk=OuterRef("post"))
    as_lead = models.Case(When(state=State.MERGED, then="lead__category"), default="category")
    held.update(judged=Coalesce(Subquery(ours.values_list(as_lead)), Value("")))
    stored = WatchCount.objects.filter(watch__in=watch_ids, bucket__in={bucket for _, bucket in changes})
    rows = [
        (*(a + b for a, b in zip(tones, changes[watch_id, bucket], strict=True)), watch_id, bucket)
        for watch_id, bucket, *tones in stored.values_list("watch_id", "bucket", *TONES)
        if (watch_id, bucket) in changes
    ]
    bulk.update(WatchCount, TONES, rows, by=("watch_id", "bucket"))


def _tones(judged: str, cue: str, readable: bool) -> tuple[bool, bool, bool, bool]:
    tone = tone_of(judged, cue=cue, is_readable=readable)
    return tone.is_negative, tone.is_judged, tone.is_cued, tone.is_readable


def _keep(counted_as: Sequence[tuple[str, int, int]]) -> None:
    """As what posts are in the counts: by `rejudge` read before it counts a change."""
    if counted_as:
        bulk.update(WatchedPost, ("judged",), counted_as, by=("watch_id", "post_id"))


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
    counted_as: list[tuple[str, int, int]] = []
    mine = spoke.filter(post__in=ids).order_by("bucket", "post_id")
    for _, bucket, post_id, before, author, followers, *about in mine.values_list(*TALLIED):
        if (judged := sums[watch_id, bucket].add(*about)) != before:
            counted_as.append((judged, watch_id, post_id))
        if author is None or author not in earlier:
            sums[watch_id, bucket].reach += followers
        if author is not None:
            earlier.setdefault(author, (bucket, 0))
    _keep(counted_as)
    stored = WatchCount.objects.filter(watch=watch_id, bucket__in={bucket for _, bucket in sums})
    counted = {row[0]: row[1:] for row in stored.values_list("bucket", *COUNT_FIELDS[2:-1])}
    nothing = (0,) * len(COUNT_FIELDS[2:-1])
    return {
        key: [a + b for a, b in zip(found.row(), counted.get(key[1], nothing), strict=True)]
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

    def add(self, cue: str, readable: bool, imported: bool, *about: str | None) -> str:
        """Add one post; returns as what it was counted."""
        judged = judged_as(*about)
        tone = tone_of(judged, cue=cue, is_readable=readable)
        self.n += 1
        self.n_negative += tone.is_negative
        self.n_judged += tone.is_judged
        self.n_cued += tone.is_cued
        self.n_readable += tone.is_readable
        self.n_imported += imported
        return judged

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
