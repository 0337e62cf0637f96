"""The counts of a watch: which posts it holds, and what they come to in each bucket.

A bucket is never added to: the hours that change are counted again from the posts that the watch holds. So
late, judged, edited, merged and parted posts are counted by one function, and nothing can drift.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from cases import cuelist
from cases.models import Case, Watch, WatchCount, WatchedPost, WatchThread
from cases.rules.cues import HARD_TRIGGERS
from cases.rules.tone import is_readable, tone_of
from cases.rules.workflow import State
from cases.rules.worsening import bucket_of
from monitoring import bulk
from monitoring.connectors.base import Kind
from monitoring.models import Post

HOUR = 12
"""Buckets of a clock hour."""

SILENT = 30 * 24 * HOUR
"""A platform that was silent for so many buckets is a new one when it is heard again."""

ALWAYS = (0, 0)
"""Since when a platform takes part that was there before the watch: never new."""

MOST_TRIGGERS = 5
IMPORT = "import"
HEARD = (
    "identity_id",
    "platform",
    "thread_id",
    "kind",
    "text",
    "language",
    "posted_at",
    "fetched_at",
    "author_id",
    "author__followers",
    "author__standing",
    "source__connector",
)
LINK_FIELDS = (
    "watch_id",
    "post_id",
    "bucket",
    "platform",
    "author",
    "followers",
    "cue",
    "role",
    "is_reply",
    "is_readable",
    "is_imported",
)
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


@dataclass(frozen=True, slots=True)
class Heard:
    """A post as a watch counts it, whatever becomes of its words."""

    id: int
    thread: tuple[str, str]
    bucket: int
    fetched_at: datetime
    author: int | None
    followers: int
    cue: str
    found: str
    role: str
    is_reply: bool
    is_readable: bool
    is_imported: bool

    @property
    def has_trigger(self) -> bool:
        return self.cue in HARD_TRIGGERS and not self.is_imported

    def row(self, watch_id: int) -> tuple[Any, ...]:
        known = (self.author, self.followers, self.cue, self.role)
        flags = (self.is_reply, self.is_readable, self.is_imported)
        return (watch_id, self.id, self.bucket, self.thread[0], *known, *flags)


def heard(posts: Any) -> list[Heard]:
    """The posts of a query set as they count."""
    return [_heard(row) for row in posts.values_list(*HEARD)]


def heard_now(ids: Collection[int]) -> list[Heard]:
    return heard(Post.objects.filter(pk__in=ids).order_by("pk"))


def threads_of(watch_ids: Collection[int]) -> dict[tuple[str, str], set[int]]:
    """By conversation which of these watches count it."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    rows = WatchThread.objects.filter(watch__in=watch_ids).values_list("watch_id", "platform", "thread_id")
    for watch_id, *thread in rows:
        found[thread[0], thread[1]].add(watch_id)
    return found


def counts_for(watch: Watch, post: Heard) -> bool:
    """Whether a post of its threads is one that came after the watch began."""
    return post.id > watch.after_post and post.fetched_at >= watch.started_at


def link(rows: Iterable[tuple[int, Heard]]) -> None:
    """Let watches hold posts; one that is held already stays as it was heard."""
    ready = [post.row(watch_id) for watch_id, post in rows]
    bulk.upsert(WatchedPost, LINK_FIELDS, ready, on_conflict="ON CONFLICT (watch_id, post_id) DO NOTHING")


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


def recount(watch: Watch) -> None:
    """Hold and count everything again from the stored posts, in the caller's transaction.

    What is gone from its platform stays, as it was heard; what an edit made of a text counts from here on.
    Equal to what was counted post by post (`tests/cases/services/test_series.py`). The watch is held.
    """
    threads = list(WatchThread.objects.filter(watch=watch).values_list("platform", "thread_id"))
    wanted = Q(pk__in=[])
    for platform, thread_id in set(threads):
        wanted |= Q(platform=platform, thread_id=thread_id)
    posts = Post.objects.filter(wanted, pk__gt=watch.after_post, fetched_at__gte=watch.started_at)
    found = {post.id: post for post in heard(posts)}
    was = dict(WatchedPost.objects.filter(watch=watch).values_list("post_id", "bucket"))
    WatchedPost.objects.filter(watch=watch, post__in=was.keys() - found.keys()).delete()
    standing = set(posts.filter(pk__in=was, gone_at=None).values_list("pk", flat=True))
    again = [found[pk] for pk in sorted(standing)]
    bulk.update(
        WatchedPost,
        ("cue", "role"),
        [(post.cue, post.role, watch.pk, post.id) for post in again],
        by=("watch_id", "post_id"),
    )
    link((watch.pk, post) for pk, post in sorted(found.items()) if pk not in was)
    there = {platform for platform, _ in threads}
    watch.platforms = {name: span for name, span in watch.platforms.items() if name in there}
    for post in found.values():
        watch.platforms = platforms_after(watch.platforms, post.thread[0], post.bucket)
    counted = set(WatchCount.objects.filter(watch=watch, n__gt=0).values_list("bucket", flat=True))
    tally({watch.pk: counted | {post.bucket for post in found.values()}})


