"""Targets and calendars are changed with the trail written, on what was seen, and only to what can be."""

from datetime import date, datetime, timedelta

import pytest

from cases import targets
from cases.models import AuditEvent, Calendar, SpecialDay, Target
from cases.services import audit, calendars
from cases.services.calendars import CalendarPlan, ClockChanged, ClockRefused, TargetPlan, mark
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
WEEK = ("9:00-12:30, 13-17",) * 5 + ("", "")
PLAN = CalendarPlan("Office", WEEK, "NL", is_default=True)


def office(desk: Desk, now: datetime) -> Calendar:
    return calendars.add_calendar(PLAN, by=desk.lead, now=now)


def actions(subject: str) -> list[str]:
    return list(AuditEvent.objects.filter(subject=subject).order_by("seq").values_list("action", flat=True))


def test_a_target_counts_from_now_on_and_is_in_the_trail(desk: Desk, noon: datetime) -> None:
    assert targets.due(start=noon, category="untruth") == noon + timedelta(hours=24)
    plan = TargetPlan("response", "untruth", "", 90)
    target = calendars.set_target(plan, seen="", by=desk.lead, now=noon)
    assert targets.due(start=noon, category="untruth") == noon + timedelta(minutes=90)
    less = TargetPlan("response", "untruth", "", 30)
    target = calendars.set_target(less, seen=calendars.mark(target), by=desk.lead, now=noon)
    calendars.drop_target(target.pk, seen=calendars.mark(target), by=desk.lead, now=noon)
    assert targets.due(start=noon, category="untruth") == noon + timedelta(hours=24)
    assert actions("target:response/untruth/all") == ["target set", "target set", "target dropped"]
    change = AuditEvent.objects.get(subject="target:response/untruth/all", seq=2)
    assert change.facts == {"minutes": {"before": 90, "after": 30}}
    assert audit.verify() == []


def test_who_saw_another_target_is_refused(desk: Desk, noon: datetime) -> None:
    plan = TargetPlan("response", "", "urgent", 90)
    target = calendars.set_target(plan, seen="", by=desk.lead, now=noon)
    for seen in ("", "00000000"):
        with pytest.raises(ClockChanged, match="changed or removed after you opened it"):
            calendars.set_target(plan, seen=seen, by=desk.lead, now=noon)
    with pytest.raises(ClockChanged):
        calendars.drop_target(target.pk, seen="", by=desk.lead, now=noon)


@pytest.mark.parametrize("minutes", [0, -5, 86_401])
def test_a_target_of_no_time_or_of_more_than_two_months_is_refused(
    minutes: int, desk: Desk, noon: datetime
) -> None:
    plan = TargetPlan("response", "", "", minutes)
    with pytest.raises(ClockRefused, match="at least a minute and at most 60 days"):
        calendars.set_target(plan, seen="", by=desk.lead, now=noon)


def test_a_target_in_a_calendar_that_is_gone_is_refused(desk: Desk, noon: datetime) -> None:
    plan = TargetPlan("response", "", "", 60, calendar_id=4711)
    with pytest.raises(ClockRefused, match="Choose another one"):
        calendars.set_target(plan, seen="", by=desk.lead, now=noon)


