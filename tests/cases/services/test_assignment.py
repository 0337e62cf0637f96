"""Who is at a case, and who should be."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case
from cases.services import assignment
from cases.services.assignment import IDLE, TakenByOther
from tests.cases.steps import fresh, last_event, trail
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_a_taken_case_is_taken_for_a_quarter_of_an_hour(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    held = fresh(case)
    assert (held.taken_by, held.taken_until) == (desk.officer, noon + timedelta(minutes=15))
    assert (case.taken_by, case.taken_until) == (held.taken_by, held.taken_until)


def test_the_second_of_two_is_told_who_has_it_and_until_when(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    with pytest.raises(TakenByOther, match=rf"Case {case.pk} is with Sanne until 13:15; take it over"):
        assignment.take(case, by=desk.colleague, now=noon)
    assert fresh(case).taken_by == desk.officer


def test_who_keeps_working_keeps_the_case_and_writes_it_down_once(
    case: Case, desk: Desk, noon: datetime
) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    assignment.take(case, by=desk.officer, now=noon + timedelta(minutes=10))
    assert fresh(case).taken_until == noon + timedelta(minutes=25)
    assert trail(case) == ["opened", "taken"]


def test_an_idle_case_is_free_again(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    assignment.take(case, by=desk.colleague, now=noon + IDLE)
    assert fresh(case).taken_by == desk.colleague


def test_taking_over_is_allowed_and_written_down(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    assignment.take(case, by=desk.colleague, now=noon, over=True)
    assert fresh(case).taken_by == desk.colleague
    assert last_event(case).facts == {"from": "Sanne"}


def test_letting_go_frees_ones_own_case_only(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    assignment.release(fresh(case), by=desk.colleague, now=noon)
    assert fresh(case).taken_by == desk.officer
    assignment.release(fresh(case), by=desk.officer, now=noon)
    assert (fresh(case).taken_by, fresh(case).taken_until) == (None, None)
    assert trail(case) == ["opened", "taken", "released"]


def test_an_assigned_case_says_who_should_do_it(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.assign(case, desk.colleague, by=desk.lead, now=noon)
    assert fresh(case).assignee == desk.colleague
    assert last_event(case).facts == {"to": "Ilse"}
    assignment.assign(case, None, by=desk.lead, now=noon)
    assert fresh(case).assignee is None


def test_assigning_leaves_who_is_at_it_alone(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon)
    assignment.assign(case, desk.colleague, by=desk.lead, now=noon)
    assert fresh(case).taken_by == desk.officer


def test_a_case_outlives_the_account_of_who_had_it(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.employee, now=noon)
    assignment.assign(case, desk.employee, by=desk.lead, now=noon)
    desk.employee.delete()
    assert (fresh(case).taken_by, fresh(case).assignee) == (None, None)
    assert last_event(case).actor_name == "Bram"
