"""Adds what was heard to the counts of open watches, in the transaction that stores it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from cases.models import Case, Watch, WatchedPost, WatchThread, subject
from cases.rules.cues import HARD_TRIGGERS
from cases.rules.triggers import Trigger
from cases.rules.workflow import State
from cases.rules.worsening import BUCKET_S
from cases.services import members, series, tallying
from cases.services.series import Heard
from monitoring import bulk
from monitoring.store import StoredPost

WATERMARK = timedelta(minutes=15)
"""Posts may come in any order within this time; what comes later is late."""

LATE_FOR = timedelta(hours=24)
"""A post that comes later than this joins its bucket, and nothing is looked at again."""

TRIGGERS_FOR = timedelta(hours=6)
"""A threat that was written longer ago than this alarms nobody by itself any more."""

WRITTEN = ("evaluate_at", "platforms", "triggers", "late_bucket", "relearn_from")
READ = ("pk", "case_id", "situation_id", "query_id", "started_at", "after_post", *WRITTEN[1:])


def count(
    posts: Iterable[StoredPost],
    *,
    now: datetime,
    copied: Mapping[int, int] | None = None,
    placed: Mapping[int, int] | None = None,
    matched: Iterable[tuple[int, int]] = (),
) -> None:
    """Count posts for the watches on their threads, situations and queries, and make those watches due.

    By event time. `copied`: the leads of those that opened as a copy; a watch on the lead counts the copy's
    thread too. `placed`: the situations of those whose case joined one. `matched`: posts that were known,
    with a query that found them only now. A few quick queries, unless a watch is touched. The watches are
    held first and their counts written after, in the order of their keys: as an evaluation does, so that two
    workers never hold what the other wants.
    """
    page = _Page.of(posts, matched, copied or {}, placed or {})
    if not page.threads and not page.queries:
        return
    with transaction.atomic(savepoint=False):
        watches = _touched(page)
        if watches:
            _join(page, watches)
            _count(page, watches, now=now)


@dataclass(frozen=True, slots=True)
class _Page:
    """What was heard together: by post its conversation, its lead, its situation and its queries."""

    threads: Mapping[int, tuple[str, str]]
    copied: Mapping[int, int]
    placed: Mapping[int, int]
    queries: Mapping[int, Collection[int]]

    @classmethod
    def of(
        cls,
        posts: Iterable[StoredPost],
        matched: Iterable[tuple[int, int]],
        copied: Mapping[int, int],
        placed: Mapping[int, int],
    ) -> "_Page":
        every = list(posts)
        threads = {post.id: (post.mention.platform, post.thread_id) for post in every}
        queries: dict[int, set[int]] = {post.id: set(post.query_ids) for post in every if post.query_ids}
        for pk, number in matched:
            queries.setdefault(pk, set()).add(number)
        return cls(threads, copied, placed, queries)

    def watched_by(self, watches: Mapping[int, Watch]) -> dict[int, set[int]]:
        """By post the numbers of the watches that count it."""
        on_thread = series.threads_of([watch.pk for watch in watches.values() if watch.case_id])
        on = {watch.subject: watch.pk for watch in watches.values()}
        found: dict[int, set[int]] = {}
        for pk in {*self.threads, *self.queries}:
            thread = self.threads.get(pk, ("", ""))
            about = [subject.query(number) for number in self.queries.get(pk, ())]
            about += [subject.situation(self.placed[pk])] if pk in self.placed else []
            by = {on[each] for each in about if each in on} | on_thread.get(thread, set())
            if by:
                found[pk] = by
        return found


def _touched(page: _Page) -> dict[int, Watch]:
    """The open watches on a page's threads, leads, situations and queries, held in order of their numbers.

    Most pages touch none: what is on them is looked up first, by the shortest way there is.
    """
    threads = {(thread,) for _, thread in page.threads.values()}
    leads = {(pk,) for pk in page.copied.values()}
    situations = {(pk,) for pk in page.placed.values()}
    queries = {(pk,) for numbers in page.queries.values() for pk in numbers}
    rows = [
        *bulk.find(WatchThread, ("watch_id",), by=("thread_id",), keys=threads),
        *bulk.find(Watch, ("id",), by=("case_id",), keys=leads),
        *bulk.find(Watch, ("id",), by=("situation_id",), keys=situations),
        *bulk.find(Watch, ("id",), by=("query_id",), keys=queries),
    ]
    found = {int(pk) for (pk,) in rows}
    if not found:
        return {}
    watches = Watch.objects.select_for_update(of=("self",)).filter(ended_at=None, pk__in=found)
    return {watch.pk: watch for watch in watches.only(*READ).order_by("pk")}


def _join(page: _Page, watches: Mapping[int, Watch]) -> None:
    """New copies of a watched lead bring their threads along."""
    on = {watch.case_id: watch for watch in watches.values()}
    heard = page.threads
    rows = [
        WatchThread(watch=on[lead], case_id=pk, platform=heard[pk][0], thread_id=heard[pk][1])
        for pk, lead in sorted(page.copied.items())
        if lead in on
    ]
    if rows:
        WatchThread.objects.bulk_create(rows, ignore_conflicts=True)


def _count(page: _Page, watches: Mapping[int, Watch], *, now: datetime) -> None:
    by = page.watched_by(watches)
    new: Mapping[int, list[Heard]] = defaultdict(list)
    for post in series.heard_now(by) if by else ():
        for watch_id in by[post.id]:
            if series.counts_for(watches[watch_id], post):
                new[watch_id].append(post)
    if not new:
        return
    held = series.link((watch_id, post) for watch_id, posts in sorted(new.items()) for post in posts)
    new = {pk: fresh for pk, posts in new.items() if (fresh := [p for p in posts if (pk, p.id) in held])}
    tallying.add(new)
    for watch_id, posts in new.items():
        _note(watches[watch_id], posts, now=now)
    _write([watches[watch_id] for watch_id in sorted(new)])


def _note(watch: Watch, posts: Sequence[Heard], *, now: datetime) -> None:
    """New posts make a watch due, and say more of it than their number."""
    late, too_late = (int((now - ago).timestamp()) // BUCKET_S for ago in (WATERMARK, LATE_FOR))
    series.note(watch, posts, late_before=late, too_late=too_late)
    _trigger(watch, posts, now=now)
    watch.evaluate_at = now


def rejudged(case_ids: Collection[int], *, now: datetime) -> None:
    """Count what changes when cases were judged, or their judgement was taken back, with their copies.

    In the transaction that judges, which holds the cases.
    """
    cases = Case.objects.filter(Q(pk__in=case_ids) | Q(lead__in=case_ids, state=State.MERGED))
    held = WatchedPost.objects.filter(post__in=cases.values("pk"), watch__ended_at=None)
    watches = _hold(set(held.order_by().values_list("watch_id", flat=True).distinct()))
    if watches:
        tallying.rejudge(watches, cases)
        for watch in watches.values():
            watch.evaluate_at = now
        _write(list(watches.values()))


def edited(case_ids: Collection[int], *, now: datetime) -> None:
    """Read the posts anew that were edited: words that were not there before count, and may alarm."""
    held = list(
        WatchedPost.objects.filter(post__in=case_ids, watch__ended_at=None).values_list(
            "watch_id", "bucket", "post_id", "cue"
        )
    )
    if not held:
        return
    with transaction.atomic():
        watches = _hold({watch_id for watch_id, *_ in held})
        read = {post.id: post for post in series.heard_now({post_id for *_, post_id, _ in held})}
        rows = [(read[post_id].cue, watch_id, post_id) for watch_id, _, post_id, _ in held]
        bulk.update(WatchedPost, ("cue",), rows, by=("watch_id", "post_id"))
        for watch_id, _, post_id, before in held:
            if watch_id in watches and before not in HARD_TRIGGERS:
                _trigger(watches[watch_id], [read[post_id]], now=now)
        _again([(watch_id, bucket) for watch_id, bucket, *_ in held], now=now, watches=watches)


def follow(case_ids: Collection[int], *, now: datetime) -> None:
    """Count the threads of cases with the lead that they follow by now, and their posts where they belong.

    In the transaction that merged them, let them go, or let them join or leave a situation, which holds the
    cases.
    """
    around = members.around(case_ids)
    if around:
        _hold(around)  # all at once and in order, before each part takes its own
    watches = series.follow(case_ids)
    for watch in watches:
        watch.evaluate_at = now
    _write(watches)
    if around:
        joined(case_ids, now=now)


def joined(case_ids: Collection[int], *, now: datetime) -> None:
    """Count posts for the situation that their cases belong to by now, and for no other."""
    changed = members.follow(case_ids)
    for watch, posts in changed.items():
        _note(watch, posts, now=now)
    _write(list(changed))


def press(case: Case, kind: str, *, now: datetime) -> None:
    """A person's key says danger, a threat, an address or a call to gather on a case of a watched thread."""
    about = Q(threads__platform=case.post.platform, threads__thread_id=case.post.thread_id)
    if case.situation_id:
        about |= Q(situation=case.situation_id)
    ids = Watch.objects.filter(about, ended_at=None).values_list("pk", flat=True)
    watches = _hold(set(ids))
    for watch in watches.values():
        _remember(watch, Trigger(kind, now, "", case.pk))
        watch.evaluate_at = now
    _write(list(watches.values()))


