"""What a watch cannot see: buckets without a source are unknown, never zero, until they were read up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from cases.models import Watch, WatchCount, WatchThread
from cases.rules.worsening import BUCKET_S
from cases.services.seen import Sight
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import BlindSpell, Source

OUT_OF_SIGHT = timedelta(minutes=15)
"""A source that has not answered for this long, or for three of its own rounds, is out of sight."""

BUCKETS_MARKED = 24


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


def other_sources(watches: Sequence[Watch]) -> dict[int, list[Source]]:
    """The sources of merged copies, by watch."""
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
        since = sight.out_of_sight_since or now
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
        if sight.counts.unknown and not sight.is_partly_unseen and _has_read_all(sight.watch)
    ]
    if not back:
        return
    sources = {sight.watch.case.post.source_id for sight in back}
    spells = BlindSpell.objects.filter(Q(is_lost=True) | Q(until_at=None), source__in=sources)
    lost = list(spells.values_list("source_id", "from_at", "until_at"))
    gone = Q(pk__in=[])
    for sight in back:
        known = {bucket for bucket in sight.counts.unknown if not _is_lost(sight.watch, bucket, lost)}
        if known:
            sight.counts.unknown -= known
            gone |= Q(watch=sight.watch, bucket__in=known)
            earlier = [] if sight.watch.late_bucket is None else [sight.watch.late_bucket]
            sight.watch.late_bucket = min([*known, *earlier])
    WatchCount.objects.filter(gone, is_unknown=True, n=0).delete()


def _has_read_all(watch: Watch) -> bool:
    source = watch.case.post.source
    return source is not None and source.health == Source.Health.WORKING


def _is_lost(watch: Watch, bucket: int, lost: Iterable[tuple[int, datetime, datetime | None]]) -> bool:
    start, end = (datetime.fromtimestamp((bucket + n) * BUCKET_S, UTC) for n in (0, 1))
    return any(
        source == watch.case.post.source_id and from_at < end and (until_at is None or until_at > start)
        for source, from_at, until_at in lost
    )
