"""P1, P2, P3 and P+: three equal choices, and a suggestion that is never passed over in silence."""

import pytest

from cases.models import Assessment, Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

PRAISE = "Wat een werk heeft de brandweer verzet vannacht, petje af"


def test_nothing_is_chosen_beforehand_and_the_three_stand_in_order(story: Story, officer: Paper) -> None:
    story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive")
    choices = [has for tag, has in officer.tags() if tag == "button" and has.get("name") == "option"]
    offered = [has for has in choices if not has["value"].startswith("deviate")]
    assert [has["value"] for has in offered] == ["P1", "P2", "P3"]
    assert not any("enter" in has["data-key"] or " p" in has["class"].rstrip() for has in offered)


def test_praise_may_stand_without_an_answer(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press("P1", at="/choose/")
    assert stands(case) == "closed"
    assert "let stand" in officer.open(f"/cases/{case.pk}/").html
    story.goes_on(minutes=1)
    assert story.sent() == []


@pytest.mark.parametrize(("option", "visibility"), [("P2", "direct"), ("P3", "public")])
def test_thanks_reach_the_writer_alone_or_everybody(
    story: Story, officer: Paper, option: str, visibility: str
) -> None:
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press(option, at="/choose/")
    officer.press("send", at="/replies/", also={"text": "Dank u wel!"})
    story.goes_on(seconds=11)
    assert [(sent["text"], sent["visibility"]) for sent in story.sent()] == [("Dank u wel!", visibility)]
    officer.open(f"/cases/{case.pk}/").press("Close the case", at="/close/")
    assert stands(case) == "closed"


def test_a_suggestion_is_answered_with_what_we_do_with_it(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE + ". Tip: zet een bord bij de afslag")
    judges(officer.open("/inbox/"), "positive").press("on", at="/toggle/")
    assert "Say in the answer what we will do with the idea." in officer.html
    officer.press("P3", at="/choose/").press("send", at="/replies/", also={"text": "Dank, goed idee!"})
    assert "Say what will be done with the suggestion" in officer.html
    officer.press("send", at="/replies/", also={"what_we_do": "Gaat naar wegbeheer"})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert Response.objects.get(case=case).what_we_do == "Gaat naar wegbeheer"
    assert Assessment.objects.get(case=case).answers["P+"] == "yes"


def test_silence_about_a_suggestion_needs_a_reason(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press("on", at="/toggle/").press("P1", at="/choose/")
    assert "This needs a reason" in officer.html
    assert stands(case) == "assessed"
    officer.press("P1", at="/choose/", also={"reason": "Het bord staat er al."})
    assert stands(case) == "closed"
    assert "Het bord staat er al." in officer.open(f"/cases/{case.pk}/").html


def test_a_suggestion_that_was_none_is_switched_off_again(story: Story, officer: Paper) -> None:
    case = story.hears(PRAISE)
    judges(officer.open("/inbox/"), "positive").press("on", at="/toggle/")
    officer.press("It holds a suggestion S", at="/toggle/").press("P1", at="/choose/")
    assert stands(case) == "closed"
