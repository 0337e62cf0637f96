"""Targets and the calendars they count in: changed by a person, written in the trail, never behind a back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import targets
from cases.models import Calendar, SpecialDay, Target, User
from cases.rules import calendars
from cases.rules.calendars import NeverOpen, NoSuchHours
from cases.services import audit

MOST_MINUTES = 60 * 24 * 60
"""Sixty days. What may take longer needs no clock."""

OFFICE = ("09:00-17:00",) * 5 + ("", "")
WALL, IN_OFFICE = False, True
FIRST_TARGETS = (
    (Target.Kind.RESPONSE, "", "", 24 * 60, WALL),
    (Target.Kind.RESPONSE, "", targets.URGENT, 60, WALL),
    (Target.Kind.RESPONSE, "untruth", targets.NORMAL, 2 * 60, WALL),
    (Target.Kind.RESPONSE, "dissatisfied", targets.NORMAL, 16 * 60, IN_OFFICE),
    (Target.Kind.RESPONSE, "question", targets.NORMAL, 8 * 60, IN_OFFICE),
    (Target.Kind.APPROVAL, "", "", 60, WALL),
    (Target.Kind.APPROVAL, "", targets.URGENT, 15, WALL),
)
"""What an organisation begins with; every one can be changed."""


class ClockRefused(Exception):
    """A target or calendar that cannot be: what is wrong and what to do, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ClockChanged(Exception):
    """Somebody changed or removed the target or calendar after it was shown."""

    def __str__(self) -> str:
        return _("This was changed or removed after you opened it. Look at the page again.")


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """Within how many minutes; `calendar_id` None: by the clock on the wall. "" = all others."""

    kind: str
    category: str
    priority: str
    minutes: int
    calendar_id: int | None = None


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """A calendar as it is typed: `week` holds seven texts such as "9-12:30, 13-17", Monday first.

    `worked`: the public holidays on which work goes on; None: as it was, or as is usual in the country.
    """

    name: str
    week: Sequence[str]
    country: str = ""
    is_default: bool = False
    worked: Sequence[str] | None = None


def mark(row: Target | Calendar) -> str:
    """What a row says now, in a few signs: a page sends it back, so that a stale one is refused."""
    return row.edition


