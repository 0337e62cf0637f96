"""Approval by four eyes: who is asked, what an edit leaves behind, what happens too late or alone."""

from datetime import datetime, timedelta

import pytest

from cases import targets
from cases.models import AuditEvent, Case, DutyPost, Escalation, Mandate, Notification, Response, Shift, User
from cases.rules.worddiff import GONE, NEW, SAME
from cases.services import approvals, decisions, outbox, responses
from cases.services.responses import CannotSend, Draft, ReplyChanged, Seen
from cases.services.transitions import CaseChanged
from tests.cases.steps import THANKS, drafting, fresh, last_event, queued
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def stored(response: Response) -> Response:
    return Response.objects.select_related("case__post__source").get(pk=response.pk)


@pytest.fixture
def submitted(case: Case, desk: Desk, noon: datetime) -> Response:
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon)
    return stored(response)


def told(person: User) -> list[str]:
    found = Notification.objects.filter(recipient=person, channel="in-app").order_by("pk")
    return [f"{notice.kind}: {notice.facts['what']}" for notice in found if "what" in notice.facts]


def on_shift(person: User, *, now: datetime, is_approver: bool = True) -> None:
    post, _made = DutyPost.objects.get_or_create(name=f"post {is_approver}", is_approver=is_approver)
    Shift.objects.create(post=post, person=person, starts_at=now, ends_at=now + timedelta(hours=8))


# ── who is asked ────────────────────────────────────────────────────────────
def test_who_is_on_duty_to_approve_is_asked_and_told(case: Case, desk: Desk, noon: datetime) -> None:
    on_shift(desk.colleague, now=noon)
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon)
    waiting = stored(response)
    assert (waiting.approver, waiting.submitted_at) == (desk.colleague, noon)
    assert waiting.approval_due_at == targets.approval_due(start=noon, category="positive")
    assert told(desk.colleague) == ["approval waits: waits"]
    assert told(desk.officer) == []
    assert last_event(case).facts["approver"] == "Ilse"


def test_the_author_can_choose_who_approves(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon, approver=desk.lead)
    assert stored(response).approver == desk.lead
    assert told(desk.lead) == ["approval waits: waits"]


def test_nobody_is_asked_who_may_not_approve_it_and_the_text_is_kept(
    case: Case, desk: Desk, noon: datetime
) -> None:
    Mandate.objects.filter(holder=desk.lead).delete()
    response = drafting(case, by=desk.employee, now=noon)
    with pytest.raises(CannotSend, match="Bram cannot approve this now"):
        approvals.submit(response, THANKS, by=desk.employee, now=noon, approver=desk.lead)
    assert (stored(response).status, stored(response).text) == ("draft", THANKS.text)


def test_an_author_is_never_the_suggested_approver(case: Case, desk: Desk, noon: datetime) -> None:
    on_shift(desk.officer, now=noon)
    response = drafting(case, by=desk.officer, now=noon)
    approvals.submit(response, THANKS, by=desk.officer, now=noon)
    assert stored(response).approver not in (None, desk.officer)


def test_where_nobody_may_approve_the_leads_are_told(case: Case, desk: Desk, noon: datetime) -> None:
    Mandate.objects.all().delete()
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, THANKS, by=desk.employee, now=noon)
    assert stored(response).approver is None
    assert told(desk.lead) == ["approval waits: nobody"]


# ── the edit ────────────────────────────────────────────────────────────────
def test_what_the_approver_changed_is_kept_word_by_word_and_told_to_the_author(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, Draft("Graag gedaan hoor"), by=desk.employee, now=noon)
    approvals.approve(stored(response), by=desk.officer, now=noon, text="Graag gedaan, namens allen")
    facts = last_event(case).facts
    assert facts["edit"] == [
        [SAME, "Graag "],
        [GONE, "gedaan"],
        [NEW, "gedaan,"],
        [SAME, " "],
        [GONE, "hoor"],
        [NEW, "namens allen"],
    ]
    assert stored(response).approved_by == desk.officer
    assert told(desk.employee) == ["approval waits: changed"]


