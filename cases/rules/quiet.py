"""Quiet hours: until when something that is not serious waits, also in nights when the clocks change."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.rules.levels import Level

ALWAYS_FROM = Level.SERIOUS
"""An alarm of this level or higher wakes whoever it is for."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day by the clock of a place; both ends the same: never quiet."""

    start: time
    until: time
    zone: str


def due_at(hours: QuietHours | None, *, level: int, is_working: bool, now: datetime) -> datetime:
    """When a message of this level may disturb: now, or the end of the quiet hours that run now."""
    if hours is None or is_working or level >= ALWAYS_FROM:
        return now
    return end_of_quiet(hours, now=now) or now


def end_of_quiet(hours: QuietHours, *, now: datetime) -> datetime | None:
    """The end of the quiet hours that run now; None when none do.

    A time that the clock shows twice begins them the first time and ends them the second time; one that
    it skips is the moment of the skip. So quiet is never cut in two, and never outlasts the clock.
    """
    if hours.start == hours.until:
        return None
    zone, moment = ZoneInfo(hours.zone), now.astimezone(UTC)
    today = moment.astimezone(zone).date()
    found = None
    for days in (-2, -1, 0, 1):
        day = today + timedelta(days=days)
        last = day if hours.start < hours.until else day + timedelta(days=1)
        begin = _moment(datetime.combine(day, hours.start), zone, is_later=False)
        end = _moment(datetime.combine(last, hours.until), zone, is_later=True)
        if begin <= (found or moment) < end:
            found = end
    return found


def _moment(wall: datetime, zone: ZoneInfo, *, is_later: bool) -> datetime:
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second >= first:
        return second if is_later else first
    return _skip(second, first, zone)


def _skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock jumps, somewhere between two moments."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
