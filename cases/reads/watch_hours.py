"""The counts of a watch over time, and what happened beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cases.models import AuditEvent, Escalation, Watch, WatchCheck, WatchCount
from cases.rules.worsening import BUCKET_S

HOUR = timedelta(hours=1)
HOURS_SHOWN, FEWEST_HOURS = 48, 12


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a watch: posts and negative ones; `is_unknown`: part of it could not be seen."""

    at: datetime
    n: int
    n_negative: int
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened beside the counts: an alarm, a check or a pause."""

    at: datetime
    kind: str


def counts_of(watch_ids: Collection[int], *, since: datetime) -> dict[int, dict[int, WatchCount]]:
    first = int(since.timestamp()) // BUCKET_S
    found: dict[int, dict[int, WatchCount]] = defaultdict(dict)
    for count in WatchCount.objects.filter(watch_id__in=watch_ids, bucket__gte=first):
        found[count.watch_id][count.bucket] = count
    return found


def start_of_chart(watch: Watch, *, now: datetime) -> datetime:
    """Two days back, or the hour in which a younger watch began; at least half a day."""
    oldest, youngest = now - HOUR * (HOURS_SHOWN - 1), now - HOUR * (FEWEST_HOURS - 1)
    start = min(max(watch.started_at, oldest), youngest)
    return start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_of(watch: Watch, *, since: datetime, now: datetime) -> list[Hour]:
    counts = counts_of([watch.pk], since=since).get(watch.pk, {})
    per_hour: dict[int, list[WatchCount]] = defaultdict(list)
    for bucket, count in counts.items():
        per_hour[bucket * BUCKET_S // 3600].append(count)
    first, last = int(since.timestamp()) // 3600, int(now.timestamp()) // 3600
    return [_hour(number, per_hour.get(number, [])) for number in range(first, last + 1)]


def _hour(number: int, counts: Iterable[WatchCount]) -> Hour:
    inside = list(counts)
    return Hour(
        datetime.fromtimestamp(number * 3600, UTC),
        sum(count.n for count in inside),
        sum(count.n_negative for count in inside),
        any(count.is_unknown for count in inside),
    )


def marks_of(
    checks: Sequence[WatchCheck],
    alarms: Sequence[Escalation],
    history: Sequence[AuditEvent],
    *,
    since: datetime,
) -> list[Mark]:
    marks = [Mark(check.at, "check") for check in checks]
    marks += [Mark(alarm.opened_at or alarm.raised_at, "alarm") for alarm in alarms]
    marks += [Mark(event.at, "pause") for event in history if event.action == "watch paused"]
    return sorted((mark for mark in marks if mark.at >= since), key=lambda mark: mark.at)
