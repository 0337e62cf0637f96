"""What follows from a judgement: closed, answered, watched, or with communications."""

from datetime import datetime, timedelta

import pytest

from cases import policy
from cases.models import AuditEvent, Case, CommsDecision, Escalation, Response, Watch
from cases.rules.workflow import MOVES, State
from cases.services import approvals, decisions, responses, triage
from cases.services.decisions import Chosen, NotOffered
from cases.services.responses import CannotSend
from cases.services.transitions import CaseChanged, MoveRefused, move
from cases.services.triage import ReasonMissing
from tests.cases.steps import (
    THANKS,
    choose,
    drafting,
    fresh,
    judge,
    last_event,
    plan,
    queued,
    trail,
    watched,
)
from tests.world import Desk, grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


# ── following the advice, or not ────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "option", "state", "outcome"),
    [
        ("thanks", "P1", "closed", "let_stand"),
        ("good joke", "let_stand", "closed", "let_stand"),
        ("good joke", "use_in_own", "closed", "use_in_own"),
        ("thanks", "P2", "drafting", ""),
        ("thanks", "P3", "drafting", ""),
        ("good joke", "reply_public", "drafting", ""),
        ("untruth", "reply_public", "drafting", ""),
        ("complaint", "reply_direct", "drafting", ""),
        ("insult", "watch", "watching", "watched"),
        ("joke", "watch", "watching", "watched"),
        ("untruth", "to_comms", "comms", ""),
        ("rude complaint", "to_comms", "comms", ""),
    ],
)
def test_an_option_of_the_advice_brings_the_case_where_it_belongs(
    kind: str, option: str, state: str, outcome: str, case: Case, desk: Desk, noon: datetime
) -> None:
    choose(judge(case, kind, by=desk.officer, now=noon), option, by=desk.officer, now=noon)
    chosen = fresh(case)
    assessment = case.assessments.get()
    assert (chosen.state, chosen.outcome) == (state, outcome)
    assert (assessment.option, assessment.follows_advice, assessment.chosen_at) == (option, True, noon)
    assert (chosen.closed_at is not None) == (state == "closed")


def test_the_gate_is_recorded_with_the_choice(case: Case, desk: Desk, noon: datetime) -> None:
    grant(desk.employee, ["dissatisfied"], now=noon)
    judged = judge(case, "untruth", by=desk.employee, now=noon)
    choose(judged, "reply_public", by=desk.employee, now=noon)
    assessment = case.assessments.get()
    gate = (assessment.wants_answer, assessment.is_mandated, assessment.medium)
    assert gate == (True, False, "public reply")


def test_a_public_and_a_direct_reply_open_a_draft_seen_by_all_or_by_one(
    desk: Desk, case: Case, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon, option="P2")
    assert (response.visibility, response.author, fresh(case).assignee) == (
        "direct",
        desk.officer,
        desk.officer,
    )


def test_watching_starts_a_watch_with_a_named_watcher_a_rule_a_check_and_an_end(
    desk: Desk, case: Case, noon: datetime
) -> None:
    choose(judge(case, "insult", by=desk.employee, now=noon), "watch", by=desk.employee, now=noon)
    watch = case.watches.get()
    assert (watch.watcher, watch.next_check_at) == (desk.employee, noon + timedelta(hours=1))
    assert watch.rule and watch.ends_at == noon + timedelta(days=7)