def test_the_same_text_with_the_line_ends_of_a_browser_is_no_edit(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.employee, now=noon)
    approvals.submit(response, Draft("Dag,\nDank je wel"), by=desk.employee, now=noon)
    approvals.approve(stored(response), by=desk.officer, now=noon, text="Dag,\r\nDank je wel\r\n")
    assert "edit" not in last_event(case).facts
    assert told(desk.employee) == ["approval waits: approved"]


def test_who_edited_it_once_does_not_approve_it_later(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    approvals.approve(submitted, by=desk.officer, now=noon, text="Dank, namens de hele ploeg")
    responses.take_back(stored(submitted), by=desk.employee, now=noon)
    approvals.submit(stored(submitted), Draft("Dank, van ons allen"), by=desk.employee, now=noon)
    with pytest.raises(CannotSend, match="Nobody approves their own text"):
        approvals.approve(stored(submitted), by=desk.officer, now=noon)
    approvals.approve(stored(submitted), by=desk.colleague, now=noon)


def test_an_early_author_does_not_approve_after_somebody_else_polished_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    responses.save_draft(response, Draft("Dank je wel"), by=desk.officer, now=noon)
    approvals.submit(stored(response), Draft("Dank je wel!"), by=desk.colleague, now=noon)
    with pytest.raises(CannotSend, match="Nobody approves their own text"):
        approvals.approve(stored(response), by=desk.officer, now=noon)


# ── what meanwhile changed ──────────────────────────────────────────────────
def test_an_approver_who_read_an_older_text_is_refused(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    seen = Seen(revision=submitted.revision)
    approvals.give_back(submitted, comment="", by=desk.employee, now=noon)
    approvals.submit(stored(submitted), Draft("Iets anders"), by=desk.employee, now=noon)
    with pytest.raises(ReplyChanged):
        approvals.approve(stored(submitted), by=desk.officer, now=noon, seen=seen)


def test_a_withdrawn_reply_is_not_approved(submitted: Response, desk: Desk, noon: datetime) -> None:
    mine = stored(submitted)
    approvals.give_back(submitted, comment="", by=desk.employee, now=noon)
    with pytest.raises(CaseChanged):
        approvals.approve(mine, by=desk.officer, now=noon)


def test_a_holding_reply_whose_time_is_over_is_not_approved(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.employee, now=noon, kind="untruth", option="reply_public")
    soon = Draft("We zoeken het uit", holding_until=noon + timedelta(minutes=30))
    approvals.submit(response, soon, by=desk.employee, now=noon)
    with pytest.raises(CannotSend, match="promised time is over"):
        approvals.approve(stored(response), by=desk.officer, now=noon + timedelta(minutes=31))


def test_giving_back_takes_a_comment_and_the_author_reads_it(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CannotSend, match="Say what should be different"):
        approvals.give_back(submitted, comment=" ", by=desk.officer, now=noon)
    approvals.give_back(stored(submitted), comment="Warmer", by=desk.officer, now=noon)
    assert told(desk.employee) == ["approval waits: returned"]
    assert (stored(submitted).approver, stored(submitted).approval_due_at) == (None, None)


# ── too late ────────────────────────────────────────────────────────────────
def test_approval_that_comes_too_late_goes_to_communications_once_with_the_draft(
    submitted: Response, desk: Desk, noon: datetime
) -> None:
    due_at = submitted.approval_due_at
    assert due_at is not None
    assert approvals.overdue(now=due_at - timedelta(seconds=1)) == []
    assert approvals.overdue(now=due_at) == [submitted.pk]
    assert approvals.escalate_overdue(submitted.pk, now=due_at)
    assert not approvals.escalate_overdue(submitted.pk, now=due_at)
    alarm = Escalation.objects.get(case=submitted.case)
    assert (alarm.cause, alarm.evidence["author"]) == ("approval overdue", "Anouk")
    assert (fresh(submitted.case).state, stored(submitted).text) == ("comms", THANKS.text)
    decisions.decide(fresh(submitted.case), "reply", reason="Kan weg", by=desk.lead, now=due_at)
    assert (fresh(submitted.case).state, stored(submitted).status) == ("drafting", "draft")


def test_what_was_approved_in_time_is_never_late(submitted: Response, desk: Desk, noon: datetime) -> None:
    approvals.approve(submitted, by=desk.officer, now=noon)
    assert approvals.overdue(now=noon + timedelta(days=9)) == []


# ── alone on duty ───────────────────────────────────────────────────────────
@pytest.fixture
def alone(case: Case, desk: Desk, noon: datetime) -> Response:
    """Words of the officer, handed in while nobody else is on duty who may approve."""
    on_shift(desk.officer, now=noon)
    response = drafting(case, by=desk.officer, now=noon)
    approvals.submit(response, THANKS, by=desk.officer, now=noon)
    return stored(response)


def test_who_is_alone_lets_their_own_words_go_with_a_reason_and_a_colleague_looks_later(
    alone: Response, desk: Desk, noon: datetime
) -> None:
    approvals.release_alone(alone, reason="Het is nacht", by=desk.officer, now=noon)
    let_go = stored(alone)
    assert (let_go.status, let_go.solo_reason, let_go.approved_by) == ("queued", "Het is nacht", desk.officer)
    assert let_go.review_due_at == targets.next_working_day(noon)
    assert last_event(let_go.case).facts["released alone"] == "Het is nacht"
    assert "review waits: waits" in told(desk.colleague)
    assert "review waits: waits" not in told(desk.officer)


@pytest.mark.parametrize(
    ("lacks", "sentence"),
    [
        ("a reason", "Say why this cannot wait"),
        ("being alone", "You are not alone on duty"),
        ("being the author", "These are not your words"),
    ],
)
def test_nothing_is_let_go_alone_without(
    lacks: str, sentence: str, alone: Response, desk: Desk, noon: datetime
) -> None:
    if lacks == "being alone":
        on_shift(desk.colleague, now=noon)
    by = desk.lead if lacks == "being the author" else desk.officer
    with pytest.raises(CannotSend, match=sentence):
        approvals.release_alone(alone, reason="" if lacks == "a reason" else "Nacht", by=by, now=noon)
    assert (stored(alone).status, fresh(alone.case).state) == ("submitted", "approval")


def test_who_is_alone_without_a_mandate_lets_go_too_and_the_trail_says_so(
    alone: Response, desk: Desk, noon: datetime
) -> None:
    Mandate.objects.filter(holder=desk.officer).delete()
    approvals.release_alone(alone, reason="De krant drukt zo", by=desk.officer, now=noon)
    assert (stored(alone).status, stored(alone).mandate) == ("queued", None)
    assert "no mandate" in last_event(alone.case).facts["without a mandate"]
    outbox.deliver(alone.pk, now=noon + timedelta(seconds=11))
    assert (stored(alone).status, fresh(alone.case).state) == ("sent", "responded")


def test_a_release_that_was_taken_back_is_nobodys_to_look_at(
    alone: Response, desk: Desk, noon: datetime
) -> None:
    approvals.release_alone(alone, reason="Nacht", by=desk.officer, now=noon)
    responses.take_back(stored(alone), by=desk.officer, now=noon)
    responses.save_draft(stored(alone), THANKS, by=desk.officer, now=noon)
    assert (stored(alone).solo_reason, stored(alone).review_due_at) == ("", None)


def test_a_colleague_looks_at_it_once_and_says_what_they_think(
    alone: Response, desk: Desk, noon: datetime
) -> None:
    approvals.release_alone(alone, reason="Nacht", by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="nothing to look at"):
        approvals.review(stored(alone), note="Prima", by=desk.colleague, now=noon)
    Response.objects.filter(pk=alone.pk).update(status="sent", sent_at=noon)
    with pytest.raises(CannotSend, match="You wrote this yourself"):
        approvals.review(stored(alone), note="Prima", by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="Say in a few words"):
        approvals.review(stored(alone), note=" ", by=desk.colleague, now=noon)
    approvals.review(stored(alone), note="Prima", by=desk.colleague, now=noon)
    assert (stored(alone).reviewed_by, stored(alone).review_note) == (desk.colleague, "Prima")
    assert last_event(alone.case).action == "release reviewed"
    assert told(desk.officer)[-1] == "review waits: reviewed"
    with pytest.raises(CannotSend, match="looked at this already"):
        approvals.review(stored(alone), note="Nog eens", by=desk.lead, now=noon)
    assert AuditEvent.objects.filter(action="release reviewed").count() == 1


def test_a_reply_sent_under_ones_own_mandate_is_no_release(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    assert (stored(response).solo_reason, stored(response).approved_by) == ("", None)
