"""When shifts fall: times of the day here, repeated by the week, as moments that know no summer time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_WEEKS = 26
DAYS_IN_WEEK = 7
MINUTE = timedelta(minutes=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shift from `begin` until `end` (not later than `begin`: the next day), as clocks here show them.

    On `first` alone, or on `weekdays` (0 = Monday) in `weeks` weeks from the day `first` on.
    """

    first: date
    begin: time
    end: time
    weekdays: frozenset[int] = frozenset()
    weeks: int = 1


def spans(pattern: Pattern, zone: ZoneInfo) -> list[Span]:
    """The shifts of a pattern, oldest first, in UTC; the end of each is excluded.

    A time that the clock skips is the first one after the gap, one that it shows twice is the
    first of both: shifts that follow each other on the clock always meet, without gap or overlap.
    """
    found = []
    for day in _days(pattern):
        last = day if pattern.end > pattern.begin else day + timedelta(days=1)
        start, end = moment(day, pattern.begin, zone), moment(last, pattern.end, zone)
        if end > start:  # in the night that has no such hour there is no shift
            found.append((start, end))
    return found


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a clock here first shows this time on this day, or goes past it."""
    shown = datetime.combine(day, at)
    while True:
        found = shown.replace(tzinfo=zone).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) == shown:
            return found
        shown += MINUTE


def gaps(covered: Collection[Span], *, since: datetime, until: datetime) -> list[Span]:
    """The stretches of a period in which no shift runs, oldest first."""
    found, reached = [], since
    for start, end in sorted(covered):
        if start >= until:
            break
        if start > reached:
            found.append((reached, start))
        reached = max(reached, end)
    return [*found, (reached, until)] if reached < until else found


def parts(span: Span, away: Collection[Span]) -> list[Span]:
    """What is left of a shift when its person is away in between, oldest first."""
    return gaps(away, since=span[0], until=span[1])


def overlap(one: Span, others: Sequence[Span]) -> Span | None:
    """The first of the others that shares a moment with this one."""
    return next((other for other in others if other[0] < one[1] and one[0] < other[1]), None)


def _days(pattern: Pattern) -> list[date]:
    if not pattern.weekdays:
        return [pattern.first]
    days = (pattern.first + timedelta(days=n) for n in range(DAYS_IN_WEEK * pattern.weeks))
    return [day for day in days if day.weekday() in pattern.weekdays]