def test_a_case_that_is_watched_already_keeps_its_watch(desk: Desk, case: Case, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    assert case.watches.get() == watch


def test_going_to_communications_raises_an_alarm_with_evidence(
    desk: Desk, case: Case, noon: datetime
) -> None:
    judged = judge(case, "rude complaint", by=desk.officer, now=noon)
    choose(judged, "to_comms", by=desk.officer, now=noon)
    escalation = case.escalations.get()
    assert (escalation.level, escalation.cause) == (2, "referred")
    assert escalation.evidence == {"note": "insult, dissatisfied"}


def test_a_deviation_needs_a_reason_and_counts_as_one(desk: Desk, case: Case, noon: datetime) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    with pytest.raises(ReasonMissing, match="why you deviate from the advice"):
        choose(judged, "deviate_reply_public", by=desk.officer, now=noon)
    assert (fresh(case).state, case.assessments.get().option) == ("assessed", "")
    choose(judged, "deviate_reply_public", by=desk.officer, now=noon, reason="known to us")
    assessment = case.assessments.get()
    assert (assessment.follows_advice, assessment.reason) == (False, "known to us")


def test_letting_a_suggestion_stand_needs_a_reason(desk: Desk, case: Case, noon: datetime) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    triage.toggle(judged, "P+", on=True, by=desk.officer, now=noon)
    with pytest.raises(ReasonMissing):
        choose(judged, "P1", by=desk.officer, now=noon)
    choose(judged, "P1", by=desk.officer, now=noon, reason="done already")
    assert fresh(case).state == State.CLOSED


def test_an_option_that_is_not_offered_is_refused_with_those_that_are(
    desk: Desk, case: Case, noon: datetime
) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    with pytest.raises(NotOffered, match="'P1' is not offered here; choose from: watch, to_comms, deviate_"):
        choose(judged, "P1", by=desk.officer, now=noon)


def test_the_second_of_two_who_choose_is_refused(desk: Desk, case: Case, noon: datetime) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    choose(judged, "watch", by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="was 'assessed' when you opened it and is now 'watching'"):
        choose(judged, "to_comms", by=desk.colleague, now=noon)
    assert not Escalation.objects.exists()


def test_nothing_can_be_chosen_before_the_case_is_judged(desk: Desk, case: Case, noon: datetime) -> None:
    with pytest.raises(CaseChanged):
        choose(case, "P1", by=desk.officer, now=noon)


def test_a_choice_that_fails_halfway_leaves_nothing_behind(desk: Desk, case: Case, noon: datetime) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    bad = Chosen("watch", plan=plan(desk, now=noon, days=-1))
    with pytest.raises(Exception, match="a_watch_ends_after_it_starts"):
        decisions.choose(judged, bad, by=desk.officer, now=noon)
    assert (fresh(case).state, case.assessments.get().chosen_at) == ("assessed", None)


# ── exits outside the scheme ────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("exit_id", "state", "category", "outcome"),
    [
        ("not_relevant", "dismissed", "not_relevant", "dismissed"),
        ("neutral", "closed", "neutral", "information"),
        ("question", "drafting", "question", ""),
        ("rumour", "drafting", "rumour", ""),
        ("later", "new", "", ""),
        ("escalate", "comms", "", ""),
        ("danger", "comms", "danger", ""),
    ],
)
def test_every_exit_leads_where_it_says(
    exit_id: str, state: str, category: str, outcome: str, case: Case, desk: Desk, noon: datetime
) -> None:
    decisions.take_exit(case, exit_id, by=desk.officer, now=noon)
    gone = fresh(case)
    assert (gone.state, gone.category, gone.outcome) == (state, category, outcome)