def test_a_calendar_is_stored_as_it_was_typed_and_one_is_the_default(desk: Desk, noon: datetime) -> None:
    made = office(desk, noon)
    assert made.hours["0"] == [["09:00", "12:30"], ["13:00", "17:00"]]
    assert sorted(made.hours) == ["0", "1", "2", "3", "4"]
    night = CalendarPlan("Night", ("0-24",) * 7, is_default=True)
    calendars.add_calendar(night, by=desk.lead, now=noon)
    made.refresh_from_db()
    assert not made.is_default
    changed = calendars.change_calendar(
        made.pk,
        CalendarPlan("Office hours", WEEK, ""),
        seen=calendars.mark(made),
        by=desk.lead,
        now=noon,
    )
    assert (changed.name, changed.country) == ("Office hours", "")
    assert actions(f"calendar:{made.pk}") == ["calendar added", "calendar changed"]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (CalendarPlan(" ", WEEK), "needs a name"),
        (CalendarPlan("office", WEEK), "already a calendar with this name"),
        (CalendarPlan("New", WEEK, "Atlantis"), "do not know the holidays"),
        (CalendarPlan("New", ("",) * 7), "Nobody works in this calendar"),
        (CalendarPlan("New", ("nine-five", *WEEK[1:])), "“nine-five” are no hours"),
        (CalendarPlan("New", ("17-9", *WEEK[1:])), "“17-9” ends before it begins"),
        (CalendarPlan("New", ("9-13, 12-17", *WEEK[1:])), "overlap at 12:00"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_with_what_is_wrong(
    plan: CalendarPlan, said: str, desk: Desk, noon: datetime
) -> None:
    office(desk, noon)
    with pytest.raises(ClockRefused, match=said):
        calendars.add_calendar(plan, by=desk.lead, now=noon)
    assert Calendar.objects.count() == 1


def test_a_special_day_is_set_changed_and_dropped(desk: Desk, noon: datetime) -> None:
    made, day = office(desk, noon), date(2026, 3, 3)
    target = TargetPlan("response", "", "", 300, made.pk)
    calendars.set_target(target, seen="", by=desk.lead, now=noon)
    usual = targets.due(start=noon)
    calendars.set_day(made.pk, day, name="Moving", hours="", by=desk.lead, now=noon)
    assert targets.due(start=noon) == usual + timedelta(days=1)
    calendars.set_day(made.pk, day, name="Moving", hours="20-24", by=desk.lead, now=noon)
    assert SpecialDay.objects.get().hours == [["20:00", "24:00"]]
    assert targets.due(start=noon) == noon.replace(day=3, hour=20)
    calendars.drop_day(made.pk, day, by=desk.lead, now=noon)
    assert targets.due(start=noon) == usual
    with pytest.raises(ClockChanged):
        calendars.drop_day(made.pk, day, by=desk.lead, now=noon)
    assert actions(f"calendar:{made.pk}") == ["calendar added", "day set", "day set", "day dropped"]


def test_a_calendar_in_use_is_not_removed(desk: Desk, noon: datetime) -> None:
    made = office(desk, noon)
    target = calendars.set_target(
        TargetPlan("approval", "", "", 60, made.pk), seen="", by=desk.lead, now=noon
    )
    with pytest.raises(ClockRefused, match="Let them count in another calendar first"):
        calendars.remove_calendar(made.pk, by=desk.lead, now=noon)
    calendars.drop_target(target.pk, seen=calendars.mark(target), by=desk.lead, now=noon)
    calendars.remove_calendar(made.pk, by=desk.lead, now=noon)
    assert not Calendar.objects.exists()
    with pytest.raises(ClockChanged):
        calendars.remove_calendar(made.pk, by=desk.lead, now=noon)


def test_an_organisation_begins_with_office_hours_and_targets_in_one_step(desk: Desk, noon: datetime) -> None:
    calendars.begin(country="NL", by=desk.lead, now=noon)
    made = Calendar.objects.get()
    assert (made.name, made.country, made.is_default) == ("Office hours", "NL", True)
    assert Target.objects.count() == len(calendars.FIRST_TARGETS)
    assert targets.due(start=noon) == noon + timedelta(hours=24)
    assert targets.due(start=noon, priority="urgent") == noon + timedelta(hours=1)
    complaint = targets.due(start=noon, category="dissatisfied")  # two working days
    assert complaint == noon.replace(day=4, hour=12)
    with pytest.raises(ClockRefused, match="already"):
        calendars.begin(country="NL", by=desk.lead, now=noon)


def test_a_dutch_calendar_works_on_good_friday_until_somebody_says_otherwise(
    desk: Desk, noon: datetime
) -> None:
    week = calendars.OFFICE
    made = calendars.add_calendar(CalendarPlan("Desk", week, "NL"), by=desk.lead, now=noon)
    assert made.worked_holidays == ["Good Friday"]
    free = CalendarPlan("Desk", week, "NL", worked=["King's Day"])
    changed = calendars.change_calendar(made.pk, free, seen=mark(made), by=desk.lead, now=noon)
    assert changed.worked_holidays == ["King's Day"]
    kept = CalendarPlan("Office", week, "NL")
    changed = calendars.change_calendar(made.pk, kept, seen=mark(changed), by=desk.lead, now=noon)
    assert changed.worked_holidays == ["King's Day"]
    abroad = CalendarPlan("Office", week, "DE")
    changed = calendars.change_calendar(made.pk, abroad, seen=mark(changed), by=desk.lead, now=noon)
    assert changed.worked_holidays == []
