"""One act on many cases: said first, done to each by itself, told as it went, taken back by one key."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from cases.models import AuditEvent, Case, Notification, Task, TriageAction
from cases.services import assignment, audit, decisions, many, triage
from cases.services.decisions import NotOffered
from cases.services.many import Act, Proposal, Verb
from cases.services.triage import ReasonMissing
from cases.services.undo import NothingToUndo, undo
from tests.cases.steps import drafting, fresh, judge, last_event, trail, watched
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db

SPAM = Act(Verb.DISMISS, reason="reclame")
STAND = Act(Verb.JUDGE, route="positive/P1")
LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cases(desk: Desk, noon: datetime) -> list[Case]:
    return desk.hear(*(mention(n, at=noon) for n in range(8)))


def proposed(desk: Desk, cases: list[Case], verb: Verb = Verb.DISMISS) -> Proposal:
    return many.propose([case.pk for case in cases], verb, by=desk.officer, now=desk.now)


def test_a_proposal_does_nothing_and_names_who_is_left_out_and_why(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    decisions.report_danger(cases[0], by=desk.colleague, now=noon)
    assignment.take(cases[1], by=desk.colleague, now=noon)
    drafting(cases[2], by=desk.colleague, now=noon)
    watched(desk, cases[3], now=noon)
    Task.objects.create(case=cases[4], what="terugbellen", due_at=noon + LATER, created_at=noon)
    n_events = AuditEvent.objects.count()
    found = proposed(desk, [*cases, Case(pk=999)])
    assert found.seen == {case.pk: "new" for case in cases[5:]}
    whys = {left.case_id: left.why for left in found.left}
    assert "urgent" in whys[cases[0].pk]
    assert "with Ilse" in whys[cases[1].pk]
    assert "judged already" in whys[cases[2].pk]
    assert "watched" in whys[cases[3].pk]
    assert "promised" in whys[cases[4].pk]
    assert "no case 999" in whys[999]
    assert AuditEvent.objects.count() == n_events


def test_many_are_dismissed_each_with_its_own_event_and_the_word_of_the_batch(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    outcome = many.carry_out(proposed(desk, cases).seen, SPAM, by=desk.officer, now=noon)
    assert (outcome.done, outcome.left) == ([case.pk for case in cases], [])
    assert {fresh(case).state for case in cases} == {"dismissed"}
    for case in cases:
        facts = last_event(case).facts
        assert (facts["batch"], facts["reason"]) == (outcome.batch, "reclame")
    assert audit.verify() == []
    assert TriageAction.objects.filter(batch=outcome.batch).count() == len(cases)


def test_what_changed_meanwhile_is_left_and_told(desk: Desk, cases: list[Case], noon: datetime) -> None:
    seen = proposed(desk, cases).seen
    judge(cases[0], "thanks", by=desk.colleague, now=noon)
    assignment.take(cases[1], by=desk.colleague, now=noon)
    outcome = many.carry_out(seen, SPAM, by=desk.officer, now=noon)
    assert len(outcome.done) == 6
    told = {left.case_id: left.why for left in outcome.left}
    assert "was 'new' when you opened it and is now 'assessed'" in told[cases[0].pk]
    assert "with Ilse" in told[cases[1].pk]
    assert fresh(cases[0]).state == "assessed"


def test_many_are_given_one_judgement_with_an_assessment_each(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    outcome = many.carry_out(proposed(desk, cases, Verb.JUDGE).seen, STAND, by=desk.officer, now=noon)
    assert len(outcome.done) == 8
    case = fresh(cases[3])
    assert (case.state, case.outcome) == ("closed", "let_stand")
    newest = case.assessments.get()
    assert (newest.answers, newest.option, newest.follows_advice) == ({"Q1": "positive"}, "P1", True)
    assert trail(case)[-2:] == ["chose", "moved"]


def test_information_is_counted_and_closed_for_many(desk: Desk, cases: list[Case], noon: datetime) -> None:
    neutral = Act(Verb.JUDGE, route="neutral")
    outcome = many.carry_out(proposed(desk, cases, Verb.JUDGE).seen, neutral, by=desk.officer, now=noon)
    assert len(outcome.done) == 8
    assert {fresh(case).outcome for case in cases} == {"information"}
    undo(desk.officer, now=noon + LATER)
    assert {fresh(case).state for case in cases} == {"new"}


def test_only_judgements_that_end_in_silence_are_offered(desk: Desk) -> None:
    offered = {route.id for route in many.routes_offered()}
    assert {"positive/P1", "neutral"} <= offered
    assert not any("P3" in route or "watch" in route or "insult" in route for route in offered)


def test_a_case_that_somebody_began_to_judge_is_not_judged_with_many(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    triage.answer(cases[0], "Q1", "negative", by=desk.colleague, now=noon)
    found = proposed(desk, cases, Verb.JUDGE)
    assert [left.case_id for left in found.left] == [cases[0].pk]
    assert "begun to judge" in found.left[0].why


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (Act(Verb.DISMISS, reason=" "), ReasonMissing),
        (Act(Verb.SNOOZE), ReasonMissing),
        (Act(Verb.JUDGE, route="positive/P3"), NotOffered),
        (Act(Verb.JUDGE, route=""), NotOffered),
    ],
)
def test_what_is_missing_is_asked_before_anything_is_done(
    desk: Desk, cases: list[Case], noon: datetime, act: Act, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        many.carry_out(proposed(desk, cases).seen, act, by=desk.officer, now=noon)
    assert {fresh(case).state for case in cases} == {"new"}


def test_more_than_the_most_is_refused_with_the_number(desk: Desk) -> None:
    with pytest.raises(many.TooMany, match="1001 cases"):
        many.propose(range(1001), Verb.DISMISS, by=desk.officer, now=desk.now)


def test_many_are_assigned_and_whose_they_are_is_told(desk: Desk, cases: list[Case], noon: datetime) -> None:
    act = Act(Verb.ASSIGN, assignee=desk.colleague)
    many.carry_out(proposed(desk, cases, Verb.ASSIGN).seen, act, by=desk.officer, now=noon)
    assert {fresh(case).assignee_id for case in cases} == {desk.colleague.pk}
    assert Notification.objects.filter(recipient=desk.colleague).count() == 8
    undo(desk.officer, now=noon + LATER)
    assert {fresh(case).assignee_id for case in cases} == {None}


def test_many_are_snoozed_and_come_back_by_one_key(desk: Desk, cases: list[Case], noon: datetime) -> None:
    act = Act(Verb.SNOOZE, until=noon + LATER)
    many.carry_out(proposed(desk, cases, Verb.SNOOZE).seen, act, by=desk.officer, now=noon)
    assert {fresh(case).snoozed_until for case in cases} == {noon + LATER}
    undo(desk.officer, now=noon)
    assert {fresh(case).snoozed_until for case in cases} == {None}


@pytest.mark.parametrize("act", [SPAM, STAND], ids=["dismissed", "judged"])
def test_one_key_takes_the_whole_batch_back_by_compensating_events(
    desk: Desk, cases: list[Case], noon: datetime, act: Act
) -> None:
    before = [(case.state, case.scheme_node, case.category, case.due_at) for case in cases]
    outcome = many.carry_out(proposed(desk, cases, act.verb).seen, act, by=desk.officer, now=noon)
    undone = undo(desk.officer, now=noon + LATER)
    assert (undone.n_done, undone.left) == (8, [])
    after = [fresh(case) for case in cases]
    assert [(case.state, case.scheme_node, case.category, case.due_at) for case in after] == before
    assert last_event(cases[0]).action == "undone"
    assert last_event(cases[0]).facts["batch"] == outcome.batch
    assert audit.verify() == []
    judge(cases[0], "thanks", by=desk.colleague, now=noon + LATER)
    assert fresh(cases[0]).state == "assessed"
    with pytest.raises(NothingToUndo):
        undo(desk.officer, now=noon + LATER)


def test_cases_that_moved_on_are_named_and_left(desk: Desk, cases: list[Case], noon: datetime) -> None:
    many.carry_out(proposed(desk, cases).seen, SPAM, by=desk.officer, now=noon)
    triage.judge_again(fresh(cases[2]), by=desk.colleague, now=noon + LATER)
    undone = undo(desk.officer, now=noon + 2 * LATER)
    assert undone.n_done == 7
    assert undone.left == [
        f"Case {cases[2].pk} was 'dismissed' when you opened it and is now 'new'; look again."
    ]


def test_the_next_action_ends_what_one_key_takes_back(desk: Desk, cases: list[Case], noon: datetime) -> None:
    many.carry_out(proposed(desk, cases[:4]).seen, SPAM, by=desk.officer, now=noon)
    triage.dismiss(cases[5], reason="spam", by=desk.officer, now=noon)
    undo(desk.officer, now=noon)
    assert fresh(cases[5]).state == "new"
    with pytest.raises(NothingToUndo):
        undo(desk.officer, now=noon)
    assert fresh(cases[0]).state == "dismissed"
