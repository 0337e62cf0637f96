"""Every choice is taken back by one press: the case is where it was, and what was put up is taken down."""

import pytest

from cases.models import Escalation, Response, Watch
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

CHOICES = [
    (("negative", "insult"), "watch"),
    (("negative", "insult"), "to_comms"),
    (("negative", "joke", "no"), "watch"),
    (("negative", "joke", "yes"), "use_in_own"),
    (("negative", "joke", "yes"), "let_stand"),
    (("negative", "joke", "yes"), "reply_public"),
    (("negative", "untruth"), "reply_public"),
    (("negative", "dissatisfied"), "reply_public"),
    (("negative", "dissatisfied"), "reply_direct"),
    (("negative", "none"), "to_comms"),
    (("positive",), "P1"),
    (("positive",), "P2"),
    (("positive",), "P3"),
    (("mixed", "dissatisfied"), "reply_public"),
]


def nothing_is_left() -> None:
    assert not Watch.objects.filter(ended_at=None).exists()
    assert not Escalation.objects.filter(resolved_at=None).exists()
    assert not Response.objects.filter(status="draft").exists()


@pytest.mark.parametrize(("choices", "option"), CHOICES, ids=["-".join((*c, o)) for c, o in CHOICES])
def test_a_choice_is_taken_back_and_can_be_made_again(
    story: Story, officer: Paper, choices: tuple[str, ...], option: str
) -> None:
    case = story.hears("De brandweer bij de Loswal")
    judges(officer.open("/inbox/"), *choices).press(option, at="/choose/")
    chosen = stands(case)
    officer.press("Undo Z", at="/undo/")
    assert (officer.status, stands(case)) == (200, "assessed")
    nothing_is_left()
    story.goes_on(minutes=1)
    assert story.sent() == []
    officer.press(option, at="/choose/")
    assert stands(case) == chosen


@pytest.mark.parametrize("way", ["not_relevant", "neutral", "question", "rumour", "later", "escalate"])
def test_an_exit_is_taken_back(story: Story, officer: Paper, way: str) -> None:
    case = story.hears("De brandweer bij de Loswal")
    officer.open("/inbox/").press("", at=f"/exit/{way}/")
    officer.press("Undo Z", at="/undo/")
    assert (officer.status, stands(case)) == (200, "new")
    nothing_is_left()
    assert "De brandweer bij de Loswal" in officer.open("/inbox/?view=new").html
    assert officer.offers("positive", at="/answer/")


def test_danger_is_taken_back_by_nobodys_key(story: Story, officer: Paper) -> None:
    case = story.hears("De brandweer bij de Loswal")
    officer.open("/inbox/").press("", at="/danger/")
    assert not officer.offers("Undo Z", at="/undo/")
    assert stands(case) == "comms"


def test_a_judgement_is_taken_back_to_the_last_question(story: Story, officer: Paper) -> None:
    case = story.hears("De brandweer bij de Loswal")
    judges(officer.open("/inbox/"), "negative", "insult").press("Undo Z", at="/undo/")
    assert stands(case) == "new"
    judges(officer, "dissatisfied").press("reply_public", at="/choose/")
    assert stands(case) == "drafting"


def test_a_queued_reply_is_called_back_in_time_and_not_after(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    officer.press("send", at="/replies/", also={"text": "Graag gedaan!"})
    story.goes_on(seconds=9)
    officer.press("Stop, do not send Z", at="/stop/")
    assert stands(case) == "drafting"
    assert "Graag gedaan!" in officer.html
    story.goes_on(minutes=1)
    assert story.sent() == []
    officer.press("send", at="/replies/")
    late = story.sits(story.desk.officer, officer.url)
    story.goes_on(seconds=11)
    late.press("Stop, do not send Z", at="/stop/")
    assert "Too late" in late.html
    assert (stands(case), len(story.sent())) == ("responded", 1)


def test_there_is_nothing_to_undo_twice(story: Story, officer: Paper) -> None:
    story.hears("De brandweer bij de Loswal")
    officer.open("/inbox/").press("", at="/exit/neutral/")
    again = Paper(officer.client).open(officer.url)
    officer.press("Undo Z", at="/undo/")
    again.press("Undo Z", at="/undo/")
    assert "There is nothing to undo." in again.html