def set_target(plan: TargetPlan, *, seen: str, by: User, now: datetime) -> Target:
    """Set or change the target of a category and priority; it counts for clocks that are set from now on.

    `seen`: the mark of the target as it was shown, "" when there was none. Raises ClockRefused or
    ClockChanged.
    """
    if not 0 < plan.minutes <= MOST_MINUTES:
        raise ClockRefused(
            _("A target takes at least a minute and at most %(days)d days.") % {"days": MOST_MINUTES // 1440}
        )
    if plan.calendar_id and not Calendar.objects.filter(pk=plan.calendar_id).exists():
        raise ClockRefused(_("This calendar is not there any more. Choose another one."))
    key = {"kind": plan.kind, "category": plan.category, "priority": plan.priority, "situation": None}
    with transaction.atomic():
        found = Target.objects.select_for_update().filter(**key).first()
        if (mark(found) if found else "") != seen:
            raise ClockChanged
        before = _target_facts(found) if found else {}
        target = found or Target(**key)
        target.minutes, target.calendar_id = plan.minutes, plan.calendar_id
        _save(target)
        changed = _changed(before, _target_facts(target))
        if changed:
            audit.append(_target_subject(target), "target set", by=by, now=now, facts=changed)
    targets.forget()
    return target


def drop_target(target_id: int, *, seen: str, by: User, now: datetime) -> None:
    """Let the target for all others count instead. Raises ClockChanged."""
    with transaction.atomic():
        found = Target.objects.select_for_update().filter(pk=target_id).first()
        if found is None or mark(found) != seen:
            raise ClockChanged
        facts = _target_facts(found)
        audit.append(_target_subject(found), "target dropped", by=by, now=now, facts=facts)
        found.delete()
    targets.forget()


def add_calendar(plan: CalendarPlan, *, by: User, now: datetime) -> Calendar:
    """A new calendar. Raises ClockRefused for hours that cannot be, or a name that is taken."""
    with transaction.atomic():
        calendar = _planned(Calendar(), plan)
        audit.append(
            _calendar_subject(calendar.pk),
            "calendar added",
            by=by,
            now=now,
            facts=_calendar_facts(calendar),
        )
    targets.forget()
    return calendar


def change_calendar(calendar_id: int, plan: CalendarPlan, *, seen: str, by: User, now: datetime) -> Calendar:
    """Other hours, holidays or name; due times that were set stay. Raises ClockRefused or ClockChanged."""
    with transaction.atomic():
        calendar = _held(calendar_id)
        if mark(calendar) != seen:
            raise ClockChanged
        before = _calendar_facts(calendar)
        calendar = _planned(calendar, plan)
        changed = _changed(before, _calendar_facts(calendar))
        if changed:
            audit.append(_calendar_subject(calendar_id), "calendar changed", by=by, now=now, facts=changed)
    targets.forget()
    return calendar


def remove_calendar(calendar_id: int, *, by: User, now: datetime) -> None:
    """Remove a calendar in which no target counts. Raises ClockRefused when one does."""
    with transaction.atomic():
        calendar = _held(calendar_id)
        if Target.objects.filter(calendar=calendar).exists():
            raise ClockRefused(
                _("Targets count in “%(name)s”. Let them count in another calendar first.")
                % {"name": calendar.name}
            )
        facts = _calendar_facts(calendar)
        audit.append(_calendar_subject(calendar_id), "calendar removed", by=by, now=now, facts=facts)
        calendar.delete()
    targets.forget()


def set_day(calendar_id: int, day: date, *, name: str, hours: str, by: User, now: datetime) -> SpecialDay:
    """Give one day hours of its own (none: free), or change them; it goes before weekday and holiday."""
    with transaction.atomic():
        calendar = _held(calendar_id)
        found = _hours(hours)
        special, _is_new = SpecialDay.objects.update_or_create(
            calendar=calendar, day=day, defaults={"name": name.strip()[:100], "hours": found}
        )
        facts = {"day": day.isoformat(), "name": special.name, "hours": found}
        audit.append(_calendar_subject(calendar_id), "day set", by=by, now=now, facts=facts)
    targets.forget()
    return special


def drop_day(calendar_id: int, day: date, *, by: User, now: datetime) -> None:
    """Let a day be as its weekday and the holidays say. Raises ClockChanged when it was so already."""
    with transaction.atomic():
        _held(calendar_id)
        n_gone, _kinds = SpecialDay.objects.filter(calendar=calendar_id, day=day).delete()
        if not n_gone:
            raise ClockChanged
        facts = {"day": day.isoformat()}
        audit.append(_calendar_subject(calendar_id), "day dropped", by=by, now=now, facts=facts)
    targets.forget()


def begin(*, country: str, by: User, now: datetime) -> Calendar:
    """Office hours with the holidays of a country, and the first targets, where there are none yet."""
    if Calendar.objects.exists() or Target.objects.exists():
        raise ClockRefused(_("There are targets or calendars already. Change those."))
    with transaction.atomic():
        plan = CalendarPlan(_("Office hours"), OFFICE, country, is_default=True)
        office = add_calendar(plan, by=by, now=now)
        for kind, category, priority, minutes, in_office in FIRST_TARGETS:
            wanted = TargetPlan(kind, category, priority, minutes, office.pk if in_office else None)
            set_target(wanted, seen="", by=by, now=now)
    return office


def _held(calendar_id: int) -> Calendar:
    calendar = Calendar.objects.select_for_update().filter(pk=calendar_id).first()
    if calendar is None:
        raise ClockChanged
    return calendar


def _save(row: Target | Calendar) -> None:
    """Somebody else may have set the same in the same instant."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ClockChanged from error


def _planned(calendar: Calendar, plan: CalendarPlan) -> Calendar:
    """Write what was planned. Raises ClockRefused."""
    name = plan.name.strip()[:100]
    if not name:
        raise ClockRefused(_("A calendar needs a name."))
    if Calendar.objects.filter(name__iexact=name).exclude(pk=calendar.pk).exists():
        raise ClockRefused(_("There is already a calendar with this name; choose another name."))
    if plan.country and plan.country not in calendars.countries():
        raise ClockRefused(_("We do not know the holidays of that country. Choose one of the list."))
    week = {str(n): hours for n, text in enumerate(plan.week) if (hours := _hours(text))}
    calendar.worked_holidays = _worked(calendar, plan)
    calendar.name, calendar.hours, calendar.country = name, week, plan.country
    _require_hours(calendar)
    calendar.is_default = plan.is_default
    if plan.is_default:
        Calendar.objects.exclude(pk=calendar.pk).filter(is_default=True).update(is_default=False)
    _save(calendar)
    return calendar


def _worked(calendar: Calendar, plan: CalendarPlan) -> list[str]:
    """The holidays on which work goes on: those that were ticked, or that stood, or that are usual there."""
    if plan.worked is not None:
        return sorted({name.strip()[:100] for name in plan.worked if name.strip()})
    if calendar.pk and calendar.country == plan.country:
        return list(calendar.worked_holidays)
    return list(calendars.WORKED.get(plan.country, ()))


def _require_hours(calendar: Calendar) -> None:
    """A calendar opens some day: one that falls together with the holidays of a year never does."""
    first = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    try:
        calendars.next_open(first, targets.hours_of(calendar))
    except NeverOpen as never:
        raise ClockRefused(_("Nobody works in this calendar. Give at least one day hours.")) from never


def _hours(text: str) -> list[list[str]]:
    """Hours as they are stored. Raises ClockRefused with what is wrong about them."""
    try:
        return calendars.stored(calendars.parsed(text))
    except NoSuchHours as wrong:
        sentence = {
            "order": _("“%(text)s” ends before it begins. Write hours such as 9:00-12:30, 13:00-17:00."),
            "overlap": _("Hours overlap at %(text)s. Write stretches that follow each other."),
        }.get(
            wrong.why, _("“%(text)s” are no hours. Write them such as 9:00-12:30, 13:00-17:00; empty: free.")
        )
        raise ClockRefused(sentence % {"text": wrong.text}) from wrong


def _target_subject(target: Target) -> str:
    return f"target:{target.kind}/{target.category or 'all'}/{target.priority or 'all'}"


def _calendar_subject(calendar_id: int) -> str:
    return f"calendar:{calendar_id}"


def _target_facts(target: Target) -> dict[str, Any]:
    return {"minutes": target.minutes, "calendar": target.calendar.name if target.calendar else ""}


def _calendar_facts(calendar: Calendar) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": calendar.name, "country": calendar.country}
    facts |= {"hours": calendar.hours, "default": calendar.is_default}
    return facts | {"worked holidays": calendar.worked_holidays}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"before": before.get(name), "after": value}
        for name, value in after.items()
        if before.get(name) != value or name not in before
    }
