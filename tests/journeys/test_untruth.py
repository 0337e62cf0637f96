"""A3: facts are collected, and what is wrong is put right with its source."""

from datetime import timedelta

from django.utils import timezone

from cases.models import Response, Task
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

RUMOUR = "De brandweer zegt niks maar er komt asbest vrij bij de Loswal!!"
CORRECTION = "Er is geen asbest gemeten. De meetwaarden staan op onze website."
SOURCED = {"claim": "er komt asbest vrij", "fact_source": "meetploeg, 14:20"}


def test_an_untruth_is_corrected_with_a_source_and_closed(story: Story, officer: Paper) -> None:
    case = story.hears(RUMOUR)
    judges(officer.open("/inbox/"), "negative", "untruth").press("reply_public", at="/choose/")
    assert officer.url == f"/cases/{case.pk}/"

    officer.press("save", at="/replies/", also={"text": "Er is geen asbest"})
    assert "The draft is kept." in officer.html
    assert "Er is geen asbest" in story.sits(story.desk.officer, f"/cases/{case.pk}/").html

    officer.press("send", at="/replies/", also={"text": CORRECTION, "audience": "omwonenden"})
    assert "Name the source of the facts" in officer.html
    assert CORRECTION in officer.html
    assert 'value="omwonenden"' in officer.html
    assert stands(case) == "drafting"

    officer.press("send", at="/replies/", also=SOURCED | {"element_sources": "1"})
    assert stands(case) == "sending"
    assert story.sent() == []
    assert "Stop, do not send" in officer.html
    story.goes_on(seconds=11)
    officer.open(f"/cases/{case.pk}/")
    assert stands(case) == "responded"
    reply = Response.objects.get(case=case)
    assert [(sent["text"], sent["visibility"]) for sent in story.sent()] == [(CORRECTION, "public")]
    assert (reply.audience, reply.elements["sources"], reply.fact_source) == (
        "omwonenden",
        "answered",
        "meetploeg, 14:20",
    )
    assert reply.permalink in officer.html

    officer.press("Close the case", at="/close/")
    assert stands(case) == "closed"
    assert "100%" in officer.open("/figures/").html


def test_a_platform_that_fails_gives_the_text_back_with_its_reason(story: Story, officer: Paper) -> None:
    case = story.hears(RUMOUR)
    judges(officer.open("/inbox/"), "negative", "untruth").press("reply_public", at="/choose/")
    source = story.desk.source
    source.settings = {**source.settings, "fail": "publish_failed"}
    source.save(update_fields=["settings"])
    officer.press("send", at="/replies/", also=SOURCED | {"text": CORRECTION})
    story.goes_on(seconds=11)
    assert stands(case) == "drafting"
    officer.open(f"/cases/{case.pk}/")
    assert "Came back:" in officer.html
    assert CORRECTION in officer.html
    source.settings = {**source.settings, "fail": ""}
    source.save(update_fields=["settings"])
    officer.press("send", at="/replies/")
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert len(story.sent()) == 1


def test_a_holding_reply_needs_no_source_and_is_followed_up(story: Story) -> None:
    case = story.hears("De brandweer heeft de loswal zelf aangestoken")
    officer = judges(story.sits(story.desk.officer), "negative", "untruth")
    officer.press("reply_public", at="/choose/")
    assert "No text yet" in officer.html  # what the machine sees, beside the element
    past = f"{story.now - timedelta(hours=2):%Y-%m-%dT%H:%M}"
    officer.press("send", at="/replies/", also={"text": "Zoeken we uit", "holding_until": past})
    assert "The promised time is over already" in officer.html
    until = story.now + timedelta(hours=6)
    officer.press(
        "send", at="/replies/", also={"holding_until": f"{timezone.localtime(until):%Y-%m-%dT%H:%M}"}
    )
    assert not Task.objects.exists()  # nothing is promised to anybody before it stands there
    story.goes_on(seconds=11)
    story.goes_on(seconds=60)
    assert stands(case) == "responded"
    assert Task.objects.get().due_at == until.replace(second=0, microsecond=0)
    officer.open(f"/cases/{case.pk}/").press("Follow up as promised", at="/follow-up/")
    assert stands(case) == "drafting"
    officer.press("send", at="/replies/", also={"text": "Het was kortsluiting."})
    assert "Name the source of the facts" in officer.html
    officer.press("send", at="/replies/", also=SOURCED | {"fact_source": "https://feiten.example"})
    story.goes_on(seconds=11)
    assert {sent["text"] for sent in story.sent()} == {"Zoeken we uit", "Het was kortsluiting."}
    assert Task.objects.get().done_at is not None
    assert not officer.open(f"/cases/{case.pk}/").offers("Follow up as promised")
    officer.press("Close the case", at="/close/")
    assert stands(case) == "closed"
