"""Turns that come back every so many weeks, as the shifts they come to, whatever the clocks do in between."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.rules.shifts import DAYS_IN_WEEK, Span, moment, overlap

DAY = timedelta(days=1)

What = tuple[time, time, int, bool]
"""From, until, who, and whether on call."""

Key = tuple[int, date]
"""A turn on a day: what is written out for it is found by this, however often the pattern is changed."""


class OnHolidays(StrEnum):
    """What a pattern does on a free day."""

    AS_USUAL = "as usual"
    OTHER_TURNS = "other turns"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn: `weekday` (0 = Monday) of `week`, or None for any holiday. An `end` not later: next day.

    `n`: its number in its pattern; 0 while it has none.
    """

    n: int
    week: int
    weekday: int | None
    begin: time
    end: time
    person: int
    is_on_call: bool = False


@dataclass(frozen=True, slots=True)
class Weeks:
    """A pattern of `n_weeks` weeks; week 0 is that of the day `first`. `last`: the last day that counts."""

    first: date
    slots: tuple[Slot, ...]
    n_weeks: int = 1
    last: date | None = None
    on_holidays: OnHolidays = OnHolidays.AS_USUAL

    def on(self, day: date, *, is_free: bool) -> list[Slot]:
        """The turns that begin on this day."""
        if day < self.first or (self.last and day > self.last):
            return []
        if is_free and self.on_holidays is not OnHolidays.AS_USUAL:
            holiday = self.on_holidays is OnHolidays.OTHER_TURNS
            return [slot for slot in self.slots if holiday and slot.weekday is None]
        week = (_monday(day) - _monday(self.first)).days // DAYS_IN_WEEK % self.n_weeks
        return [slot for slot in self.slots if slot.weekday == day.weekday() and slot.week == week]


@dataclass(frozen=True, slots=True)
class Stint:
    """A shift as a pattern wants it, or as it is planned."""

    person: int
    span: Span
    is_on_call: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift that was written out before. `is_kept`: by hand, swapped or begun: it is left alone."""

    stint: Stint
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What writing a pattern out comes to. `clashes`: turns of people who have a shift there already."""

    added: Mapping[Key, Stint]
    changed: Mapping[Key, Stint]
    removed: Collection[Key]
    clashes: Mapping[Key, Stint]
    n_kept: int

    @property
    def n(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


def written_out(
    weeks: Weeks, *, since: date, until: date, is_free: Callable[[date], bool], zone: ZoneInfo
) -> dict[Key, Stint]:
    """The shifts that begin from the day `since` until the day `until` (excluded), by turn and day.

    Times are those of the clocks here, by the rule of `shifts.moment`; a turn that falls wholly in an
    hour that clocks skip is no shift that night.
    """
    found: dict[Key, Stint] = {}
    day = max(since, weeks.first)
    while day < until:
        for slot in weeks.on(day, is_free=is_free(day)):
            over = day if slot.end > slot.begin else day + DAY
            start, end = moment(day, slot.begin, zone), moment(over, slot.end, zone)
            if end > start:
                found[slot.n, day] = Stint(slot.person, (start, end), slot.is_on_call)
        day += DAY
    return found


def changes(
    wanted: Mapping[Key, Stint],
    planned: Mapping[Key, Planned],
    *,
    others: Collection[Stint],
    left_out: Collection[Key],
    now: datetime,
) -> Changes:
    """What must be done so that the plan says what is wanted; done once, it comes to nothing more.

    `others`: shifts at the same post that are not this pattern's. Nobody gets two shifts there at once:
    what stays goes first, then whoever begins first.
    """
    kept = {key for key, shift in planned.items() if shift.is_kept}
    fixed = [*others, *(planned[key].stint for key in kept)]
    coming = {key: stint for key, stint in wanted.items() if stint.span[0] > now}
    open_to_us = {key: stint for key, stint in coming.items() if key not in kept and key not in left_out}
    fitting, clashes = _fitting(open_to_us, fixed)
    ours = {key: shift.stint for key, shift in planned.items() if not shift.is_kept}
    return Changes(
        added={key: stint for key, stint in fitting.items() if key not in ours},
        changed={key: stint for key, stint in fitting.items() if key in ours and ours[key] != stint},
        removed=sorted(key for key in ours if key not in fitting),
        clashes=clashes,
        n_kept=sum(1 for key in kept if planned[key].stint.span[0] > now),
    )


def same_turns(wanted: Sequence[Slot], known: Sequence[Slot]) -> list[int | None]:
    """Per wanted turn the number of the known one that it is: the same day and begin, else the same day.

    Each known turn is one wanted turn at most; None: a new turn.
    """
    found: list[int | None] = [None] * len(wanted)
    left = {slot.n: slot for slot in known}
    for alike in (_begin_of, _day_of):
        for place, slot in enumerate(wanted):
            if found[place] is not None:
                continue
            same = next((n for n, other in left.items() if alike(other) == alike(slot)), None)
            if same is not None:
                found[place] = same
                del left[same]
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """Turns that differ in their day alone, as a person writes them: `week` None: every week."""

    week: int | None
    weekdays: tuple[int | None, ...]
    begin: time
    end: time
    person: int
    is_on_call: bool = False

    def slots(self, n_weeks: int) -> list[Slot]:
        """The turns of this row, without numbers."""
        weeks = range(n_weeks) if self.week is None else [self.week]
        rest = self.begin, self.end, self.person, self.is_on_call
        usual = [Slot(0, week, day, *rest) for week in weeks for day in self.weekdays if day is not None]
        return usual + ([Slot(0, 0, None, *rest)] if None in self.weekdays else [])


def rows(slots: Sequence[Slot], n_weeks: int) -> list[Row]:
    """The turns of a pattern as few rows: those of the same time and person in one."""
    days: dict[tuple[int | None, What], list[int | None]] = {}
    for slot in slots:
        week = None if slot.weekday is None else slot.week
        what = (slot.begin, slot.end, slot.person, slot.is_on_call)
        days.setdefault((week, what), []).append(slot.weekday)
    weeks_of: dict[tuple[tuple[int | None, ...], What], list[int | None]] = {}
    for (week, of), weekdays in days.items():
        shown = tuple(sorted(weekdays, key=lambda day: DAYS_IN_WEEK if day is None else day))
        weeks_of.setdefault((shown, of), []).append(week)
    found: list[Row] = []
    for (shown, of), weeks in weeks_of.items():
        every = None in weeks or len(weeks) == n_weeks
        found += [Row(week, shown, *of) for week in ([None] if every else weeks)]
    return sorted(found, key=lambda row: (row.week is None, row.week or 0, row.begin, str(row.weekdays)))


def _begin_of(slot: Slot) -> tuple[object, ...]:
    return (*_day_of(slot), slot.begin)


def _day_of(slot: Slot) -> tuple[object, ...]:
    return (None, None) if slot.weekday is None else (slot.week, slot.weekday)


def _fitting(
    wanted: Mapping[Key, Stint], fixed: Sequence[Stint]
) -> tuple[dict[Key, Stint], dict[Key, Stint]]:
    """What nobody's other shift stands in the way of, and the rest."""
    taken: dict[int, list[Span]] = {}
    for stint in fixed:
        taken.setdefault(stint.person, []).append(stint.span)
    fitting, clashes = {}, {}
    for key, stint in sorted(wanted.items(), key=lambda each: (each[1].span, each[0])):
        theirs = taken.setdefault(stint.person, [])
        if overlap(stint.span, theirs):
            clashes[key] = stint
        else:
            theirs.append(stint.span)
            fitting[key] = stint
    return fitting, clashes


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
