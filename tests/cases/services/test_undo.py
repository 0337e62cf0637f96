"""One key takes back the last action, of every kind, by compensating events."""

from datetime import datetime, timedelta

import pytest

from cases import policy
from cases.models import Case, Escalation, TriageAction
from cases.rules.workflow import State
from cases.services import assignment, audit, decisions, escalation, responses, triage
from cases.services.escalation import Alarm, raise_escalation
from cases.services.transitions import CaseChanged
from cases.services.undo import NothingToUndo, last_action, undo
from tests.cases.steps import ROUTES, THANKS, choose, drafting, fresh, judge, trail, watched
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SHOWN = (
    "state",
    "scheme_node",
    "category",
    "outcome",
    "is_urgent",
    "assignee_id",
    "snoozed_until",
    "assessed_at",
    "responded_at",
    "closed_at",
    "due_at",
)
LATER = timedelta(minutes=1)


def shown(case: Case) -> dict[str, object]:
    """Everything that a page shows of where a case stands."""
    return {name: getattr(fresh(case), name) for name in SHOWN}


CHOICES = [
    ("thanks", "P1"),
    ("thanks", "P2"),
    ("thanks", "P3"),
    ("good joke", "use_in_own"),
    ("insult", "watch"),
    ("untruth", "reply_public"),
    ("rude complaint", "to_comms"),
]


@pytest.mark.parametrize(("kind", "option"), CHOICES)
def test_a_choice_is_taken_back_and_can_be_made_again(
    kind: str, option: str, case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, kind, by=desk.officer, now=noon)
    before = shown(case)
    choose(judged, option, by=desk.officer, now=noon + LATER)
    undo(desk.officer, now=noon + 2 * LATER)
    assert shown(case) == before
    assert not case.watches.filter(ended_at=None).exists()
    assert not case.escalations.filter(resolved_at=None).exists()
    assert not case.responses.exclude(status="withdrawn").exists()
    choose(fresh(case), option, by=desk.officer, now=noon + 3 * LATER)
    assert audit.verify() == []


@pytest.mark.parametrize("kind", ROUTES)
def test_a_judgement_is_taken_back_to_the_last_question(
    kind: str, case: Case, desk: Desk, noon: datetime
) -> None:
    answers = list(ROUTES[kind].items())
    for question, answer in answers[:-1]:
        triage.answer(case, question, answer, by=desk.officer, now=noon)
    before = shown(case)
    triage.answer(case, *answers[-1], by=desk.officer, now=noon + LATER)
    undo(desk.officer, now=noon + 2 * LATER)
    assert shown(case) == before
    assert case.assessments.get().answers == dict(answers[:-1])
    assert policy.judgement(fresh(case)).step.id == answers[-1][0]


@pytest.mark.parametrize("exit_id", ["not_relevant", "neutral", "question", "rumour", "later", "escalate"])
def test_every_exit_is_taken_back(exit_id: str, case: Case, desk: Desk, noon: datetime) -> None:
    before = shown(case)
    decisions.take_exit(case, exit_id, by=desk.officer, now=noon + LATER)
    undo(desk.officer, now=noon + 2 * LATER)
    assert shown(case) == before
    assert not case.escalations.filter(resolved_at=None).exists()
    decisions.take_exit(fresh(case), exit_id, by=desk.officer, now=noon + 3 * LATER)


@pytest.mark.parametrize("state", ["assessed", "drafting", "approval", "responded", "watching"])
def test_a_hand_over_is_taken_back_to_every_state_it_can_come_from(
    state: str, case: Case, desk: Desk, noon: datetime
) -> None:
    judge(case, "insult", by=desk.officer, now=noon)
    Case.objects.filter(pk=case.pk).update(state=state, responded_at=noon if state == "responded" else None)
    before = shown(case)
    decisions.refer(fresh(case), reason="press", by=desk.officer, now=noon + LATER)
    assert fresh(case).state == State.COMMS
    undo(desk.officer, now=noon + 2 * LATER)
    assert shown(case) == before
    assert case.escalations.get().resolution == "undone"


