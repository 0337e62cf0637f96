"""Judging: answers one by one, kept, taken back, and refused when somebody else was first."""

from datetime import datetime, timedelta

import pytest

from cases import policy
from cases.models import Case, TriageAction
from cases.rules.scheme import Advice, Question, UnknownAnswer, load, routes
from cases.rules.workflow import State
from cases.services import triage
from cases.services.transitions import CaseChanged, MoveRefused, move
from cases.services.triage import ReasonMissing
from tests.cases.steps import ROUTES, choose, fresh, judge, last_event, trail
from tests.world import SCHEMES, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SCHEME = load((SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8"))
ALL_ROUTES = list(routes(SCHEME))


def test_every_answer_is_kept_with_the_node_where_the_judgement_stands(
    case: Case, desk: Desk, noon: datetime
) -> None:
    first = triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    assert isinstance(first.step, Question) and first.step.id == "Q2"
    assert (case.scheme_node, fresh(case).scheme_node, fresh(case).state) == ("Q2", "Q2", "new")
    assert last_event(case).facts == {"question": "Q1", "answer": "negative", "scheme": "vdmmp-1 1.0"}


def test_the_last_answer_completes_the_assessment_and_moves_the_case(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "rude complaint", by=desk.officer, now=noon)
    assessment = judged.assessments.get()
    assert (judged.state, judged.category, judged.scheme_node) == ("assessed", "insult", "A1+A4")
    assert assessment.categories == ["insult", "dissatisfied"]
    assert (assessment.completed_at, judged.assessed_at) == (noon, noon)
    assert trail(case) == ["opened", "answered", "answered", "moved"]


@pytest.mark.parametrize("answers", ALL_ROUTES, ids=lambda answers: "/".join(answers.values()))
def test_every_route_of_the_scheme_ends_in_the_advice_that_its_rules_give(
    answers: dict[str, str], case: Case, desk: Desk, noon: datetime
) -> None:
    for question, choice in answers.items():
        if question == "P+":
            triage.toggle(case, "P+", on=True, by=desk.officer, now=noon)
        else:
            triage.answer(case, question, choice, by=desk.officer, now=noon)
    judged = fresh(case)
    assessment = judged.assessments.get()
    step = policy.judgement(judged).step
    assert isinstance(step, Advice) and judged.state == State.ASSESSED
    assert (assessment.answers, assessment.advice_nodes) == (answers, list(step.nodes))
    assert (assessment.has_suggestion, judged.category) == ("P+" in answers, step.primary)


def test_a_second_officer_at_the_same_question_is_refused(case: Case, desk: Desk, noon: datetime) -> None:
    yours = fresh(case)
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="was 'Q1' when you opened it and is now 'Q2'"):
        triage.answer(yours, "Q1", "positive", by=desk.colleague, now=noon)
    assert case.assessments.get().answers == {"Q1": "negative"}


def test_a_judged_case_takes_no_more_answers(case: Case, desk: Desk, noon: datetime) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="was 'new' when you opened it and is now 'assessed'"):
        triage.answer(judged, "Q1", "negative", by=desk.officer, now=noon)


@pytest.mark.parametrize("state", [State.DISMISSED, State.COMMS, State.CLOSED])
def test_a_case_that_was_never_judged_and_is_past_judging_takes_no_answers(
    state: State, case: Case, desk: Desk, noon: datetime
) -> None:
    move(case, state, by=None, now=noon)
    with pytest.raises(CaseChanged):
        triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    assert not case.assessments.exists()


