"""Who may speak: against the advice with a reason, without a mandate as a proposal, or by phone."""

from datetime import timedelta

from cases.models import Assessment, Mandate, Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

PRAISE = "Dank aan de brandweer voor vannacht"


def test_a_deviation_needs_a_reason_is_carried_out_and_counted(story: Story, officer: Paper) -> None:
    case = story.hears("Wat een domme brandweer, of wacht, was die sirene een test?")
    judges(officer.open("/inbox/"), "negative", "insult")
    officer.press("deviate_reply_public", at="/choose/", also={"reason": "   "})
    assert "why you deviate from the advice" in officer.html
    assert stands(case) == "assessed"
    officer.press("deviate_reply_public", at="/choose/", also={"reason": "Er staat een echte vraag in."})
    officer.press("send", at="/replies/", also={"text": "Ja, dat was een test."})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert Assessment.objects.get(case=case).follows_advice is False
    assert "Er staat een echte vraag in." in officer.open(f"/cases/{case.pk}/").html
    assert "0%" in officer.open("/figures/").html


def test_a_proposal_is_given_back_improved_approved_and_sent(story: Story) -> None:
    case = story.hears(PRAISE)
    author = story.sits(story.desk.employee)
    assert "Your reply goes to a colleague for approval." in author.html
    judges(author, "positive").press("P3", at="/choose/")
    assert not author.offers("send", at="/replies/")
    author.press("submit", at="/replies/", also={"text": "Graag gedaan hoor!!"})
    assert stands(case) == "approval"
    assert not author.offers("approve", at="/approve/")

    officer = story.sits(story.desk.officer, "/inbox/?view=decide")
    assert "Dank aan de brandweer" in officer.html
    officer.open(f"/cases/{case.pk}/")
    assert "Anouk asks for approval." in officer.html
    officer.press("return", at="/approve/", also={"note": "Iets rustiger graag"})
    assert stands(case) == "drafting"

    author.open(f"/cases/{case.pk}/")
    assert "Iets rustiger graag" in author.html
    author.press("submit", at="/replies/", also={"text": "Graag gedaan"})
    officer.open(f"/cases/{case.pk}/")
    officer.press("approve", at="/approve/", also={"text": "Graag gedaan, namens de ploeg."})
    assert stands(case) == "sending"
    story.goes_on(seconds=11)
    assert [sent["text"] for sent in story.sent()] == ["Graag gedaan, namens de ploeg."]
    assert stands(case) == "responded"


def test_the_author_withdraws_a_proposal(story: Story) -> None:
    case = story.hears(PRAISE)
    author = story.sits(story.desk.employee)
    judges(author, "positive").press("P3", at="/choose/")
    author.press("submit", at="/replies/", also={"text": "Dank!"})
    author.press("Withdraw", at="/approve/")
    assert stands(case) == "drafting"
    assert "Dank!" in author.html


def test_a_mandate_that_ended_meanwhile_stops_the_sending_and_says_so(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    Mandate.objects.filter(holder=story.desk.officer).update(valid_until=story.now)
    story.goes_on(seconds=1)
    officer.press("send", at="/replies/", also={"text": "Dank!"})
    assert "Your mandate for this ended on" in officer.html
    assert "Your mandate for this ended on 2 March 2026." in officer.html
    assert "Dank!" in officer.html
    officer.press("submit", at="/replies/")
    assert stands(case) == "approval"


def test_times_on_the_page_are_those_of_the_clock_on_the_wall(story: Story, officer: Paper) -> None:
    """13:00 in Amsterdam is 12:00 elsewhere: a refusal and a mandate speak of the same clock as the page."""
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive")
    late = story.sits(story.desk.colleague, f"/inbox/?case={case.pk}")
    assert "Sanne is at this case until 13:15." in late.html
    late.press("P1", at="/choose/")
    assert f"Case {case.pk} is with Sanne until 13:15; take it over if that cannot wait." in late.html
    Mandate.objects.filter(holder=story.desk.colleague).update(
        valid_until=story.now.replace(hour=23, minute=30) - timedelta(days=1)
    )
    assert "Your mandate for this ended on 2 March 2026." in late.open(f"/inbox/?case={case.pk}").html


def test_an_answer_by_phone_is_written_down_and_closed(story: Story, officer: Paper) -> None:
    case = story.hears("De veiligheidsregio belt nooit terug")
    judges(officer.open("/inbox/"), "negative", "dissatisfied").open(f"/cases/{case.pk}/")
    assert not officer.offers("no such button")
    officer.press("Write it down", at="/elsewhere/", also={"medium": "phone", "note": "Gebeld, opgelost."})
    assert stands(case) == "responded"
    answer = Response.objects.get(case=case)
    assert (answer.status, answer.medium) == ("elsewhere", "phone")
    assert "Answered elsewhere" in officer.html
    story.goes_on(seconds=11)
    assert story.sent() == []
    officer.open(f"/cases/{case.pk}/").press("Close the case", at="/close/")
    assert stands(case) == "closed"


def test_a_draft_is_put_aside_when_the_answer_was_given_by_phone(story: Story, officer: Paper) -> None:
    case = story.hears("De veiligheidsregio belt nooit terug")
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_public", at="/choose/")
    officer.press("save", at="/replies/", also={"text": "We bellen u."})
    officer.press("Write it down", at="/elsewhere/", also={"medium": "phone", "note": "Gebeld."})
    story.goes_on(minutes=5)
    assert (stands(case), story.sent()) == ("responded", [])


def test_another_option_is_chosen_without_losing_what_was_typed(story: Story) -> None:
    case = story.hears("Bedankt brandweer")
    officer = judges(story.sits(story.desk.officer), "positive")
    officer.press("P2", at="/choose/").press("change", at="/replies/", also={"text": "Graag gedaan!"})
    assert stands(case) == "assessed"
    officer.press("P3", at="/choose/").open(f"/cases/{case.pk}/")
    officer.press("send", at="/replies/")
    story.goes_on(seconds=11)
    assert [sent["text"] for sent in story.sent()] == ["Graag gedaan!"]


def test_a_question_has_no_other_option(story: Story) -> None:
    story.hears("Komt de brandweer vandaag?")
    officer = story.sits(story.desk.officer).press("", at="/exit/question/")
    assert not officer.offers("change", at="/replies/")