def test_danger_to_life_is_not_taken_back_by_a_key(case: Case, desk: Desk, noon: datetime) -> None:
    triage.snooze(case, until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    decisions.take_exit(fresh(case), "danger", by=desk.officer, now=noon + LATER)
    assert last_action(desk.officer) is None
    with pytest.raises(NothingToUndo):
        undo(desk.officer, now=noon + 2 * LATER)
    assert case.escalations.get().status == "running"
    assert fresh(case).snoozed_until is not None


def test_an_alarm_that_somebody_took_is_not_ended_by_undo(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.refer(case, reason="press", by=desk.officer, now=noon)
    escalation.acknowledge(case.escalations.get(), by=desk.lead, now=noon + LATER)
    with pytest.raises(NothingToUndo, match="Somebody has the alarm on this case"):
        undo(desk.officer, now=noon + 2 * LATER)
    assert (case.escalations.get().status, fresh(case).state) == ("acknowledged", "comms")


def test_a_hand_over_that_was_told_on_is_not_taken_back(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.refer(case, reason="smoke", by=desk.officer, now=noon)
    decisions.hand_over_danger(case, to="control room", by=desk.colleague, now=noon + LATER)
    with pytest.raises(NothingToUndo, match="Somebody has the alarm on this case"):
        undo(desk.officer, now=noon + 2 * LATER)
    assert case.escalations.get().resolved_at is None


def test_danger_that_a_colleague_reported_since_is_not_ended_by_undo(
    case: Case, desk: Desk, noon: datetime
) -> None:
    decisions.refer(case, reason="press", by=desk.officer, now=noon)
    decisions.report_danger(fresh(case), by=desk.colleague, now=noon)
    with pytest.raises(NothingToUndo):
        undo(desk.officer, now=noon + LATER)
    assert (case.escalations.get().status, fresh(case).is_urgent) == ("running", True)


def test_a_dismissal_is_taken_back(case: Case, desk: Desk, noon: datetime) -> None:
    before = shown(case)
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    undo(desk.officer, now=noon)
    assert shown(case) == before


def test_a_snooze_is_taken_back_without_touching_what_was_answered_since(
    case: Case, desk: Desk, noon: datetime
) -> None:
    triage.snooze(case, until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    triage.answer(case, "Q1", "negative", by=desk.colleague, now=noon)
    undo(desk.officer, now=noon)
    assert (fresh(case).snoozed_until, fresh(case).scheme_node) == (None, "Q2")


def test_nothing_is_deleted_by_undoing(case: Case, desk: Desk, noon: datetime) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    n_events = len(trail(case))
    undo(desk.officer, now=noon)
    assert len(trail(case)) > n_events
    assert trail(case)[-1] == "undone"
    assert case.watches.get().end_reason == "undone"


def test_one_action_is_taken_back_once(case: Case, desk: Desk, noon: datetime) -> None:
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    undo(desk.officer, now=noon)
    with pytest.raises(NothingToUndo, match="There is nothing to undo"):
        undo(desk.officer, now=noon)


def test_only_the_last_action_can_be_taken_back(case: Case, desk: Desk, noon: datetime) -> None:
    other = desk.hear(mention(2, at=noon))[0]
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    triage.dismiss(other, reason="spam", by=desk.officer, now=noon)
    assert undo(desk.officer, now=noon).case.pk == other.pk
    with pytest.raises(NothingToUndo):
        undo(desk.officer, now=noon)
    assert fresh(case).state == State.DISMISSED


def test_nobody_takes_back_what_a_colleague_did(case: Case, desk: Desk, noon: datetime) -> None:
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    assert last_action(desk.colleague) is None
    with pytest.raises(NothingToUndo):
        undo(desk.colleague, now=noon)


def test_what_others_went_on_with_is_not_taken_back(case: Case, desk: Desk, noon: datetime) -> None:
    judge(case, "insult", by=desk.officer, now=noon)
    choose(fresh(case), "watch", by=desk.colleague, now=noon)
    with pytest.raises(CaseChanged, match="was 'assessed' when you opened it and is now 'watching'"):
        undo(desk.officer, now=noon)
    assert TriageAction.objects.get(officer=desk.officer).undone_at is None


def test_what_went_on_and_came_back_to_the_same_state_is_not_taken_back(
    case: Case, desk: Desk, noon: datetime
) -> None:
    """The draft of before is not there any more: undo would leave a case that is drafted without one."""
    drafting(case, by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="press", by=desk.officer, now=noon + LATER)
    responses.record_elsewhere(fresh(case), medium="phone", note="told", by=desk.colleague, now=noon)
    decisions.refer(fresh(case), reason="again", by=desk.colleague, now=noon)
    before = shown(case)
    with pytest.raises(NothingToUndo, match="This case went on since then"):
        undo(desk.officer, now=noon + 2 * LATER)
    assert (shown(case), before["state"]) == (before, "comms")


def test_a_draft_that_a_colleague_began_at_the_same_moment_stays(
    case: Case, desk: Desk, noon: datetime
) -> None:
    drafting(case, by=desk.colleague, now=noon)
    decisions.refer(fresh(case), reason="press", by=desk.officer, now=noon)
    undo(desk.officer, now=noon + LATER)
    assert (fresh(case).state, case.responses.get().status) == ("drafting", "draft")


def test_a_watch_that_a_colleague_began_at_the_same_moment_goes_on(
    case: Case, desk: Desk, noon: datetime
) -> None:
    choose(judge(case, "insult", by=desk.colleague, now=noon), "watch", by=desk.colleague, now=noon)
    decisions.refer(fresh(case), reason="press", by=desk.officer, now=noon)
    undo(desk.officer, now=noon + LATER)
    assert (fresh(case).state, case.watches.get().ended_at) == ("watching", None)


def test_an_alarm_that_a_colleague_raised_at_the_same_moment_goes_on(
    case: Case, desk: Desk, noon: datetime
) -> None:
    raise_escalation(case, Alarm(2, "referred", {}), by=desk.colleague, now=noon)
    triage.snooze(fresh(case), until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    undo(desk.officer, now=noon + LATER)
    assert (fresh(case).snoozed_until, case.escalations.get().status) == (None, "running")


def test_a_reply_on_its_way_is_not_taken_back_by_undo(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    responses.queue(response, THANKS, by=desk.officer, now=noon)
    with pytest.raises(CaseChanged):
        undo(desk.officer, now=noon)
    assert case.responses.get().status == "queued"


def test_a_watch_that_stood_before_the_choice_goes_on(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    judged = judge(case, "insult", by=desk.officer, now=noon)
    choose(judged, "watch", by=desk.officer, now=noon + LATER)
    undo(desk.officer, now=noon + 2 * LATER)
    assert case.watches.get() == watch
    assert case.watches.get().ended_at is None


def test_an_alarm_that_stood_before_goes_on(case: Case, desk: Desk, noon: datetime) -> None:
    raise_escalation(case, Alarm(2, "worsened", {"n": 8}), by=None, now=noon)
    decisions.refer(fresh(case), reason="press", by=desk.officer, now=noon + LATER)
    undo(desk.officer, now=noon + 2 * LATER)
    alarm = Escalation.objects.get()
    assert (alarm.status, alarm.level, fresh(case).state) == ("running", 2, "new")


def test_undoing_a_judgement_after_assigning_leaves_the_case_with_whom_it_was(
    case: Case, desk: Desk, noon: datetime
) -> None:
    assignment.assign(case, desk.colleague, by=desk.lead, now=noon)
    choose(judge(case, "thanks", by=desk.officer, now=noon), "P3", by=desk.officer, now=noon + LATER)
    assert fresh(case).assignee == desk.officer
    undo(desk.officer, now=noon + 2 * LATER)
    assert fresh(case).assignee == desk.colleague
