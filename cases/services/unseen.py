"""What a watch cannot see: buckets without a source are unknown, never zero, until they were read up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from cases.models import Case, Inflow, Watch, WatchCount, WatchThread
from cases.rules.worsening import BUCKET_S
from cases.services.seen import Sight
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import BlindSpell, Post, Source

OUT_OF_SIGHT = timedelta(minutes=15)
"""A source that has not answered for this long, or for three of its own rounds, is out of sight."""

BUCKETS_MARKED = 24

NEWEST = 200
"""So many cases of a situation are asked for their source, beside the queries that flow into it."""


def out_of_sight_since(source: Source | None, started_at: datetime, *, now: datetime) -> datetime | None:
    """Since when a source has shown nothing; None while it answers in its own rhythm.

    A captured post has no source, and one that was brought has none that looks for more: nobody promised
    to see its conversation.
    """
    if source is None or source.connector in NEVER_POLLED | {"import"}:
        return None
    patience = max(OUT_OF_SIGHT, 3 * timedelta(seconds=source.interval_s))
    if source.is_enabled and source.last_success_at and now - source.last_success_at <= patience:
        return None
    return source.last_success_at or started_at


@dataclass(frozen=True, slots=True)
class Unseen:
    """Since when nothing at all can be seen, since when one of its own sources cannot, and whether any."""

    all_since: datetime | None
    part_since: datetime | None
    is_partly: bool


@dataclass(slots=True)
class Feed:
    """The sources that bring what a watch counts; `others`: of copies, which make it partly blind at most."""

    sources: list[Source] = field(default_factory=list)
    others: list[Source] = field(default_factory=list)

    def unseen_since(self, started_at: datetime, *, now: datetime) -> Unseen:
        """It is blind when every source of its own is out of sight, since the last of them went."""
        own = [out_of_sight_since(source, started_at, now=now) for source in self.sources]
        more = [out_of_sight_since(source, started_at, now=now) for source in self.others]
        gone = [since for since in own if since]
        is_blind = bool(own) and len(gone) == len(own)
        return Unseen(max(gone) if is_blind else None, min(gone, default=None), any([*gone, *more]))


def feeds(watches: Sequence[Watch]) -> dict[int, Feed]:
    """What feeds each watch: the source of its case, of the cases of a situation, or of a query."""
    found = {watch.pk: Feed() for watch in watches}
    for watch in watches:
        if watch.case and watch.case.post.source:
            found[watch.pk].sources.append(watch.case.post.source)
    for watch_id, sources in _copies_sources([watch for watch in watches if watch.case_id]).items():
        found[watch_id].others += sources
    for watch in watches:
        if watch.case_id is None:
            found[watch.pk].sources += _feeding(watch)
    return found


def _feeding(watch: Watch) -> list[Source]:
    """The sources of a query, or of the queries that flow into a situation and of its newest cases."""
    queries = {watch.query_id} if watch.query_id else set(_inflows(watch))
    numbers: set[int | None] = set(Source.objects.filter(queries__in=queries).values_list("pk", flat=True))
    if watch.situation_id:
        newest = Case.objects.filter(situation=watch.situation_id).order_by("-opened_at")
        posts = list(newest.values_list("pk", flat=True)[:NEWEST])  # first: else all are joined, then sorted
        numbers |= set(Post.objects.filter(pk__in=posts).values_list("source", flat=True).distinct())
    wanted = [number for number in numbers if number is not None]
    polled = Source.objects.exclude(connector__in=NEVER_POLLED | {"import"})
    sources = list(polled.filter(pk__in=wanted).order_by("pk"))
    return [source for source in sources if source.is_enabled] or sources


def _inflows(watch: Watch) -> Iterable[int]:
    rows = Inflow.objects.filter(situation=watch.situation_id, query__isnull=False, ended_at=None)
    return [number for number in rows.values_list("query_id", flat=True) if number is not None]


def _copies_sources(watches: Sequence[Watch]) -> dict[int, list[Source]]:
    """The sources of merged copies, by watch."""
    if not watches:
        return {}
    found: dict[int, list[Source]] = defaultdict(list)
    own = {watch.case_id for watch in watches}
    threads = WatchThread.objects.filter(watch__in=watches).exclude(case__in=own)
    pairs = list(threads.values_list("watch_id", "case__post__source").distinct())
    sources = Source.objects.in_bulk([pk for _, pk in pairs if pk]) if pairs else {}
    for watch_id, pk in pairs:
        if pk in sources:
            found[watch_id].append(sources[pk])
    return found


def mark_unknown(sights: Iterable[Sight], *, now: datetime) -> None:
    """Buckets in which a source could not be seen are unknown, never zero, until posts come after all."""
    rows = []
    last = int(now.timestamp()) // BUCKET_S
    for sight in sights:
        if not sight.is_partly_unseen:
            continue
        since = sight.out_of_sight_since or sight.part_since or now
        first = int(since.timestamp()) // BUCKET_S + 1
        for bucket in range(max(min(first, last), last - BUCKETS_MARKED), last + 1):
            if bucket >= first and bucket not in sight.counts.n:
                sight.counts.unknown.add(bucket)
                rows.append(WatchCount(watch=sight.watch, bucket=bucket, is_unknown=True))
    if rows:
        WatchCount.objects.bulk_create(rows, ignore_conflicts=True)


def read_up(sights: Sequence[Sight], *, last: int) -> None:
    """A source that was away has read everything by now: what was unknown is known, except what is lost."""
    back = [
        sight
        for sight in sights
        if sight.counts.unknown and not sight.is_partly_unseen and _has_read_all(sight)
    ]
    if not back:
        return
    sources = {source.pk for sight in back for source in sight.sources}
    spells = BlindSpell.objects.filter(Q(is_lost=True) | Q(until_at=None), source__in=sources)
    lost = list(spells.values_list("source_id", "from_at", "until_at"))
    gone = Q(pk__in=[])
    for sight in back:
        known = {bucket for bucket in sight.counts.unknown if not _is_lost(sight, bucket, lost)}
        if known:
            sight.counts.unknown -= known
            gone |= Q(watch=sight.watch, bucket__in=known)
            earlier = [] if sight.watch.late_bucket is None else [sight.watch.late_bucket]
            sight.watch.late_bucket = min([*known, *earlier])
    WatchCount.objects.filter(gone, is_unknown=True, n=0).delete()


def _has_read_all(sight: Sight) -> bool:
    is_working = [source.health == Source.Health.WORKING for source in sight.sources]
    return bool(is_working) and all(is_working)


def _is_lost(sight: Sight, bucket: int, lost: Iterable[tuple[int, datetime, datetime | None]]) -> bool:
    own = {source.pk for source in sight.sources}
    start, end = (datetime.fromtimestamp((bucket + n) * BUCKET_S, UTC) for n in (0, 1))
    return any(
        source in own and from_at < end and (until_at is None or until_at > start)
        for source, from_at, until_at in lost
    )
