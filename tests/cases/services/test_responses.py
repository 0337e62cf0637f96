"""A reply leaves only when everything holds, and its text is never lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases.models import Case, Mandate, Response
from cases.rules.workflow import State
from cases.services import approvals, decisions, responses, triage
from cases.services.drafts import ReplyChanged
from cases.services.responses import CannotSend, Draft, Seen
from cases.services.transitions import CaseChanged, MoveRefused
from monitoring import credentials
from monitoring.connectors.base import Kind
from monitoring.connectors.replay import MAX_REPLY_CHARS
from monitoring.models import Source
from tests.cases.steps import THANKS, choose, drafting, fresh, judge, last_event, queued, trail
from tests.world import Desk, grant, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def response(case: Case, desk: Desk, noon: datetime) -> Response:
    """A thank-you in public, begun by the officer."""
    return drafting(case, by=desk.officer, now=noon)


def stored(response: Response) -> Response:
    return Response.objects.get(pk=response.pk)


# ── drafting ────────────────────────────────────────────────────────────────
def test_what_is_typed_is_kept_however_unfinished(response: Response, desk: Desk, noon: datetime) -> None:
    draft = Draft("Nog niet af", "https://fact.example", "asked around", "we look into it", "neighbours")
    responses.save_draft(response, draft, by=desk.officer, now=noon)
    kept = stored(response)
    assert (kept.text, kept.fact_source, kept.inquiry) == ("Nog niet af", draft.fact_source, draft.inquiry)
    assert (kept.what_we_do, kept.audience, kept.status) == (draft.what_we_do, draft.audience, "draft")


def test_every_core_element_is_answered_or_recorded_as_skipped(
    response: Response, desk: Desk, noon: datetime
) -> None:
    draft = Draft("Dank", elements={"careful": "answered", "open": "answered"})
    responses.save_draft(response, draft, by=desk.officer, now=noon)
    assert stored(response).elements == {
        "careful": "answered",
        "open": "answered",
        "timely": "skipped",
        "respectful": "skipped",
        "sources": "skipped",
        "audience": "skipped",
    }


def test_nothing_is_typed_into_a_reply_that_has_left(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="was 'drafting' when you opened it and is now 'sending'"):
        responses.save_draft(response, Draft("other"), by=desk.officer, now=noon)
    assert stored(response).text == THANKS.text


def test_a_reply_that_was_put_aside_for_another_one_is_refused(
    response: Response, desk: Desk, case: Case, noon: datetime
) -> None:
    old = stored(response)
    decisions.refer(fresh(case), reason="ask", by=desk.officer, now=noon)
    decisions.decide(fresh(case), "judge again", reason="again", by=desk.lead, now=noon)
    choose(judge(fresh(case), "thanks", by=desk.officer, now=noon), "P3", by=desk.officer, now=noon)
    for act in (responses.save_draft, responses.queue, approvals.submit):
        with pytest.raises(CannotSend, match="put aside meanwhile"):
            act(old, THANKS, by=desk.officer, now=noon)
    assert stored(old).status == "withdrawn"


# ── a page that is older than the reply ─────────────────────────────────────
def test_of_two_who_save_one_draft_the_second_is_told_and_overwrites_nothing(
    response: Response, desk: Desk, noon: datetime
) -> None:
    seen = Seen(revision=response.revision)
    responses.save_draft(stored(response), Draft("mine"), by=desk.officer, now=noon, seen=seen)
    for act in (responses.save_draft, responses.queue, approvals.submit):
        with pytest.raises(ReplyChanged, match="changed after you opened the page"):
            act(stored(response), Draft("yours"), by=desk.colleague, now=noon, seen=seen)
    kept = stored(response)
    assert (kept.text, kept.status, fresh(kept.case).state) == ("mine", "draft", "drafting")
    now_seen = Seen(revision=kept.revision)
    responses.save_draft(kept, Draft("ours"), by=desk.colleague, now=noon, seen=now_seen)


def test_a_text_that_was_corrected_meanwhile_is_not_approved_in_its_old_form(
    response: Response, desk: Desk, noon: datetime
) -> None:
    approvals.submit(response, Draft("Dat klopt niet"), by=desk.employee, now=noon)
    opened = stored(response)
    approvals.give_back(stored(response), comment="", by=desk.employee, now=noon)
    approvals.submit(stored(response), Draft("Dat klopt"), by=desk.employee, now=noon)
    with pytest.raises(ReplyChanged):
        seen = Seen(revision=opened.revision)
        approvals.approve(opened, by=desk.colleague, now=noon, text=opened.text, seen=seen)
    now_shown = stored(response)
    assert (now_shown.text, now_shown.status) == ("Dat klopt", "submitted")
    seen = Seen(revision=now_shown.revision)
    approvals.approve(now_shown, by=desk.colleague, now=noon, seen=seen)


def test_a_reply_taken_back_is_another_revision(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    waiting = stored(response).revision
    responses.take_back(response, by=desk.officer, now=noon)
    assert stored(response).revision > waiting


# ── sending ─────────────────────────────────────────────────────────────────
def test_a_reply_that_holds_is_queued_behind_the_undo_window(
    response: Response, desk: Desk, case: Case, noon: datetime
) -> None:
    responses.queue(response, THANKS, by=desk.officer, now=noon)
    waiting = stored(response)
    assert (waiting.status, waiting.send_at) == ("queued", noon + timedelta(seconds=10))
    assert waiting.mandate == Mandate.objects.get(holder=desk.officer)
    assert (fresh(case).state, response.case.state) == ("sending", "sending")
    assert last_event(case).facts["text"] == THANKS.text


def test_a_refusal_names_every_reason_at_once_and_keeps_the_text(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "untruth", by=desk.employee, now=noon)
    choose(judged, "reply_public", by=desk.employee, now=noon)
    response = case.responses.get()
    desk.hear(mention(2, at=noon, thread="m1", kind=Kind.REPLY))
    text = "x" * (MAX_REPLY_CHARS + 7)
    with pytest.raises(CannotSend) as refused:
        responses.queue(response, Draft(text), by=desk.employee, now=noon)
    assert refused.value.reasons == [
        "Write down what the post says that is not so.",
        "Name the source of the facts you correct with.",
        "The reply counts 507 characters and 500 fit; shorten it by 7.",
        "You have no mandate to answer. Submit it for approval instead.",
        "The conversation has 1 new posts since you started; read them and send again.",
    ]
    assert str(refused.value) == " ".join(refused.value.reasons)
    assert (stored(response).text, stored(response).status, fresh(case).state) == (text, "draft", "drafting")


def test_an_empty_reply_is_refused(response: Response, desk: Desk, noon: datetime) -> None:
    with pytest.raises(CannotSend, match="The reply is empty"):
        responses.queue(response, Draft(" \n "), by=desk.officer, now=noon)


@pytest.mark.parametrize(
    ("kind", "option", "missing", "reason"),
    [
        ("untruth", "reply_public", "fact_source", "Name the source of the facts"),
        ("complaint", "reply_direct", "inquiry", "Write down what you found out"),
    ],
)
def test_the_duty_of_the_scheme_is_asked_before_sending(
    kind: str, option: str, missing: str, reason: str, case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon, kind=kind, option=option)
    with pytest.raises(CannotSend, match=reason):
        responses.queue(response, THANKS, by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match=reason):
        approvals.submit(response, THANKS, by=desk.officer, now=noon)
    draft = replace(THANKS, claim="it is not so", **{missing: "found out"})
    responses.queue(response, draft, by=desk.officer, now=noon)
    assert stored(response).status == "queued"


def test_a_suggestion_is_answered_with_what_will_be_done_with_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    triage.toggle(judged, "P+", on=True, by=desk.officer, now=noon)
    choose(judged, "P3", by=desk.officer, now=noon)
    response = case.responses.get()
    with pytest.raises(CannotSend, match="Say what will be done with the suggestion"):
        responses.queue(response, THANKS, by=desk.officer, now=noon)


@pytest.mark.parametrize(("over", "fits"), [(0, True), (1, False)])
def test_a_reply_is_as_long_as_its_platform_takes_and_no_longer(
    over: int, fits: bool, response: Response, desk: Desk, noon: datetime
) -> None:
    draft = Draft("x" * (MAX_REPLY_CHARS + over))
    if fits:
        responses.queue(response, draft, by=desk.officer, now=noon)
    else:
        with pytest.raises(CannotSend, match="shorten it by 1"):
            responses.queue(response, draft, by=desk.officer, now=noon)


# ── the mandate ─────────────────────────────────────────────────────────────
def test_a_mandate_that_ran_out_while_writing_is_refused_at_sending(
    response: Response, desk: Desk, noon: datetime
) -> None:
    ends_at = Mandate.objects.get(holder=desk.officer).valid_until
    with pytest.raises(CannotSend, match="mandate for this ended on"):
        responses.queue(response, THANKS, by=desk.officer, now=ends_at)
    responses.queue(response, THANKS, by=desk.officer, now=ends_at - timedelta(seconds=1))


def test_a_mandate_for_another_category_does_not_cover(case: Case, desk: Desk, noon: datetime) -> None:
    grant(desk.employee, ["positive"], now=noon)
    choose(judge(case, "untruth", by=desk.employee, now=noon), "reply_public", by=desk.employee, now=noon)
    draft = replace(THANKS, fact_source="https://fact.example")
    with pytest.raises(CannotSend, match="for other kinds of posts"):
        responses.queue(case.responses.get(), draft, by=desk.employee, now=noon)


def test_the_mandate_on_record_is_the_one_that_covers(case: Case, desk: Desk, noon: datetime) -> None:
    covering = grant(desk.employee, ["positive"], now=noon)
    grant(desk.employee, ["insult"], now=noon)  # newer, and for something else
    response = queued(case, by=desk.employee, now=noon)
    assert stored(response).mandate == covering
    assert last_event(case).facts["by mandate"] == covering.pk


def test_who_sends_needs_the_mandate_and_not_who_wrote(
    response: Response, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CannotSend, match="no mandate"):
        responses.queue(response, THANKS, by=desk.employee, now=noon)


# ── the conversation ────────────────────────────────────────────────────────
def test_a_conversation_that_went_on_is_read_first(
    response: Response, desk: Desk, case: Case, noon: datetime
) -> None:
    desk.hear(mention(2, at=noon, thread="m1", kind=Kind.REPLY))
    with pytest.raises(CannotSend, match="has 1 new posts since you started"):
        responses.queue(response, THANKS, by=desk.officer, now=noon)
    responses.queue(response, THANKS, by=desk.officer, now=noon, seen=Seen(thread=2))
    assert fresh(case).state == State.SENDING


def test_another_conversation_does_not_hold_a_reply_up(
    response: Response, desk: Desk, noon: datetime
) -> None:
    desk.hear(mention(2, at=noon), mention(3, at=noon, thread="m1", platform="rss"))
    responses.queue(response, THANKS, by=desk.officer, now=noon)
    assert stored(response).status == "queued"


# ── the post ────────────────────────────────────────────────────────────────
@pytest.fixture
def edited(response: Response, noon: datetime, desk: Desk) -> Response:
    """A reply in hand, to a post that says something else by now."""
    desk.store([replace(mention(1, "De brandweer liegt", at=noon), version="2")], now=noon)
    return stored(response)


def test_an_edited_post_is_read_again_before_its_answer_leaves(
    edited: Response, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CannotSend, match="The post was edited since this answer was started"):
        responses.queue(edited, THANKS, by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="edited since"):
        responses.queue(edited, THANKS, by=desk.officer, now=noon, seen=Seen(version=""))
    responses.queue(edited, THANKS, by=desk.officer, now=noon, seen=Seen(version="2"))
    assert stored(edited).status == "queued"


def test_an_edited_post_is_read_again_before_its_answer_is_approved(
    edited: Response, desk: Desk, noon: datetime
) -> None:
    approvals.submit(edited, THANKS, by=desk.employee, now=noon)
    with pytest.raises(CannotSend, match="edited since"):
        approvals.approve(stored(edited), by=desk.officer, now=noon)
    approvals.approve(stored(edited), by=desk.officer, now=noon, seen=Seen(version="2"))


# ── another option ──────────────────────────────────────────────────────────
def test_another_option_is_chosen_and_the_text_goes_along(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon, option="P2")
    assert (response.visibility, response.medium) == ("direct", "direct message")
    later = noon + timedelta(minutes=3)
    responses.change_option(response, THANKS, by=desk.officer, now=later)
    changed = fresh(case)
    assert (changed.state, changed.assessed_at) == ("assessed", noon)
    assert (stored(response).status, stored(response).text) == ("withdrawn", THANKS.text)
    assert case.assessments.get().chosen_at is None
    choose(changed, "P3", by=desk.officer, now=later)
    after = case.responses.get(status="draft")
    assert (after.visibility, after.medium, after.text) == ("public", "public reply", THANKS.text)
    approvals.submit(after, THANKS, by=desk.employee, now=later)
    with pytest.raises(CannotSend, match="own text"):
        approvals.approve(stored(after), by=desk.officer, now=later)


def test_a_new_judgement_begins_with_an_empty_page(case: Case, desk: Desk, noon: datetime) -> None:
    responses.change_option(drafting(case, by=desk.officer, now=noon), THANKS, by=desk.officer, now=noon)
    later = noon + timedelta(hours=1)
    triage.judge_again(fresh(case), by=desk.officer, now=later)
    choose(judge(fresh(case), "thanks", by=desk.officer, now=later), "P3", by=desk.officer, now=later)
    assert case.responses.get(status="draft").text == ""


def test_without_an_advice_there_is_no_other_option(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.take_exit(case, "question", by=desk.officer, now=noon)
    response = case.responses.get()
    with pytest.raises(CannotSend, match="no other option"):
        responses.change_option(response, THANKS, by=desk.officer, now=noon)
    assert (stored(response).status, stored(response).text) == ("draft", THANKS.text)


def test_a_direct_message_that_its_platform_does_not_take_is_refused_before_it_is_queued(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon, option="P2")
    keys = ("bearer_token", "consumer_key", "consumer_secret", "access_token", "access_token_secret")
    kept = credentials.change("our account", platform="x", secrets=dict.fromkeys(keys, "x"), now=noon)
    as_x = {"connector": "x", "settings": {"enterprise": True}, "credential": kept}
    Source.objects.filter(pk=desk.source.pk).update(**as_x)
    with pytest.raises(CannotSend, match="A direct message cannot be sent from here") as refused:
        responses.queue(stored(response), THANKS, by=desk.officer, now=noon)
    assert len(refused.value.reasons) == 1


# ── the undo window ─────────────────────────────────────────────────────────
def test_a_queued_reply_is_taken_back_with_its_text(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    assert responses.take_back(response, by=desk.officer, now=noon + timedelta(seconds=9))
    back = stored(response)
    assert (back.status, back.send_at, back.text) == ("draft", None, THANKS.text)
    assert fresh(case).state == State.DRAFTING
    responses.queue(back, THANKS, by=desk.officer, now=noon + timedelta(seconds=20))


def test_a_reply_that_is_on_its_way_is_not_taken_back(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    Response.objects.filter(pk=response.pk).update(status="sending")
    assert not responses.take_back(response, by=desk.officer, now=noon)
    assert (stored(response).status, fresh(case).state) == ("sending", "sending")


# ── approval ────────────────────────────────────────────────────────────────
@pytest.fixture
def submitted(case: Case, desk: Desk, noon: datetime) -> Response:
    """A reply of somebody without a mandate, handed in."""
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon)
    return stored(response)


def test_without_a_mandate_the_choice_becomes_a_proposal(submitted: Response) -> None:
    assert (submitted.status, fresh(submitted.case).state) == ("submitted", "approval")


def test_nobody_approves_their_own_text(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    approvals.submit(response, THANKS, by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="Nobody approves their own text"):
        approvals.approve(response, by=desk.officer, now=noon)
    assert (stored(response).status, fresh(case).state) == ("submitted", "approval")


@pytest.mark.parametrize("role", ["who wrote the words", "who handed them in"])
def test_nobody_approves_what_they_wrote_or_handed_in_whoever_began_it(
    role: str, case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.employee, now=noon)
    responses.save_draft(response, THANKS, by=desk.officer, now=noon)
    approvals.submit(stored(response), THANKS, by=desk.colleague, now=noon)
    approver = desk.officer if role == "who wrote the words" else desk.colleague
    with pytest.raises(CannotSend, match="Nobody approves their own text"):
        approvals.approve(stored(response), by=approver, now=noon)
    approvals.approve(stored(response), by=desk.lead, now=noon)


def test_who_only_began_a_reply_may_approve_the_words_of_others(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon)
    approvals.approve(stored(response), by=desk.officer, now=noon)
    assert stored(response).status == "queued"


def test_who_approves_needs_a_mandate(submitted: Response, desk: Desk, noon: datetime) -> None:
    Mandate.objects.filter(holder=desk.officer).delete()
    with pytest.raises(CannotSend, match="no mandate"):
        approvals.approve(submitted, by=desk.officer, now=noon)


def test_an_approved_reply_leaves_under_the_approvers_mandate(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    approvals.approve(submitted, by=desk.officer, now=noon)
    sent = stored(submitted)
    assert (sent.status, sent.author) == ("queued", desk.employee)
    assert sent.mandate == Mandate.objects.get(holder=desk.officer)
    assert "text before" not in last_event(sent.case).facts


def test_an_approver_may_edit_and_the_earlier_text_stays_on_record(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    approvals.approve(submitted, by=desk.officer, now=noon, text="Dank je wel!")
    facts = last_event(submitted.case).facts
    assert (stored(submitted).text, facts["text"], facts["text before"]) == (
        "Dank je wel!",
        "Dank je wel!",
        THANKS.text,
    )


def test_an_edit_that_is_too_long_is_refused_and_changes_nothing(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CannotSend, match="shorten it by"):
        approvals.approve(submitted, by=desk.officer, now=noon, text="x" * 501)
    assert stored(submitted).text == THANKS.text


def test_of_two_who_approve_the_second_is_refused(submitted: Response, desk: Desk, noon: datetime) -> None:
    yours = stored(submitted)
    approvals.approve(submitted, by=desk.officer, now=noon)
    with pytest.raises(CaseChanged):
        approvals.approve(yours, by=desk.colleague, now=noon)


def test_a_reply_comes_back_with_a_comment(submitted: Response, desk: Desk, noon: datetime) -> None:
    approvals.give_back(submitted, comment="warmer, please", by=desk.officer, now=noon)
    back = stored(submitted)
    assert (back.status, back.error, back.text) == ("draft", "warmer, please", THANKS.text)
    assert fresh(back.case).state == State.DRAFTING


# ── answered elsewhere ──────────────────────────────────────────────────────
@pytest.mark.parametrize("state", ["assessed", "drafting", "comms"])
def test_an_answer_given_by_hand_is_recorded_from_where_it_may(
    state: str, case: Case, desk: Desk, noon: datetime
) -> None:
    drafting(case, by=desk.officer, now=noon)
    Case.objects.filter(pk=case.pk).update(state=state)
    given = responses.record_elsewhere(
        fresh(case), medium="phone", note="called her", by=desk.officer, now=noon
    )
    answered = fresh(case)
    assert (answered.state, answered.outcome, answered.responded_at) == (
        "responded",
        "answered elsewhere",
        noon,
    )
    assert (given.status, given.medium, given.text, given.sent_at) == (
        "elsewhere",
        "phone",
        "called her",
        noon,
    )
    assert sorted(case.responses.values_list("status", flat=True)) == ["elsewhere", "withdrawn"]


def test_an_answer_given_by_hand_needs_a_note(case: Case, desk: Desk, noon: datetime) -> None:
    judged = judge(case, "thanks", by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="Say where or how it was answered"):
        responses.record_elsewhere(judged, medium="phone", note="", by=desk.officer, now=noon)


def test_an_answer_by_hand_is_refused_while_ours_is_on_its_way(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = queued(case, by=desk.officer, now=noon)
    with pytest.raises(MoveRefused):
        responses.record_elsewhere(fresh(case), medium="phone", note="x", by=desk.officer, now=noon)
    assert stored(response).status == "queued"
    assert trail(case).count("moved") == 3
