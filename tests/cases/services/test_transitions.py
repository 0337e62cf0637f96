"""The state of a case moves as the flow says, once, with its event."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case
from cases.reads.figures import _answer_times
from cases.rules.workflow import MOVES, State
from cases.services import audit
from cases.services.transitions import CaseChanged, MoveRefused, lock, move
from tests.cases.steps import fresh, last_event, trail
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
STATES = list(State)


def put(case: Case, state: State, lead: Case) -> Case:
    """The case as if it had come to this state."""
    changes = {"state": state, "lead": lead if state is State.MERGED else None}
    Case.objects.filter(pk=case.pk).update(**changes)
    Case.objects.filter(pk=lead.pk).update(n_copies=int(state is State.MERGED))
    return fresh(case)


def test_the_second_of_two_officers_is_refused_and_told_why(case: Case, noon: datetime) -> None:
    mine, yours = Case.objects.get(), Case.objects.get()
    move(mine, State.ASSESSED, by=None, now=noon)
    with pytest.raises(CaseChanged, match="was 'new' when you opened it and is now 'assessed'; look again"):
        move(yours, State.ASSESSED, by=None, now=noon)
    assert trail(case) == ["opened", "moved"]


def test_a_stale_page_is_refused_even_when_its_move_would_be_allowed_now(case: Case, noon: datetime) -> None:
    move(case, State.COMMS, by=None, now=noon)
    with pytest.raises(CaseChanged):
        move(case, State.CLOSED, by=None, now=noon, seen=State.NEW)
    assert fresh(case).state == State.COMMS


@pytest.mark.parametrize("state", STATES)
def test_every_move_that_the_flow_lacks_is_refused_with_the_moves_that_it_has(state: State) -> None:
    at = datetime(2026, 3, 2)
    for to in set(STATES) - MOVES[state]:
        with pytest.raises(MoveRefused) as refused:
            move(Case(pk=41, state=state), to, by=None, now=at)
        allowed = ", ".join(sorted(MOVES[state]))
        sentence = f"Case 41 is '{state}' and cannot move to '{to}'; allowed: {allowed}."
        assert str(refused.value) == sentence


@pytest.mark.parametrize("state", STATES)
def test_every_move_of_the_flow_is_made_and_written_down(
    state: State, case: Case, desk: Desk, noon: datetime
) -> None:
    lead = desk.hear(mention("lead", "Wanneer is de brandweer open?", at=noon))[0]
    for to in sorted(MOVES[state] - {State.MERGED}):
        moved = put(case, state, lead)
        move(moved, to, by=desk.officer, now=noon, reason="because")
        assert fresh(case).state == to
        facts = last_event(case).facts
        assert (facts["before"], facts["after"], facts["reason"]) == (state, to, "because")
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("state", "to", "clock"),
    [
        (State.NEW, State.ASSESSED, "assessed_at"),
        (State.SENDING, State.RESPONDED, "responded_at"),
        (State.ASSESSED, State.CLOSED, "closed_at"),
        (State.NEW, State.DISMISSED, "closed_at"),
    ],
)
def test_a_move_stops_the_clock_that_it_belongs_to(
    state: State, to: State, clock: str, case: Case, noon: datetime
) -> None:
    moved = put(case, state, case)
    move(moved, to, by=None, now=noon + timedelta(minutes=3))
    assert getattr(moved, clock) == getattr(fresh(case), clock) == noon + timedelta(minutes=3)


def test_a_reopened_case_is_no_longer_closed(case: Case, noon: datetime) -> None:
    move(case, State.DISMISSED, by=None, now=noon)
    move(case, State.NEW, by=None, now=noon)
    assert (fresh(case).closed_at, case.closed_at) == (None, None)


@pytest.mark.parametrize("rest", [State.RESPONDED, State.CLOSED])
def test_an_answered_case_that_is_opened_again_has_a_new_clock_and_keeps_its_first_answer(
    rest: State, case: Case, noon: datetime
) -> None:
    sending, was_due = put(case, State.SENDING, case), case.due_at
    answered_at, again = noon + timedelta(hours=1), noon + timedelta(days=3)
    move(sending, State.RESPONDED, by=None, now=answered_at)
    if rest is State.CLOSED:
        move(fresh(case), State.CLOSED, by=None, now=answered_at)
    move(fresh(case), State.NEW, by=None, now=again)
    opened = fresh(case)
    assert (opened.responded_at, opened.due_at) == (None, again + timedelta(hours=24))
    assert (opened.first_responded_at, opened.first_due_at) == (answered_at, was_due)
    move(put(case, State.SENDING, case), State.RESPONDED, by=None, now=again + timedelta(hours=2))
    assert fresh(case).responded_at == again + timedelta(hours=2)
    assert fresh(case).first_responded_at == answered_at
    assert _answer_times(noon, again + timedelta(days=1)) == [(3600.0, True)]


@pytest.mark.parametrize("state", [State.ASSESSED, State.COMMS])
def test_a_case_that_was_never_answered_keeps_its_clock_when_it_is_judged_again(
    state: State, case: Case, noon: datetime
) -> None:
    move(put(case, state, case), State.NEW, by=None, now=noon + timedelta(hours=5))
    assert fresh(case).due_at == case.due_at


def test_a_move_whose_event_cannot_be_written_does_not_happen(case: Case, noon: datetime) -> None:
    with pytest.raises(TypeError):
        move(case, State.ASSESSED, by=None, now=noon, facts={"unwritable": object()})
    assert fresh(case).state == State.NEW
    assert trail(case) == ["opened"]


def test_an_event_names_who_moved_and_by_which_door(case: Case, desk: Desk, noon: datetime) -> None:
    move(case, State.ASSESSED, by=desk.officer, now=noon)
    event = last_event(case)
    assert (event.actor_id, event.actor_name, event.origin) == (desk.officer.pk, "Sanne", "web")
    with audit.acting_through("api"):
        move(case, State.NEW, by=desk.officer, now=noon)
    assert last_event(case).origin == "api"
    move(case, State.COMMS, by=None, now=noon)
    assert (last_event(case).actor_id, last_event(case).origin) == (None, "rule")


def test_a_lock_on_a_case_that_others_moved_says_so(case: Case, noon: datetime) -> None:
    move(fresh(case), State.COMMS, by=None, now=noon)
    with pytest.raises(CaseChanged, match="is now 'comms'"):
        lock(case, seen=State.NEW)


def test_a_page_on_which_a_copy_was_still_a_copy_is_refused_in_words(
    case: Case, desk: Desk, noon: datetime
) -> None:
    lead = desk.hear(mention("lead", "Wanneer is de brandweer open?", at=noon))[0]
    copy = put(case, State.MERGED, lead)
    stale = fresh(copy)
    move(copy, State.NEW, by=None, now=noon)
    with pytest.raises(CaseChanged, match="was 'merged' when you opened it and is now 'new'"):
        move(stale, State.NEW, by=None, now=noon)
    assert fresh(lead).n_copies == 0


def test_no_event_is_lost_over_a_hundred_moves(case: Case, noon: datetime) -> None:
    for _ in range(50):
        move(case, State.ASSESSED, by=None, now=noon)
        move(case, State.NEW, by=None, now=noon)
    assert AuditEvent.objects.filter(subject=audit.subject_of(case.pk)).count() == 101
    assert audit.verify() == []
