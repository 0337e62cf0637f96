"""Which posts the watch of a situation counts, when cases join it, leave it, merge or part."""

from collections import defaultdict
from collections.abc import Collection

from cases.models import Case, Watch, WatchedPost, WatchThread
from cases.services import series, tallying
from cases.services.series import Heard


def follow(case_ids: Collection[int]) -> dict[Watch, list[Heard]]:
    """Count the posts of these cases for the watch of their situation, and for no other situation's.

    Returns the watches that changed with the posts that are new to them. The caller holds the cases; the
    watches are held from here on.
    """
    open_on = dict(
        Watch.objects.filter(situation__isnull=False, ended_at=None).values_list("situation_id", "pk")
    )
    if not open_on or not case_ids:
        return {}
    belongs = Case.objects.filter(pk__in=case_ids, situation__in=open_on)
    wanted = {(open_on[number], pk) for pk, number in belongs.values_list("pk", "situation_id")}
    held = WatchedPost.objects.filter(watch__in=set(open_on.values()), post__in=case_ids)
    given = {(watch_id, pk): bucket for watch_id, pk, bucket in held.values_list(*HELD)}
    changed = {watch_id for watch_id, _ in wanted ^ given.keys()}
    watches = Watch.objects.select_for_update(of=("self",)).filter(pk__in=changed, ended_at=None)
    by_number = {watch.pk: watch for watch in watches.order_by("pk")} if changed else {}
    gone = {key: bucket for key, bucket in given.items() if key not in wanted and key[0] in by_number}
    come = _come(wanted - given.keys(), by_number)
    again = _part(gone, by_number)
    series.link((pk, post) for pk, posts in sorted(come.items()) for post in posts)
    tallying.add(come)
    tallying.tally(again)
    return {by_number[pk]: come.get(pk, []) for pk in sorted(come.keys() | {pk for pk, _ in gone})}


def around(case_ids: Collection[int]) -> set[int]:
    """The watches that may change when these cases merge or part; none while no situation is watched."""
    situations = Watch.objects.filter(situation__isnull=False, ended_at=None).values_list(
        "pk", "situation_id"
    )
    open_on = dict(situations)
    if not open_on:
        return set()
    cases = Case.objects.filter(pk__in=case_ids).values_list("lead_id", "situation_id")
    leads, places = (set(column) - {None} for column in zip(*cases, strict=True)) if cases else (set(), set())
    threads = WatchThread.objects.filter(case__in=case_ids, watch__ended_at=None)
    held = WatchedPost.objects.filter(post__in=case_ids, watch__in=open_on)
    return {
        *threads.values_list("watch_id", flat=True),
        *Watch.objects.filter(case__in=leads, ended_at=None).values_list("pk", flat=True),
        *held.values_list("watch_id", flat=True),
        *(pk for pk, number in open_on.items() if number in places),
    }


HELD = ("watch_id", "post_id", "bucket")


def _come(keys: Collection[tuple[int, int]], watches: dict[int, Watch]) -> dict[int, list[Heard]]:
    """The posts that came after their watch began: what stood there before does not count."""
    heard = {post.id: post for post in series.heard_now({pk for _, pk in keys})} if keys else {}
    come: dict[int, list[Heard]] = defaultdict(list)
    for watch_id, pk in sorted(keys):
        if watch_id in watches and pk in heard and series.counts_for(watches[watch_id], heard[pk]):
            come[watch_id].append(heard[pk])
    return come


def _part(gone: Collection[tuple[int, int]], watches: dict[int, Watch]) -> dict[int, set[int]]:
    """Let go of posts; a platform that only they took part on takes part no more.

    Returns the buckets that are to be counted again, by watch.
    """
    again: dict[int, set[int]] = {}
    posts: dict[int, list[int]] = defaultdict(list)
    for watch_id, pk in gone:
        posts[watch_id].append(pk)
    for watch_id, numbers in posts.items():
        again[watch_id] = tallying.take_out(watch_id, numbers)
        WatchedPost.objects.filter(watch=watch_id, post__in=numbers).delete()
        watches[watch_id].platforms = series.platforms_of(watches[watch_id])
    return again
