"""Partly positive, partly negative: the negative part decides the duties, the thanks are not forgotten."""

from cases.models import Assessment
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

BOTH = "Top dat de brandweer er zo snel was, maar waarom kregen wij geen bericht?"


def test_praise_with_a_complaint_is_answered_as_a_complaint_with_thanks(story: Story, officer: Paper) -> None:
    case = story.hears(BOTH)
    judges(officer.open("/inbox/"), "mixed", "dissatisfied")
    assert "Find out what exactly happened." in officer.html
    assert Assessment.objects.get(case=case).categories == ["dissatisfied", "positive"]
    officer.press("reply_public", at="/choose/")
    officer.press("send", at="/replies/", also={"text": "Dank, en sorry."})
    assert "Write down what you found out" in officer.html
    officer.press("send", at="/replies/", also={"inquiry": "Het bericht ging naar één wijk te weinig."})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"


def test_praise_with_a_suggestion_and_a_complaint_keeps_all_three(story: Story, officer: Paper) -> None:
    case = story.hears(BOTH + " Stuur volgende keer een pushbericht.")
    judges(officer.open("/inbox/"), "mixed", "dissatisfied").press("on", at="/toggle/")
    officer.press("reply_public", at="/choose/")
    typed: dict[str, str | list[str]] = {"text": "Dank voor de tip.", "inquiry": "Eén wijk vergeten."}
    officer.press("send", at="/replies/", also=typed)
    assert "Say what will be done with the suggestion" in officer.html
    officer.press("send", at="/replies/", also={"what_we_do": "Pushbericht staat op de lijst"})
    assert stands(case) == "sending"


def test_praise_with_an_insult_goes_to_communications(story: Story, officer: Paper) -> None:
    case = story.hears(BOTH + " Prutsers.")
    judges(officer.open("/inbox/"), "mixed", "insult")
    assert not officer.offers("watch", at="/choose/")
    officer.press("to_comms", at="/choose/")
    assert stands(case) == "comms"
