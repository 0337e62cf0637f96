"""A situation is proposed when a story grows; its owner hears that people wait for word."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases import wording
from cases.models import Notification, Situation
from cases.services import proposing, situations
from cases.services.situations import Plan
from monitoring.connectors.base import AuthorRef
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"


def flood(desk: Desk, first: int, n: int, *, at: datetime, authors: int = 100) -> None:
    """The same text `n` times, by so many people."""
    told = [mention(k, FIRE, at=at) for k in range(first, first + n)]
    desk.hear(*(replace(each, author=_author(k % authors)) for k, each in enumerate(told, first)))


def _author(n: int) -> AuthorRef:
    return AuthorRef(f"a{n}", f"author{n}", f"Author {n}", 100)


def test_a_story_that_grows_is_proposed_once_with_its_numbers(desk: Desk, noon: datetime) -> None:
    flood(desk, 0, 29, at=noon)
    assert proposing.propose(now=noon) == 0
    flood(desk, 29, 1, at=noon)
    assert (proposing.propose(now=noon), proposing.propose(now=noon)) == (1, 0)
    proposed = Situation.objects.get()
    assert (proposed.status, proposed.evidence["posts"]) == ("proposed", 30)
    notice = Notification.objects.filter(kind="situation proposed", channel="in-app").earliest("pk")
    assert "30 posts by" in wording.notice(notice).sentence


def test_a_few_people_who_post_very_often_are_no_situation(desk: Desk, noon: datetime) -> None:
    flood(desk, 0, 40, at=noon, authors=9)
    assert proposing.propose(now=noon) == 0


def test_a_conversation_of_many_is_proposed_though_a_few_repeat_its_first_post(
    desk: Desk, noon: datetime
) -> None:
    (head,) = desk.hear(mention("head", FIRE, at=noon - timedelta(minutes=1), thread="t"))
    flood(desk, 0, 30, at=noon, authors=5)
    desk.hear(*(mention(f"r{n}", at=noon, thread="t") for n in range(proposing.MANY)))
    assert proposing.propose(now=noon) == 1
    assert Situation.objects.get().story == head


def test_what_grew_long_ago_is_not_proposed(desk: Desk, noon: datetime) -> None:
    flood(desk, 0, 30, at=noon)
    assert proposing.propose(now=noon + timedelta(hours=2)) == 0


def test_what_was_declined_is_proposed_again_only_when_it_doubled(desk: Desk, noon: datetime) -> None:
    flood(desk, 0, 30, at=noon)
    proposing.propose(now=noon)
    situations.decline(Situation.objects.get(), reason="a drill", by=desk.officer, now=noon)
    flood(desk, 30, 29, at=noon)
    assert proposing.propose(now=noon) == 0
    flood(desk, 59, 1, at=noon)
    assert proposing.propose(now=noon) == 1


def test_a_proposal_that_is_opened_brings_its_story_and_is_not_proposed_again(
    desk: Desk, noon: datetime
) -> None:
    flood(desk, 0, 30, at=noon)
    proposing.propose(now=noon)
    opened = situations.open_proposed(Situation.objects.get(), Plan("Fire"), by=desk.officer, now=noon)
    assert opened.cases.count() == 30
    flood(desk, 30, 70, at=noon)
    assert proposing.propose(now=noon) == 0


def test_the_owner_hears_once_that_people_wait_for_word(desk: Desk, noon: datetime) -> None:
    fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=noon)
    assert proposing.remind_of_word(now=noon + timedelta(minutes=29)) == 0
    late = noon + timedelta(minutes=31)
    assert proposing.remind_of_word(now=late) and not proposing.remind_of_word(now=late)
    notice = Notification.objects.filter(kind="word due").earliest("pk")
    assert (notice.recipient, notice.about) == (desk.officer, f"situation:{fire.pk}")
    assert "about “Fire” by" in wording.notice(notice).sentence
    situations.heard(fire, by=desk.officer, now=late)
    assert proposing.remind_of_word(now=late + timedelta(minutes=31))