def test_a_rumour_passed_on_is_corrected_with_a_source(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.take_exit(case, "rumour", by=desk.officer, now=noon)
    assert case.responses.get().requires == ["fact_source"]


@pytest.mark.parametrize(("exit_id", "mandated"), [("rumour", True), ("question", True), ("rumour", False)])
def test_an_exit_that_is_answered_passes_the_gate_and_is_on_record_as_chosen(
    exit_id: str, mandated: bool, case: Case, desk: Desk, noon: datetime
) -> None:
    by = desk.officer if mandated else desk.employee
    decisions.take_exit(case, exit_id, by=by, now=noon)
    chosen = case.assessments.get()
    assert (chosen.wants_answer, chosen.is_mandated, chosen.medium) == (True, mandated, "public reply")
    facts = AuditEvent.objects.get(subject=f"case:{case.pk}", action="chose").facts
    assert (facts["option"], facts["has mandate"], facts["medium"]) == (
        chosen.option,
        mandated,
        "public reply",
    )


def test_an_exit_is_only_for_cases_that_are_not_judged(case: Case, desk: Desk, noon: datetime) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    with pytest.raises(CaseChanged):
        decisions.take_exit(judged, "neutral", by=desk.officer, now=noon)
    assert fresh(case).category == "insult"


def test_an_exit_that_there_is_not_is_refused_with_those_that_there_are(
    case: Case, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(NotOffered, match="choose from: not_relevant, neutral, question"):
        decisions.take_exit(case, "elsewhere", by=desk.officer, now=noon)


# ── danger to life ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", ["new", "assessed", "drafting", "approval", "responded", "watching"])
def test_danger_brings_a_case_to_communications_from_every_state_at_once(
    state: str, case: Case, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(state=state)
    decisions.report_danger(fresh(case), by=desk.officer, now=noon, note="people inside")
    escalation = case.escalations.get()
    assert (fresh(case).state, fresh(case).is_urgent) == ("comms", True)
    assert (escalation.level, escalation.cause, escalation.evidence) == (
        3,
        "danger",
        {"note": "people inside"},
    )
    assert escalation.next_step_at == noon


@pytest.mark.parametrize("state", ["sending", "comms"])
def test_danger_rings_also_where_the_state_stays(state: str, case: Case, desk: Desk, noon: datetime) -> None:
    Case.objects.filter(pk=case.pk).update(state=state)
    decisions.report_danger(fresh(case), by=desk.officer, now=noon)
    assert (fresh(case).state, case.escalations.get().level) == (state, 3)


def test_danger_keeps_the_category_that_was_judged(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.report_danger(judge(case, "insult", by=desk.officer, now=noon), by=desk.officer, now=noon)
    assert fresh(case).category == "insult"


def test_handing_over_danger_names_who_was_told(case: Case, desk: Desk, noon: datetime) -> None:
    with pytest.raises(ReasonMissing, match="whom you told"):
        decisions.hand_over_danger(case, to="", by=desk.officer, now=noon)
    decisions.hand_over_danger(case, to="control room, desk 4", by=desk.officer, now=noon)
    assert (last_event(case).action, last_event(case).facts) == (
        "handed over",
        {"to": "control room, desk 4"},
    )


# ── communications ──────────────────────────────────────────────────────────
@pytest.fixture
def referred(case: Case, desk: Desk, noon: datetime) -> Case:
    decisions.refer(case, reason="press is calling", by=desk.employee, now=noon)
    return fresh(case)


@pytest.mark.parametrize(
    ("approach", "state", "outcome"),
    [
        ("reply", "drafting", ""),
        ("watch", "watching", ""),
        ("no reply", "closed", "no reply"),
        ("handed over", "closed", "handed over"),
        ("used in own communication", "closed", "used in own communication"),
        ("judge again", "new", ""),
    ],
)
def test_every_approach_of_communications_is_carried_out_and_ends_the_alarm(
    approach: str, state: str, outcome: str, referred: Case, desk: Desk, noon: datetime
) -> None:
    decisions.decide(referred, approach, reason="the mayor answers", by=desk.lead, now=noon)
    decided = fresh(referred)
    decision = CommsDecision.objects.get()
    assert (decided.state, decided.outcome, referred.state) == (state, outcome, state)
    assert (decision.approach, decision.reason, decision.by) == (approach, "the mayor answers", desk.lead)
    assert referred.escalations.get().status == Escalation.Status.RESOLVED


def test_a_decision_of_communications_needs_a_reason(referred: Case, desk: Desk, noon: datetime) -> None:
    with pytest.raises(ReasonMissing, match="why communications decides this"):
        decisions.decide(referred, "no reply", reason="  ", by=desk.lead, now=noon)
    assert fresh(referred).state == State.COMMS


def test_an_unknown_approach_is_refused_with_the_known_ones(
    referred: Case, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(NotOffered, match="choose from: reply, watch, no reply, handed over"):
        decisions.decide(referred, "shrug", reason="because", by=desk.lead, now=noon)


def test_communications_decides_only_about_cases_that_came_to_them(
    case: Case, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CaseChanged):
        decisions.decide(case, "no reply", reason="because", by=desk.lead, now=noon)
    assert not CommsDecision.objects.exists()


def test_communications_decides_nothing_about_a_reply_on_its_way(
    case: Case, desk: Desk, noon: datetime
) -> None:
    """Whatever the page showed: the reply stays the only one, and who asked is told what the case is now."""
    response = queued(case, by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="is now 'sending'"):
        decisions.decide(case, "reply", reason="so", by=desk.lead, now=noon, seen=State.SENDING)
    assert list(Response.objects.values_list("pk", "status")) == [(response.pk, "queued")]


def test_of_two_who_decide_the_second_is_refused(referred: Case, desk: Desk, noon: datetime) -> None:
    decisions.decide(fresh(referred), "watch", reason="first", by=desk.lead, now=noon)
    with pytest.raises(CaseChanged):
        decisions.decide(referred, "no reply", reason="second", by=desk.officer, now=noon)
    assert CommsDecision.objects.get().reason == "first"


def test_a_draft_in_hand_survives_communications(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    responses.save_draft(response, THANKS, by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="ask first", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "reply", reason="go on", by=desk.lead, now=noon)
    kept = case.responses.get()
    assert (kept.pk, kept.status, kept.text) == (response.pk, "draft", THANKS.text)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("untruth", ["fact_source"]), ("rude complaint", ["inquiry"]), ("insult", []), ("thanks", [])],
)
def test_a_reply_that_communications_wants_needs_what_the_judgement_asks(
    kind: str, asked: list[str], case: Case, desk: Desk, noon: datetime
) -> None:
    judge(case, kind, by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="ask first", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "reply", reason="go on", by=desk.lead, now=noon)
    assert case.responses.get().requires == asked


@pytest.mark.parametrize(("categories", "may_send"), [(["positive"], False), (["*"], True)])
def test_a_post_that_nobody_judged_is_answered_under_a_mandate_for_everything(
    categories: list[str], may_send: bool, case: Case, desk: Desk, noon: datetime
) -> None:
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="ask first", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "reply", reason="go on", by=desk.lead, now=noon)
    grant(desk.employee, categories, now=noon)
    if may_send:
        responses.queue(case.responses.get(), THANKS, by=desk.employee, now=noon)
    else:
        with pytest.raises(CannotSend, match="for other kinds of posts"):
            responses.queue(case.responses.get(), THANKS, by=desk.employee, now=noon)
    assert (fresh(case).state == State.SENDING) is may_send


def test_a_reply_waiting_for_approval_comes_back_as_a_draft(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    approvals.submit(response, THANKS, by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="overdue", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "reply", reason="go on", by=desk.lead, now=noon)
    assert (case.responses.get().status, fresh(case).state) == ("draft", "drafting")


def test_a_case_sent_back_with_a_draft_in_hand_can_be_answered_again(
    case: Case, desk: Desk, noon: datetime
) -> None:
    drafting(case, by=desk.officer, now=noon)
    decisions.refer(fresh(case), reason="ask first", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "judge again", reason="look again", by=desk.lead, now=noon)
    choose(
        judge(fresh(case), "untruth", by=desk.officer, now=noon), "reply_public", by=desk.officer, now=noon
    )
    assert sorted(case.responses.values_list("status", flat=True)) == ["draft", "withdrawn"]


def test_a_case_sent_back_to_be_judged_starts_at_the_first_question(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    choose(judged, "to_comms", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "judge again", reason="look again", by=desk.lead, now=noon)
    again = fresh(case)
    assert (again.scheme_node, again.category) == ("Q1", "")
    assert policy.judgement(again).assessment is None


def test_a_watch_decided_by_communications_has_a_watcher(referred: Case, desk: Desk, noon: datetime) -> None:
    decisions.decide(referred, "watch", reason="not yet", by=desk.lead, now=noon)
    assert Watch.objects.get(case=referred).watcher == desk.lead


# ── closing ─────────────────────────────────────────────────────────────────
def test_an_answered_case_is_closed(case: Case, desk: Desk, noon: datetime) -> None:
    responses.record_elsewhere(
        judge(case, "thanks", by=desk.officer, now=noon),
        medium="phone",
        note="called",
        by=desk.officer,
        now=noon,
    )
    decisions.close(fresh(case), by=desk.officer, now=noon)
    assert (fresh(case).state, fresh(case).closed_at) == ("closed", noon)


def test_closing_a_watched_case_ends_its_watch_and_its_alarm(case: Case, desk: Desk, noon: datetime) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    decisions.close(fresh(case), by=desk.officer, now=noon, reason="quiet again")
    watch = case.watches.get()
    assert (fresh(case).state, watch.ended_at, watch.end_reason) == ("closed", noon, "quiet again")


def test_an_alarm_on_an_answered_case_is_over_when_the_case_is_closed(
    case: Case, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(state=State.RESPONDED)
    Escalation.objects.create(
        case=case, cause="worsened", level=2, ladder=[], raised_at=noon, next_step_at=noon
    )
    decisions.close(fresh(case), by=desk.officer, now=noon)
    assert (Escalation.objects.get().status, Escalation.objects.get().resolution) == (
        "resolved",
        "case closed",
    )


@pytest.mark.parametrize("state", sorted(set(State) - {State.RESPONDED, State.WATCHING}))
def test_what_is_neither_answered_nor_watched_is_not_closed_by_hand(
    state: State, case: Case, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(state=state, lead=case if state is State.MERGED else None)
    with pytest.raises(MoveRefused) as refused:
        decisions.close(fresh(case), by=desk.officer, now=noon)
    assert refused.value.allowed == MOVES[state] - {State.CLOSED}
    assert fresh(case).state == state


def test_a_referral_reaches_communications_from_where_it_may(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    with pytest.raises(MoveRefused, match="allowed: drafting, responded"):
        decisions.refer(fresh(case), reason="wait", by=desk.officer, now=noon)
    assert not Escalation.objects.exists()
    assert Response.objects.get(pk=response.pk).status == "queued"


def test_referring_twice_adds_evidence_and_no_second_alarm(
    referred: Case, desk: Desk, noon: datetime
) -> None:
    decisions.refer(referred, reason="the press again", by=desk.officer, now=noon)
    assert Escalation.objects.count() == 1
    assert trail(referred)[-1] == "more evidence"


def test_a_stale_page_refers_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    move(fresh(case), State.DISMISSED, by=None, now=noon)
    with pytest.raises(CaseChanged):
        decisions.refer(case, reason="late", by=desk.officer, now=noon, seen=State.NEW)