def test_an_answer_that_is_not_offered_is_refused_with_those_that_are(
    case: Case, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(UnknownAnswer, match="choose from: positive, negative, mixed"):
        triage.answer(case, "Q1", "angry", by=desk.officer, now=noon)
    assert trail(case) == ["opened"]
    assert not case.assessments.exists()


def test_none_of_these_goes_with_no_other_category(case: Case, desk: Desk, noon: datetime) -> None:
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    with pytest.raises(UnknownAnswer, match="only alone"):
        triage.answer(case, "Q2", "insult+none", by=desk.officer, now=noon)


def test_half_judged_work_goes_on_where_it_was_left(case: Case, desk: Desk, noon: datetime) -> None:
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    triage.answer(fresh(case), "Q2", "insult", by=desk.colleague, now=noon)
    assert fresh(case).state == State.ASSESSED
    assert case.assessments.get().by == desk.colleague


def test_a_step_back_takes_the_last_answer_back(case: Case, desk: Desk, noon: datetime) -> None:
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    triage.answer(case, "Q2", "joke", by=desk.officer, now=noon)
    back = triage.step_back(case, by=desk.officer, now=noon)
    assert isinstance(back.step, Question) and back.step.id == "Q2"
    assert (fresh(case).scheme_node, case.assessments.get().answers) == ("Q2", {"Q1": "negative"})


def test_a_step_back_from_the_advice_judges_again_and_keeps_the_first_assessment(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    triage.step_back(judged, by=desk.officer, now=noon)
    assert (judged.state, judged.category, fresh(case).category) == ("new", "", "")
    kept, again = case.assessments.all()
    assert (kept.categories, kept.completed_at) == (["insult"], noon)
    assert (again.answers, again.completed_at) == ({"Q1": "negative"}, None)


def test_a_step_back_from_a_suggestion_takes_the_answer_back_and_not_the_switch(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    triage.toggle(judged, "P+", on=True, by=desk.officer, now=noon)
    back = triage.step_back(judged, by=desk.officer, now=noon)
    assert isinstance(back.step, Question) and back.step.id == "Q1"


def test_a_step_back_on_the_first_question_of_a_second_round_brings_no_old_answers_back(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "joke", by=desk.officer, now=noon)
    triage.judge_again(judged, by=desk.officer, now=noon)
    back = triage.step_back(judged, by=desk.officer, now=noon)
    assert isinstance(back.step, Question) and back.step.id == "Q1"


def test_there_is_no_step_back_once_something_was_chosen(case: Case, desk: Desk, noon: datetime) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="is now 'watching'"):
        triage.step_back(fresh(case), by=desk.officer, now=noon)


def test_a_suggestion_can_be_switched_on_and_off_beside_the_advice(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    on = triage.toggle(judged, "P+", on=True, by=desk.officer, now=noon)
    assert isinstance(on.step, Advice) and on.step.suggestion
    off = triage.toggle(judged, "P+", on=False, by=desk.officer, now=noon)
    assert isinstance(off.step, Advice) and not off.step.suggestion
    assert not case.assessments.get().has_suggestion


def test_a_switch_that_the_scheme_does_not_have_is_refused(case: Case, desk: Desk, noon: datetime) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    with pytest.raises(UnknownAnswer):
        triage.toggle(judged, "P-", on=True, by=desk.officer, now=noon)


@pytest.mark.parametrize("kind", ROUTES)
def test_judging_again_starts_with_the_first_question_and_keeps_the_old_judgement(
    kind: str, case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, kind, by=desk.officer, now=noon)
    triage.judge_again(judged, by=desk.officer, now=noon, reason="seen in another light")
    again = fresh(case)
    assert (again.state, again.scheme_node, again.category, again.assessed_at) == ("new", "Q1", "", None)
    assert policy.judgement(again).assessment is None
    judge(again, "thanks", by=desk.officer, now=noon)
    assert [assessment.n for assessment in case.assessments.all()] == [1, 2]
    assert case.assessments.first().answers == ROUTES[kind]


def test_a_closed_case_is_reopened_by_judging_it_again(case: Case, desk: Desk, noon: datetime) -> None:
    closed = choose(judge(case, "thanks", by=desk.officer, now=noon), "P1", by=desk.officer, now=noon)
    triage.judge_again(closed, by=desk.officer, now=noon)
    assert (fresh(case).state, fresh(case).outcome, fresh(case).closed_at) == ("new", "", None)


def test_a_reply_on_its_way_cannot_be_judged_again(case: Case, desk: Desk, noon: datetime) -> None:
    Case.objects.filter(pk=case.pk).update(state=State.SENDING)
    with pytest.raises(MoveRefused, match="allowed: drafting, responded"):
        triage.judge_again(fresh(case), by=desk.officer, now=noon)


def test_dismissing_needs_a_reason(case: Case, desk: Desk, noon: datetime) -> None:
    with pytest.raises(ReasonMissing, match="why this post is not for us"):
        triage.dismiss(case, reason=" ", by=desk.officer, now=noon)
    assert fresh(case).state == State.NEW


def test_a_dismissed_case_is_closed_with_its_reason(case: Case, desk: Desk, noon: datetime) -> None:
    triage.dismiss(case, reason="about another place", by=desk.officer, now=noon)
    gone = fresh(case)
    assert (gone.state, gone.outcome, gone.closed_at) == ("dismissed", "dismissed", noon)
    assert last_event(case).facts["reason"] == "about another place"


def test_of_two_who_dismiss_and_judge_the_second_is_refused(case: Case, desk: Desk, noon: datetime) -> None:
    yours = fresh(case)
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon, seen=State.NEW)
    with pytest.raises(CaseChanged):
        triage.dismiss(yours, reason="spam", by=desk.colleague, now=noon, seen=State.NEW)
    assert TriageAction.objects.count() == 1


def test_a_snoozed_case_keeps_its_state_and_comes_back_by_itself(
    case: Case, desk: Desk, noon: datetime
) -> None:
    triage.snooze(case, until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    snoozed = fresh(case)
    assert (snoozed.state, snoozed.snoozed_until, snoozed.due_at) == (
        "new",
        noon + timedelta(hours=1),
        case.due_at,
    )
    assert trail(case) == ["opened", "snoozed"]
