"""Approval in journeys: choosing who is asked, the edit on the page, alone on duty, and mandates by page."""

from datetime import timedelta

import pytest

from cases.models import DutyPost, Mandate, Response, Shift
from cases.services import approvals
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

pytestmark = [pytest.mark.django_db]

PRAISE = "Dank aan de brandweer voor vannacht"


def hands_in(story: Story, text: str = "Graag gedaan hoor") -> Paper:
    author = judges(story.sits(story.desk.employee), "positive").press("P3", at="/choose/")
    return author.press(
        "submit", at="/replies/", also={"text": text, "approver": str(story.desk.colleague.pk)}
    )


def alone(story: Story) -> None:
    post = DutyPost.objects.create(name="webcare", is_approver=True)
    until = story.now + timedelta(hours=8)
    Shift.objects.create(post=post, person=story.desk.officer, starts_at=story.now, ends_at=until)


def test_the_option_says_beforehand_that_it_becomes_a_proposal(story: Story, officer: Paper) -> None:
    story.hears(PRAISE)
    author = story.sits(story.desk.employee)
    assert "You have no mandate to answer." in author.html
    assert "(proposal, goes to a colleague)" in judges(author, "positive").html
    assert "(proposal, goes to a colleague)" not in officer.open("/inbox/").html


def test_from_the_first_question_on_it_stands_there_what_may_be_answered(
    story: Story, officer: Paper
) -> None:
    story.hears(PRAISE)
    assert "You may answer every kind of post" in officer.open("/inbox/").html
    Mandate.objects.filter(holder=story.desk.officer).update(categories=["joke", "positive"])
    shown = officer.open("/inbox/").html
    assert "You may answer in the organisation&#x27;s name: Joke or satire, Positive." in shown


def test_a_mandate_for_direct_messages_makes_only_the_public_reply_a_proposal(
    story: Story, officer: Paper
) -> None:
    story.hears(PRAISE)
    Mandate.objects.filter(holder=story.desk.officer).update(visibilities=["direct"])
    shown = judges(officer.open("/inbox/"), "positive").html
    assert shown.count("(proposal, goes to a colleague)") >= 1
    thank_only = shown.index('value="P2"')
    assert "(proposal" not in shown[thank_only : shown.index("</button>", thank_only)]
    thank_all = shown.index('value="P3"')
    assert "(proposal" in shown[thank_all : shown.index("</button>", thank_all)]


def test_the_chosen_colleague_finds_it_in_the_queue_and_the_edit_is_shown(story: Story) -> None:
    case = story.hears(PRAISE)
    author = hands_in(story)
    assert "Ilse was asked." in author.open(f"/cases/{case.pk}/").html
    approver = story.sits(story.desk.colleague).open("/approvals/")
    assert "asked of you" in approver.html and "Graag gedaan hoor" in approver.html
    approver.open(f"/cases/{case.pk}/").press(
        "approve", at="/approve/", also={"text": "Graag gedaan, namens allen"}
    )
    shown = author.open(f"/cases/{case.pk}/").html
    assert "Ilse changed the reply and approved it" in shown
    assert '<ins><span class="vh">put in: </span>namens allen</ins>' in shown
    assert "Ilse changed your reply" in author.open("/notifications/").html
    assert "Nothing waits for approval" in approver.open("/approvals/").html


def test_who_is_alone_sends_with_a_reason_and_a_colleague_looks_at_it(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE)
    alone(story)
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    officer.press("submit", at="/replies/", also={"text": "Graag gedaan"})
    officer.press("", at="/alone/", also={"note": "Het is nacht en het gaat rond"})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    colleague = story.sits(story.desk.colleague).open("/approvals/")
    assert "Het is nacht en het gaat rond" in colleague.html
    assert not officer.open("/approvals/").offers("", at="/review/")
    colleague.press("", at="/review/", also={"note": "Goed gedaan"})
    assert "There is nothing to look at" in colleague.html
    assert Response.objects.get(case=case, status="sent").review_note == "Goed gedaan"
    assert "Goed gedaan" in officer.open(f"/cases/{case.pk}/").html


def test_who_is_not_alone_is_not_offered_to_send_it_alone(story: Story, officer: Paper) -> None:
    story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    officer.press("submit", at="/replies/", also={"text": "Graag gedaan"})
    assert not officer.offers("", at="/alone/")


def test_an_employee_alone_can_ask_and_report_danger_and_nothing_is_sent(story: Story) -> None:
    case = story.hears(PRAISE)
    post = DutyPost.objects.create(name="night")
    until = story.now + timedelta(hours=8)
    Shift.objects.create(post=post, person=story.desk.employee, starts_at=story.now, ends_at=until)
    author = hands_in(story)
    assert not author.offers("", at="/alone/") and not author.offers("approve", at="/approve/")
    assert author.offers("", at="/danger/")
    story.goes_on(minutes=5)
    assert (stands(case), story.sent()) == ("approval", [])


def test_approval_that_comes_too_late_lands_with_communications(story: Story) -> None:
    case = story.hears(PRAISE)
    hands_in(story)
    due_at = Response.objects.get(case=case).approval_due_at
    assert due_at is not None
    assert approvals.escalate_overdue(Response.objects.get(case=case).pk, now=due_at)
    assert stands(case) == "comms"
    shown = story.sits(story.desk.lead).open(f"/cases/{case.pk}/").html
    assert "Nobody approved the reply in case" in shown


# ── mandates by page ────────────────────────────────────────────────────────
def test_the_lead_gives_a_mandate_and_ends_it_again(story: Story) -> None:
    lead = story.sits(story.desk.lead).open("/mandates/")
    until = (story.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    terms = {"holder": str(story.desk.employee.pk), "categories": "positive", "valid_until": until}
    lead.press("", at="/mandates/grant/", also=terms)
    made = Mandate.objects.get(holder=story.desk.employee)
    assert (made.categories, made.granted_by) == (["positive"], story.desk.lead)
    assert "Anouk has a mandate now." in lead.html
    assert "These mandates end within two weeks" in lead.html
    lead.press("", at=f"/mandates/{made.pk}/end/")
    assert "The mandate has ended" in lead.html


def test_a_holder_hands_a_part_on_and_is_refused_more_than_they_hold(story: Story) -> None:
    held = Mandate.objects.get(holder=story.desk.officer)
    Mandate.objects.filter(pk=held.pk).update(may_delegate=True, categories=["positive", "joke"])
    officer = story.sits(story.desk.officer).open("/mandates/")
    late = (held.valid_until + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    wide = {"holder": str(story.desk.employee.pk), "categories": "joke", "valid_until": late}
    officer.press("", at="/hand-on/", also=wide)
    assert "You cannot hand on more than you hold yourself. Too wide: end." in officer.html
    until = (story.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    officer.press("", at="/hand-on/", also=wide | {"categories": "joke", "valid_until": until})
    assert Mandate.objects.get(holder=story.desk.employee).delegated_from_id == held.pk
