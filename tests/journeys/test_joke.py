"""A2: a joke that we do not like is watched; one that we like is used, left alone or answered."""

import pytest

from cases.models import Assessment, Response, Watch
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

JOKE = "Hoe noem je een brandweer zonder water? Veiligheidsregio."


def test_a_joke_that_we_do_not_like_is_watched_in_silence(story: Story, officer: Paper) -> None:
    case = story.hears(JOKE)
    judges(officer.open("/inbox/"), "negative", "joke")
    assert "Do we like this joke?" in officer.html
    officer.press("watch", at="/answer/")
    assert stands(case) == "watching"
    assert "1 watched case" in officer.open("/watching/").html
    watch = Watch.objects.get(ended_at=None)
    officer.open(f"/watching/{watch.pk}/").press("Stop watching", at="/end/")
    assert stands(case) == "closed"
    assert story.sent() == []


@pytest.mark.parametrize(
    ("option", "outcome"), [("use_in_own", "used in own communication"), ("let_stand", "let stand")]
)
def test_a_good_joke_is_closed_without_an_answer(
    story: Story, officer: Paper, option: str, outcome: str
) -> None:
    case = story.hears(JOKE)
    judges(officer.open("/inbox/"), "negative", "joke", "yes")
    assert "Use the joke if you can" in officer.html
    officer.press(option, at="/choose/")
    assert stands(case) == "closed"
    assert Assessment.objects.get(case=case).answers["Q2b_liked"] == "yes"
    assert outcome in officer.open(f"/cases/{case.pk}/").html
    story.goes_on(minutes=1)
    assert story.sent() == []


def test_a_good_joke_is_answered_with_a_smile(story: Story, officer: Paper) -> None:
    case = story.hears(JOKE)
    judges(officer.open("/inbox/"), "negative", "joke", "yes").press("reply_public", at="/choose/")
    assert officer.url == f"/cases/{case.pk}/"
    officer.press(
        "send", at="/replies/", also={"text": "Wij zijn nooit zonder water. Wel eens zonder koffie."}
    )
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert [reply["text"] for reply in story.sent()] == [Response.objects.get(case=case).text]
    officer.open(f"/cases/{case.pk}/").press("Close the case", at="/close/")
    assert stands(case) == "closed"
