"""A case is due by the targets: from the moment it is heard, and again when more is known of it."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from cases import targets
from cases.models import Calendar, Case, SpecialDay, Target
from cases.services import copies, decisions, triage, undo
from cases.services.responses import record_elsewhere
from tests.cases.steps import fresh, judge
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE = {str(day): [["09:00", "12:30"], ["13:00", "17:00"]] for day in range(5)}


def target(minutes: int, category: str = "", priority: str = "", **more: object) -> Target:
    made = Target.objects.create(minutes=minutes, category=category, priority=priority, **more)
    targets.forget()
    return made


@pytest.fixture
def office(db: None) -> Calendar:
    """Weekdays 9 to 17 with half an hour at noon. Noon of the tests is a Monday, 13:00 here."""
    made = Calendar.objects.create(name="Office", hours=OFFICE, country="NL", is_default=True)
    targets.forget()
    return made


def test_without_targets_an_answer_is_due_after_a_day_and_approval_after_an_hour(noon: datetime) -> None:
    assert targets.due(start=noon) == noon + 24 * HOUR
    assert targets.due(start=noon, category="insult", priority="urgent") == noon + 24 * HOUR
    assert targets.approval_due(start=noon, category="insult", priority="normal") == noon + HOUR


@pytest.mark.parametrize(
    ("category", "priority", "minutes"),
    [
        ("", "normal", 600),
        ("untruth", "normal", 120),
        ("untruth", "urgent", 15),
        ("insult", "urgent", 60),
        ("dissatisfied", "urgent", 60),  # of two that fit in part the first to end
        ("dissatisfied", "normal", 300),
        ("joke", "normal", 600),
    ],
)
def test_the_target_that_says_most_counts(
    category: str, priority: str, minutes: int, noon: datetime, db: None
) -> None:
    target(600)
    target(60, priority="urgent")
    target(120, "untruth")
    target(300, "dissatisfied")
    target(15, "untruth", "urgent")
    assert targets.due(start=noon, category=category, priority=priority) == noon + minutes * MINUTE


def test_a_target_in_office_hours_ends_in_them(office: Calendar, noon: datetime) -> None:
    target(300, calendar=office)
    tuesday = noon.replace(day=3, hour=9)  # 10:00 here
    assert targets.due(start=noon) == tuesday
    SpecialDay.objects.create(calendar=office, day="2026-03-03", name="Moving", hours=[])
    targets.forget()
    assert targets.due(start=noon) == tuesday + 24 * HOUR


def test_a_target_for_approval_is_not_one_for_answers(noon: datetime, db: None) -> None:
    target(10, kind=Target.Kind.APPROVAL)
    assert targets.due(start=noon) == noon + 24 * HOUR
    assert targets.approval_due(start=noon) == noon + 10 * MINUTE


def test_the_next_working_day_is_that_of_the_default_calendar(office: Calendar, noon: datetime) -> None:
    assert targets.next_working_day(noon) == noon.replace(day=3, hour=8)
    thursday = noon.replace(month=4, day=2)
    assert targets.next_working_day(thursday) == noon.replace(month=4, day=7, hour=7)  # after Easter


def test_without_a_calendar_weekdays_at_nine_are_working_days(noon: datetime, db: None) -> None:
    assert targets.next_working_day(noon) == noon.replace(day=3, hour=8)


def test_a_post_is_due_by_its_priority_when_it_is_heard(desk: Desk, noon: datetime) -> None:
    target(480)
    target(30, priority="urgent")
    calm, urgent = desk.hear(
        mention(1, at=noon), mention(2, "Help ons alsjeblieft, we zitten ingesloten bij de Loswal", at=noon)
    )
    assert (calm.due_at, urgent.is_urgent, urgent.due_at) == (
        noon + 480 * MINUTE,
        True,
        noon + 30 * MINUTE,
    )


def test_targets_are_read_once_in_a_while_and_not_at_every_page(
    noon: datetime, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = targets.due(start=noon)
    with django_assert_num_queries(0):
        assert targets.due(start=noon, priority="urgent") == first


def test_judging_sets_the_clock_by_the_category_and_undo_puts_it_back(
    case: Case, desk: Desk, noon: datetime
) -> None:
    target(90, "dissatisfied")
    later = noon + 20 * MINUTE
    judged = judge(case, "complaint", by=desk.officer, now=later)
    assert judged.due_at == noon + 90 * MINUTE  # from when we heard it, not from judging it
    undo.undo(desk.officer, now=later + MINUTE)
    assert fresh(case).due_at == noon + 24 * HOUR


def test_judging_again_sets_the_clock_back_to_that_of_a_post_nobody_judged(
    case: Case, desk: Desk, noon: datetime
) -> None:
    target(90, "dissatisfied")
    judged = judge(case, "complaint", by=desk.officer, now=noon)
    triage.judge_again(judged, by=desk.officer, now=noon + HOUR)
    assert fresh(case).due_at == noon + 24 * HOUR
    again = judge(fresh(case), "complaint", by=desk.officer, now=noon + HOUR)
    triage.step_back(again, by=desk.officer, now=noon + HOUR)
    assert fresh(case).due_at == noon + 24 * HOUR


def test_an_exit_and_danger_set_the_clock_too(desk: Desk, noon: datetime) -> None:
    target(45, "question")
    target(5, priority="urgent")
    asked, danger = desk.hear(mention(1, at=noon), mention(2, at=noon))
    decisions.take_exit(asked, "question", by=desk.officer, now=noon)
    decisions.report_danger(danger, by=desk.officer, now=noon + MINUTE)
    assert fresh(asked).due_at == noon + 45 * MINUTE
    assert fresh(danger).due_at == noon + 5 * MINUTE


def test_a_reopened_case_has_a_clock_of_its_own_and_the_first_one_stays_on_record(
    case: Case, desk: Desk, noon: datetime
) -> None:
    target(90, "dissatisfied")
    target(600)
    judged = judge(case, "complaint", by=desk.officer, now=noon)
    record_elsewhere(judged, medium="phone", note="called back", by=desk.officer, now=noon + HOUR)
    again = noon + 5 * HOUR
    triage.judge_again(fresh(case), by=desk.officer, now=again)
    opened = fresh(case)
    assert (opened.restarted_at, opened.due_at) == (again, again + 600 * MINUTE)
    assert opened.first_due_at == noon + 90 * MINUTE
    judged = judge(opened, "complaint", by=desk.officer, now=again + MINUTE)
    assert judged.due_at == again + 90 * MINUTE  # from its second start


def test_what_was_answered_stays_as_it_was_due(case: Case, desk: Desk, noon: datetime) -> None:
    judged = judge(case, "complaint", by=desk.officer, now=noon)
    record_elsewhere(judged, medium="phone", note="called", by=desk.officer, now=noon + HOUR)
    target(5, priority="urgent")
    decisions.report_danger(fresh(case), by=desk.officer, now=noon + 2 * HOUR)
    assert fresh(case).due_at == noon + 24 * HOUR


def test_a_copy_that_is_detached_starts_its_own_clock_and_undo_takes_it_away(
    desk: Desk, noon: datetime
) -> None:
    one, two = desk.hear(mention(1, at=noon), mention(2, at=noon))
    copies.merge(two, one, by=desk.officer, now=noon)
    copies.detach(fresh(two), by=desk.officer, now=noon + HOUR)
    assert fresh(two).restarted_at == noon + HOUR
    undo.undo(desk.officer, now=noon + HOUR)
    back = fresh(two)
    assert (back.state, back.restarted_at, back.due_at) == ("merged", None, noon + 24 * HOUR)
