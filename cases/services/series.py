"""Which posts a watch holds, from which threads, and what was known of each when it was heard."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from cases import cuelist
from cases.models import Case, Watch, WatchCount, WatchedPost, WatchThread
from cases.rules.cues import HARD_TRIGGERS
from cases.rules.tone import is_readable
from cases.rules.workflow import State
from cases.rules.worsening import bucket_of
from cases.services.tallying import HOUR, tally
from monitoring import bulk
from monitoring.connectors.base import Kind
from monitoring.models import Post

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


def link(rows: Iterable[tuple[int, Heard]]) -> set[tuple[int, int]]:
    """Let watches hold posts; one that is held already stays as it was heard. Returns what is new."""
    ready = [post.row(watch_id) for watch_id, post in rows]
    if not ready:
        return set()
    names = ("watch_id", "post_id")
    conflict = "ON CONFLICT (watch_id, post_id) DO NOTHING"
    taken = bulk.upsert(WatchedPost, LINK_FIELDS, ready, on_conflict=conflict, returning=names)
    return {(int(watch_id), int(pk)) for watch_id, pk in taken}


def recount(watch: Watch) -> None:
    """Hold and count everything again from the stored posts, in the caller's transaction.

    What is gone from its platform stays, as it was heard; what an edit made of a text counts from here on.
    Equal to what was counted post by post (`tests/cases/services/test_series.py`). The watch is held.
    """
    posts = Post.objects.filter(_wanted(watch), pk__gt=watch.after_post, fetched_at__gte=watch.started_at)
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
    watch.platforms = platforms_of(watch)
    counted = set(WatchCount.objects.filter(watch=watch, n__gt=0).values_list("bucket", flat=True))
    tally({watch.pk: counted | {post.bucket for post in found.values()}})


def _wanted(watch: Watch) -> Q:
    """The posts of its conversations, of the cases of its situation, or that match its query."""
    if watch.situation_id:
        return Q(case__situation=watch.situation_id)
    if watch.query_id:
        return Q(matches__query=watch.query_id)
    wanted = Q(pk__in=[])
    for platform, thread_id in set(
        WatchThread.objects.filter(watch=watch).values_list("platform", "thread_id")
    ):
        wanted |= Q(platform=platform, thread_id=thread_id)
    return wanted


def platforms_of(watch: Watch) -> dict[str, Sequence[int]]:
    """Since when platforms take part, by the posts that the watch holds; those of the begin are never new."""
    there = WatchThread.objects.filter(watch=watch).values_list("platform", flat=True)
    first = set(there) if watch.case_id else {name for name, span in watch.platforms.items() if not span[0]}
    found: dict[str, Sequence[int]] = {name: span for name, span in watch.platforms.items() if name in first}
    held = WatchedPost.objects.filter(watch=watch).order_by("bucket").values_list("platform", "bucket")
    for platform, bucket in held.distinct():
        found = platforms_after(found, platform, bucket)
    return found


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
