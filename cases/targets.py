"""When an answer is due: the targets that hold now, in the hours that count."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from cases.models import Calendar, Case, SpecialDay, Target
from cases.rules import calendars
from cases.rules.calendars import Hours, NeverOpen, NoSuchHours, Stretches
from cases.rules.clocks import DEFAULT_APPROVAL, DEFAULT_TARGET, TimeLeft, left
from cases.rules.workflow import OPEN, State

KNOWN_FOR_S = 5.0
"""So long a process goes by the targets it read: intake asks for them at every page."""

NORMAL, URGENT = "normal", "urgent"
PRIORITIES = (NORMAL, URGENT)

UNANSWERED = OPEN - {State.WATCHING, State.RESPONDED}
"""States in which somebody waits for our answer: under a watch our answer is silence."""

_OFFICE: Stretches = ((9 * 60, 17 * 60),)
_WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take; `hours`: only these count, None = the clock on the wall."""

    minutes: int
    hours: Hours | None = None

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def end(self, start: datetime) -> datetime:
        """When the term is over. A calendar that never opens counts as the clock on the wall."""
        if self.hours is None:
            return start + self.length
        try:
            return calendars.add(start, self.length, self.hours)
        except NeverOpen:
            return start + self.length


@dataclass(slots=True)
class _Known:
    """The targets and the default calendar as this process read them last."""

    read_at: float = float("-inf")
    terms: Mapping[tuple[str, str, str], Term] = field(default_factory=dict)
    of_situations: Mapping[int, Mapping[tuple[str, str, str], Term]] = field(default_factory=dict)
    office: Hours | None = None


_known = _Known()


def due(
    *, start: datetime, category: str = "", priority: str = NORMAL, situation: int | None = None
) -> datetime:
    """When an answer is due, by the targets; 24 hours later when none is set.

    `start`: when we heard the post, or when its clock restarted. The targets of its situation go first.
    """
    terms = _fitting(Target.Kind.RESPONSE, category, priority, situation=situation)
    return min((term.end(start) for term in terms), default=start + DEFAULT_TARGET)


def approval_due(*, start: datetime, category: str = "", priority: str = NORMAL) -> datetime:
    """When approval is due; an hour later when no target is set."""
    terms = _fitting(Target.Kind.APPROVAL, category, priority)
    return min((term.end(start) for term in terms), default=start + DEFAULT_APPROVAL)


def next_working_day(now: datetime) -> datetime:
    """When the next working day starts by the default calendar; without one: weekdays at 9."""
    office = _now_known().office or _plain_office()
    try:
        return calendars.next_day(now, office)
    except NeverOpen:
        return calendars.next_day(now, _plain_office())


def due_of(case: Case) -> datetime:
    """When the case as it is now must be answered, from its own clock."""
    start = case.restarted_at or case.opened_at
    return due(start=start, category=case.category, priority=priority_of(case), situation=case.situation_id)


def time_left(due_at: datetime, *, now: datetime, category: str = "", priority: str = NORMAL) -> TimeLeft:
    """The time left until a moment that was set by a target; in the hours that count for it."""
    terms = _fitting(Target.Kind.RESPONSE, category, priority)
    term = terms[0] if terms else Term(int(DEFAULT_TARGET.total_seconds()) // 60)
    if term.hours is None:
        return left(due_at, now=now, target=term.length)
    worked = calendars.between(now, due_at, term.hours)
    return left(due_at, now=now, target=term.length, worked=worked)


def priority_of(case: Case) -> str:
    return URGENT if case.is_urgent else NORMAL


def hours_of(calendar: Calendar, special: Mapping[date, Stretches] | None = None) -> Hours:
    """A calendar as it counts. What is stored and cannot be read counts as free."""
    week = tuple(_readable(calendar.hours.get(str(n), [])) for n in range(calendars.WEEKDAYS))
    return Hours(week, _zone(), calendar.country, special or {}, frozenset(calendar.worked_holidays))


def free_days(calendar_id: int | None) -> Callable[[date], bool]:
    """Which days a calendar has off; without a number the default one, without any: none."""
    found = (
        Calendar.objects.filter(pk=calendar_id) if calendar_id else Calendar.objects.filter(is_default=True)
    )
    calendar = found.first()
    if calendar is None:
        return lambda _day: False
    special = {row.day: _readable(row.hours) for row in SpecialDay.objects.filter(calendar=calendar)}
    return hours_of(calendar, special).is_free


def forget() -> None:
    """Read the targets anew at the next question: they have just been changed here."""
    _known.read_at = float("-inf")


def _fitting(kind: str, category: str, priority: str, *, situation: int | None = None) -> list[Term]:
    """The terms that count; of several the first to end.

    The one for both category and priority counts alone; else those for one of them; else the one for
    all others. Those of a situation are looked at before those that hold everywhere.
    """
    known = _now_known()
    own = known.of_situations.get(situation or 0, {})
    return _first(own, kind, category, priority) or _first(known.terms, kind, category, priority)


def _first(terms: Mapping[tuple[str, str, str], Term], kind: str, category: str, priority: str) -> list[Term]:
    for keys in (((category, priority),), _either(category, priority), (("", ""),)):
        found = [terms[kind, *key] for key in keys if (kind, *key) in terms]
        if found:
            return found
    return []


def _either(category: str, priority: str) -> list[tuple[str, str]]:
    return [("", priority), *([(category, "")] if category else [])]


def _now_known() -> _Known:
    if time.monotonic() - _known.read_at > KNOWN_FOR_S:
        _read()
    return _known


def _read() -> None:
    special: dict[int, dict[date, Stretches]] = {}
    for row in SpecialDay.objects.all():
        special.setdefault(row.calendar_id, {})[row.day] = _readable(row.hours)
    hours = {each.pk: hours_of(each, special.get(each.pk)) for each in Calendar.objects.order_by("pk")}
    default = Calendar.objects.filter(is_default=True).values_list("pk", flat=True).first()
    terms: dict[int, dict[tuple[str, str, str], Term]] = {0: {}}
    for target in Target.objects.all():
        term = Term(target.minutes, hours.get(target.calendar_id or 0))
        own = terms.setdefault(target.situation_id or 0, {})
        own[target.kind, target.category, target.priority] = term
    _known.terms, _known.of_situations = terms.pop(0), terms
    _known.office = hours.get(default or 0)
    _known.read_at = time.monotonic()


def _readable(written: list[list[str]]) -> Stretches:
    try:
        return calendars.stretches(written)
    except NoSuchHours:
        return ()


def _zone() -> ZoneInfo:
    return timezone.get_default_timezone()


def _plain_office() -> Hours:
    free = calendars.WEEKDAYS - _WORKING_DAYS
    return Hours((_OFFICE,) * _WORKING_DAYS + ((),) * free, _zone())
