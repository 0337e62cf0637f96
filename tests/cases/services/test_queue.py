"""Taking the next best case, putting one aside until a time, and knowing who looks and who is press."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, Presence
from cases.reads import inbox
from cases.reads.presence import GONE, looking
from cases.services import assignment, presence, triage, undo
from cases.services.assignment import IDLE, NothingWaits, TakenByOther
from cases.services.triage import BadMoment
from tests.cases.steps import fresh, judge, last_event, trail
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HOUR = timedelta(hours=1)
DANGER = "Help ons alsjeblieft, we zitten ingesloten bij de Loswal"


def heard(desk: Desk, noon: datetime, n: int) -> list[Case]:
    """Cases that are due one after another."""
    return [desk.hear(mention(f"q{i}", at=noon), now=noon + i * HOUR)[0] for i in range(n)]


# ── the next best case ──────────────────────────────────────────────────────
def test_what_is_due_first_comes_first_and_is_taken_for_a_while(desk: Desk, noon: datetime) -> None:
    first, second = heard(desk, noon, 2)
    taken = assignment.take_next(by=desk.officer, now=noon)
    assert taken.pk == first.pk
    assert (fresh(first).taken_by, fresh(first).taken_until) == (desk.officer, noon + IDLE)
    assert last_event(first).facts == {"next": True}
    assert assignment.take_next(by=desk.colleague, now=noon).pk == second.pk


def test_urgent_goes_before_mine_and_mine_before_nobodys(desk: Desk, noon: datetime) -> None:
    nobodys, mine, theirs = heard(desk, noon, 3)
    (urgent,) = desk.hear(mention("u", DANGER, at=noon), now=noon + 9 * HOUR)
    assignment.assign(mine, desk.officer, by=desk.lead, now=noon)
    assignment.assign(theirs, desk.colleague, by=desk.lead, now=noon)
    order = [assignment.take_next(by=desk.officer, now=noon).pk for _ in range(3)]
    assert order == [urgent.pk, mine.pk, nobodys.pk]
    with pytest.raises(NothingWaits, match="No case waits"):
        assignment.take_next(by=desk.officer, now=noon)


def test_what_was_put_aside_or_judged_is_not_next_and_what_was_left_is_again(
    desk: Desk, noon: datetime
) -> None:
    aside, judged, left = heard(desk, noon, 3)
    triage.snooze(aside, until=noon + HOUR, by=desk.officer, now=noon)
    judge(judged, "thanks", by=desk.officer, now=noon)
    assignment.take(left, by=desk.colleague, now=noon)
    with pytest.raises(NothingWaits):
        assignment.take_next(by=desk.officer, now=noon)
    assert assignment.take_next(by=desk.officer, now=noon + IDLE).pk == left.pk
    assert assignment.take_next(by=desk.officer, now=noon + 2 * HOUR).pk == aside.pk


# ── taking over ─────────────────────────────────────────────────────────────
def test_it_is_taken_over_from_the_colleague_whom_one_saw_and_from_no_other(
    case: Case, desk: Desk, noon: datetime
) -> None:
    assignment.take(case, by=desk.colleague, now=noon)
    assignment.take(case, by=desk.lead, now=noon, over=True)
    with pytest.raises(TakenByOther, match="Bram"):
        assignment.take(case, by=desk.officer, now=noon, over=True, seen_holder=desk.colleague.pk)
    assignment.take(case, by=desk.officer, now=noon, over=True, seen_holder=desk.lead.pk)
    assert fresh(case).taken_by == desk.officer
    assert last_event(case).facts == {"from": "Bram"}


def test_what_the_colleague_let_go_meanwhile_is_simply_taken(case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.officer, now=noon, over=True, seen_holder=desk.colleague.pk)
    assert fresh(case).taken_by == desk.officer


# ── later ───────────────────────────────────────────────────────────────────
def test_what_is_put_aside_comes_back_by_itself_at_its_time(case: Case, desk: Desk, noon: datetime) -> None:
    triage.snooze(case, until=noon + 20 * HOUR, by=desk.officer, now=noon)
    assert inbox.inbox(desk.officer, "new", now=noon + 19 * HOUR).rows == []
    (row,) = inbox.inbox(desk.officer, "new", now=noon + 20 * HOUR).rows
    assert (row.id, row.snoozed_until) == (case.pk, None)


@pytest.mark.parametrize("hours", [-1, 0, 24 * 90 + 1])
def test_a_time_at_which_nothing_can_come_back_is_refused(
    hours: int, case: Case, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(BadMoment, match="within 90 days"):
        triage.snooze(case, until=noon + hours * HOUR, by=desk.officer, now=noon)
    assert trail(case) == ["opened"]


def test_a_case_is_brought_back_before_its_time_and_that_is_undone(
    case: Case, desk: Desk, noon: datetime
) -> None:
    triage.snooze(case, until=noon + HOUR, by=desk.officer, now=noon)
    triage.wake(case, by=desk.officer, now=noon)
    assert fresh(case).snoozed_until is None
    undo.undo(desk.officer, now=noon)
    assert fresh(case).snoozed_until == noon + HOUR
    triage.wake(case, by=desk.officer, now=noon + HOUR)
    assert trail(case) == ["opened", "snoozed", "woken", "undone"]


# ── who looks, who is press ─────────────────────────────────────────────────
def test_who_looks_at_a_case_is_told_to_others_until_they_leave(
    case: Case, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(mention(2, at=noon))
    presence.look(case.pk, by=desk.colleague, now=noon)
    assert looking(desk.officer, case.pk, now=noon) == "Ilse"
    assert looking(desk.colleague, case.pk, now=noon) == ""
    presence.look(other.pk, by=desk.colleague, now=noon)
    assert looking(desk.officer, case.pk, now=noon) == ""
    assert looking(desk.officer, other.pk, now=noon + GONE) == ""
    assert trail(case) == ["opened"]


def test_looking_on_is_written_once_in_a_while(
    case: Case, desk: Desk, noon: datetime, django_assert_num_queries: object
) -> None:
    presence.look(case.pk, by=desk.officer, now=noon)
    with django_assert_num_queries(1):  # type: ignore[operator]
        presence.look(case.pk, by=desk.officer, now=noon + timedelta(seconds=14))
    presence.look(case.pk, by=desk.officer, now=noon + timedelta(seconds=15))
    assert Presence.objects.get().seen_at == noon + timedelta(seconds=15)
    presence.look(10**15, by=desk.officer, now=noon + HOUR)
    assert Presence.objects.get().case_id == case.pk


def test_an_account_is_marked_as_press_once_and_that_is_written_down(
    case: Case, desk: Desk, noon: datetime
) -> None:
    triage.mark_press(case, is_press=True, by=desk.employee, now=noon)
    triage.mark_press(case, is_press=True, by=desk.officer, now=noon)
    assert case.post.author is not None
    case.post.author.refresh_from_db()
    assert case.post.author.is_press
    assert trail(case) == ["opened", "press"]