def weigh(author_id: int, standing: str, *, now: datetime) -> None:
    """The desk knows more of an account by now: it weighs so in every open watch that it takes part in."""
    ids = set(
        WatchedPost.objects.filter(author=author_id, watch__ended_at=None).values_list("watch_id", flat=True)
    )
    watches = _hold(ids)
    WatchedPost.objects.filter(watch__in=watches, author=author_id).update(role=standing)
    for watch in watches.values():
        watch.evaluate_at = now
    _write(list(watches.values()))


def _again(
    held: Iterable[tuple[int, int]], *, now: datetime, watches: Mapping[int, Watch] | None = None
) -> None:
    changed: dict[int, set[int]] = defaultdict(set)
    for watch_id, bucket in held:
        changed[watch_id].add(bucket)
    if not changed:
        return
    watches = _hold(set(changed)) if watches is None else watches
    tallying.tally({watch_id: changed[watch_id] for watch_id in watches})
    for watch in watches.values():
        watch.evaluate_at = now
    _write(list(watches.values()))


def _hold(ids: Collection[int]) -> dict[int, Watch]:
    if not ids:
        return {}
    rows = Watch.objects.select_for_update().filter(pk__in=ids, ended_at=None).only(*READ).order_by("pk")
    return {watch.pk: watch for watch in rows}


def _trigger(watch: Watch, posts: Iterable[Heard], *, now: datetime) -> None:
    """Words of danger in new posts. Within the watermark their own time counts, so that order does not."""
    for post in posts:
        said_at = min(now, _end(post.bucket))
        if post.has_trigger and now - said_at < TRIGGERS_FOR:
            at = said_at if now - said_at <= WATERMARK else now
            _remember(watch, Trigger(post.cue, at, post.found, post.id))


def _end(bucket: int) -> datetime:
    return datetime.fromtimestamp((bucket + 1) * BUCKET_S, tz=UTC)


def _remember(watch: Watch, trigger: Trigger) -> None:
    kept = sorted([*watch.triggers, trigger.to_json()], key=lambda each: (each["at"], each["post"] or 0))
    watch.triggers = kept[-series.MOST_TRIGGERS :]


def _write(watches: Collection[Watch]) -> None:
    if watches:
        rows = [
            (
                watch.evaluate_at,
                bulk.encoded(watch.platforms),
                bulk.encoded(watch.triggers),
                watch.late_bucket,
                watch.relearn_from,
                watch.pk,
            )
            for watch in watches
        ]
        bulk.update(Watch, WRITTEN, rows)