def note(watch: Watch, posts: Sequence[Heard], *, late_before: int, too_late: int) -> None:
    """What new posts say of a watch besides their number, on its unsaved row.

    `late_before`: posts of buckets before this one are late; of those before `too_late` nothing is looked
    at again.
    """
    for post in posts:
        watch.platforms = platforms_after(watch.platforms, post.thread[0], post.bucket)
        if post.is_imported:
            watch.relearn_from = min(watch.relearn_from or post.bucket, post.bucket)
        elif too_late <= post.bucket < late_before:
            watch.late_bucket = min(watch.late_bucket or post.bucket, post.bucket)


def platforms_after(
    seen: Mapping[str, Sequence[int]], platform: str, bucket: int
) -> dict[str, Sequence[int]]:
    """Per platform the bucket since which it takes part, and its last one, with one more post.

    A platform that was silent for thirty days begins anew. In whatever order posts come, it is the same.
    """
    since, last = seen.get(platform, (bucket, bucket))
    if (since, last) == ALWAYS:
        last = bucket
    if bucket > last + SILENT or since - SILENT <= bucket < since:
        since = bucket
    return {**seen, platform: [since, max(last, bucket)]}


@dataclass(slots=True)
class _Sums:
    n: int = 0
    n_negative: int = 0
    reach: int = 0
    n_judged: int = 0
    n_cued: int = 0
    n_readable: int = 0
    n_imported: int = 0
    posts: list[int] = field(default_factory=list)

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


def _heard(row: Sequence[Any]) -> Heard:
    pk, platform, thread_id, kind, text, language, posted_at, fetched_at, *about = row
    author, followers, standing, connector = about
    found = cuelist.current().find(text) if text else ()
    return Heard(
        id=pk,
        thread=(platform, thread_id),
        bucket=bucket_of(posted_at, arrived_at=fetched_at),
        fetched_at=fetched_at,
        author=author,
        followers=followers or 0,
        cue=found[0].kind.value if found else "",
        found=found[0].found if found else "",
        role=standing or "",
        is_reply=kind == Kind.REPLY,
        is_readable=is_readable(language),
        is_imported=connector == IMPORT,
    )


def follow(case_ids: Collection[int]) -> list[Watch]:
    """Bring the threads that these cases give to watches up to date; returns the watches that changed.

    A copy gives its thread to the watch of its lead for as long as it is merged. The caller holds the cases;
    the watches are held from here on, and counted again.
    """
    copies = Case.objects.filter(pk__in=case_ids, state=State.MERGED, lead__watches__ended_at=None)
    rows = copies.filter(lead__watches__isnull=False)
    wanted = {
        (watch_id, pk): (platform, thread_id)
        for pk, watch_id, platform, thread_id in rows.values_list(
            "pk", "lead__watches", "post__platform", "post__thread_id"
        )
    }
    open_threads = WatchThread.objects.filter(case__in=case_ids, watch__ended_at=None)
    given = set(open_threads.exclude(watch__case__in=case_ids).values_list("watch_id", "case_id"))
    changed = {watch_id for watch_id, _ in given ^ wanted.keys()}
    if not changed:
        return []
    watches = list(Watch.objects.select_for_update().filter(pk__in=changed, ended_at=None).order_by("pk"))
    held = {watch.pk for watch in watches}
    WatchThread.objects.filter(
        pk__in=[
            pk
            for pk, *key in open_threads.values_list("pk", "watch_id", "case_id")
            if tuple(key) in given - wanted.keys()
        ]
    ).delete()
    WatchThread.objects.bulk_create(
        WatchThread(watch_id=watch_id, case_id=pk, platform=thread[0], thread_id=thread[1])
        for (watch_id, pk), thread in sorted(wanted.items())
        if (watch_id, pk) not in given and watch_id in held
    )
    for watch in watches:
        recount(watch)
    return watches
