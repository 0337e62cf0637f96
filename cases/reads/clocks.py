"""Targets and calendars as they are now, with what each comes to for what starts now."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from cases import targets
from cases.models import AuditEvent, Calendar, SpecialDay, Target
from cases.rules import calendars
from cases.rules.calendars import NoSuchHours

MOST_EVENTS, MOST_FREE = 20, 12
CATEGORIES = ("positive", "dissatisfied", "joke", "untruth", "insult", "question", "rumour", "danger")
KINDS = ("response", "approval")


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target. `due_at`: for a post heard now, or a text submitted now."""

    target: Target
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SpecialLine:
    special: SpecialDay
    hours: str


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """One calendar. `week`: its hours as people write them, Monday first; `free`: holidays to come.

    `holidays`: what its country celebrates, and whether work goes on then.
    """

    calendar: Calendar
    week: Sequence[str]
    free: Sequence[tuple[date, str]]
    special: Sequence[SpecialLine]
    n_targets: int
    holidays: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Everything of the page. `normal_due_at`, `urgent_due_at`: for a post heard now, before it is judged."""

    targets: Sequence[TargetLine]
    calendars: Sequence[CalendarLine]
    normal_due_at: datetime
    urgent_due_at: datetime
    history: Sequence[AuditEvent]


def clocks(*, now: datetime) -> Clocks:
    """Targets, calendars, and what was changed last, in a fixed number of queries."""
    everywhere = Target.objects.filter(situation=None).select_related("calendar")
    found = list(everywhere.order_by("-kind", "category", "priority"))
    used = Counter(target.calendar_id for target in found)
    special: dict[int, list[SpecialDay]] = defaultdict(list)
    today = timezone.localdate(now)
    for day in SpecialDay.objects.filter(day__gte=today):
        special[day.calendar_id].append(day)
    rows = Calendar.objects.order_by("-is_default", "name")
    lines = [_line(row, special[row.pk], used[row.pk], today=today) for row in rows]
    about = Q(subject__startswith="target:") | Q(subject__startswith="calendar:")
    return Clocks(
        targets=[TargetLine(target, _due(target, now=now)) for target in found],
        calendars=lines,
        normal_due_at=targets.due(start=now),
        urgent_due_at=targets.due(start=now, priority=targets.URGENT),
        history=list(AuditEvent.objects.filter(about).order_by("-pk")[:MOST_EVENTS]),
    )


def _due(target: Target, *, now: datetime) -> datetime:
    ends = targets.due if target.kind == Target.Kind.RESPONSE else targets.approval_due
    return ends(start=now, category=target.category, priority=target.priority or targets.NORMAL)


def _line(row: Calendar, special: Sequence[SpecialDay], n_targets: int, *, today: date) -> CalendarLine:
    week = [_typed(row.hours.get(str(n), [])) for n in range(calendars.WEEKDAYS)]
    until = today + timedelta(days=366)
    days = [
        (day, name)
        for year in (today.year, today.year + 1)
        for day, name in calendars.public_holidays(row.country, year).items()
        if today <= day < until
    ]
    own = [SpecialLine(day, _typed(day.hours)) for day in special]
    worked = set(row.worked_holidays)
    free = [(day, name) for day, name in sorted(days) if name not in worked]
    names = dict.fromkeys([*(name for _day, name in sorted(days)), *sorted(worked)])
    ticked = [(name, name in worked) for name in names]
    return CalendarLine(row, week, free[:MOST_FREE], own, n_targets, ticked)


def _typed(stored: list[list[str]]) -> str:
    try:
        return calendars.written(calendars.stretches(stored))
    except NoSuchHours:
        return ""
