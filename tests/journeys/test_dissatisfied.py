"""A4: somebody is dissatisfied; we find out, say so in public, and settle the person's details in private."""

from datetime import timedelta

from cases.models import Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

COMPLAINT = "Drie uur gebeld met de veiligheidsregio en niemand nam op"


def test_a_complaint_is_found_out_about_and_answered_in_public(story: Story, officer: Paper) -> None:
    case = story.hears(COMPLAINT)
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_public", at="/choose/")
    text = "Dat had niet mogen gebeuren, sorry. We zoeken uit wat er misging."
    officer.press("send", at="/replies/", also={"text": text})
    assert "Write down what you found out" in officer.html
    officer.press("send", at="/replies/", also={"inquiry": "De centrale lag eruit van 9 tot 12."})
    story.goes_on(seconds=11)
    assert [(sent["text"], sent["visibility"]) for sent in story.sent()] == [(text, "public")]
    assert stands(case) == "responded"
    assert Response.objects.get(case=case).inquiry == "De centrale lag eruit van 9 tot 12."


def test_a_complaint_is_answered_in_private_when_the_person_must_be_known(
    story: Story, officer: Paper
) -> None:
    case = story.hears(COMPLAINT)
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_direct", at="/choose/")
    assert "direct message" in officer.html
    typed: dict[str, str | list[str]] = {"text": "Wat is uw nummer?", "inquiry": "Storing."}
    officer.press("send", at="/replies/", also=typed)
    story.goes_on(seconds=11)
    assert [sent["visibility"] for sent in story.sent()] == ["direct"]
    assert stands(case) == "responded"


def test_a_reply_waits_when_the_conversation_went_on_and_leaves_once_it_was_read(
    story: Story, officer: Paper
) -> None:
    case = story.hears(COMPLAINT)
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_public", at="/choose/")
    story.hears("Bij mij ook geen gehoor bij de brandweer", answers=case)
    typed: dict[str, str | list[str]] = {"text": "Sorry, we bellen u.", "inquiry": "Storing."}
    officer.press("send", at="/replies/", also=typed)
    assert "The conversation has 1 new post" in officer.html
    assert "Bij mij ook geen gehoor" in officer.html
    assert stands(case) == "drafting"
    officer.press("send", at="/replies/")
    assert stands(case) == "sending"


def test_a_complaint_ends_only_after_what_was_promised_is_done(story: Story, officer: Paper) -> None:
    case = story.hears(COMPLAINT)
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_public", at="/choose/")
    officer.press("send", at="/replies/", also={"text": "Sorry, we bellen u.", "inquiry": "Storing."})
    story.goes_on(seconds=11)
    by = f"{story.now + timedelta(hours=3):%Y-%m-%dT%H:%M}"
    promised: dict[str, str | list[str]] = {"what": "Mevrouw terugbellen", "due_at": by}
    officer.open(f"/cases/{case.pk}/").press("Write down", at="/promise/", also=promised)
    screen = story.sits(story.desk.officer, f"/cases/{case.pk}/")
    screen.press("Close the case", at="/close/")
    assert "Mevrouw terugbellen" in screen.html
    assert stands(case) == "responded"
    officer.open(f"/cases/{case.pk}/").press("keep", at="/promises/")
    officer.press("Close the case", at="/close/")
    assert stands(case) == "closed"
