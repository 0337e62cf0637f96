"""The night of the big fire by keys: from a flood to a picture that somebody signed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from playwright.sync_api import expect

from cases import carried
from cases.models import Case, LogLine, Picture, Situation
from cases.services import proposing, situations
from cases.services.situations import Plan
from monitoring.connectors.base import AuthorRef, Mention
from tests.browser.conftest import WIDE, Window
from tests.cases.claiming import rumour
from tests.cases.pictures import fire
from tests.cases.steps import fresh
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

STORIES = (
    "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is",
    "Er ligt gif in de oude loods, niemand zegt er iets van",
    "Moeten wij weg uit Rietveld of mogen we blijven?",
)


def flood(first: int, n: int, *, at: datetime) -> Iterator[Mention]:
    """So many posts by as many people: most repeat the fire, the others one of two stories more."""
    for k in range(first, first + n):
        story = STORIES[0 if k % 4 else 1 + k // 4 % 2]
        yield replace(mention(k, story, at=at), author=AuthorRef(f"a{k}", f"author{k}", f"Author {k}", 100))


class Hand:
    """Somebody's hands: every key and click is counted, the words of a text are not."""

    def __init__(self, shown: Window) -> None:
        self.shown, self.n = shown, 0

    def keys(self, keys: str) -> None:
        self.n += len(keys.split())
        self.shown.keys(keys)

    def click(self, what: str) -> None:
        self.n += 1
        self.shown.page.click(what)

    def write(self, words: str) -> None:
        self.shown.page.keyboard.type(words)


def test_a_flood_becomes_a_signed_picture_in_at_most_twelve_keys_and_clicks(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(*flood(0, 60, at=now))
    assert proposing.propose(now=now) == 1  # what the sweep of every minute does
    shown = window(desk.officer, WIDE, "nl").open("/inbox/")
    hand, page = Hand(shown), shown.page

    hand.keys("g s")
    page.wait_for_url("**/situations/")
    expect(page.get_by_role("heading", name="Een verhaal groeit")).to_be_visible()
    hand.keys("o")
    page.wait_for_url("**/situations/*/")
    desk.hear(*flood(60, 60, at=now))  # it goes on while the picture is made
    hand.keys("p")
    page.wait_for_url("**/pictures/1/")
    hand.click("#f-information")
    hand.write("Ramen en deuren dicht. Er is geen gif gemeten.")
    hand.click("button[name=then][value=sign]")
    page.wait_for_selector("text=Ondertekend door Sanne")

    picture = Picture.objects.get()
    assert (picture.n, picture.signed_by) == (1, desk.officer)
    assert picture.content["figures"]["posts"] >= 45
    pdf = page.request.get(page.url + "picture.pdf")
    assert pdf.body().startswith(b"%PDF-")
    assert hand.n <= 6  # the bar is 12
    assert shown.complaints == []


def test_a_picture_is_one_key_from_the_situation_and_from_its_topics(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    situation = fire(desk, now=now)
    for n, place in enumerate(("", "topics/", "timeline/"), start=1):
        shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/{place}").keys("p")
        shown.page.wait_for_url(f"**/pictures/{n}/")


def test_a_topic_is_judged_once_by_keys_and_its_copies_follow(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(*flood(0, 40, at=now))
    lead = Case.objects.get(n_copies__gt=20)
    situation = situations.open_from_case(lead, Plan("Brand"), by=desk.officer, now=now)
    shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/topics/")
    expect(shown.page.locator("[data-unread]")).to_have_attribute("data-unread", "30")
    shown.keys("n")
    assert shown.until(lambda: fresh(lead).state == "dismissed")
    expect(shown.page.locator("[data-unread]")).to_have_attribute("data-unread", "0")
    assert shown.complaints == []


def test_a_case_is_linked_to_a_claim_by_two_keys(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    (case,) = desk.hear(mention(1, "Klopt het dat het drinkwater vergiftigd is?", at=now))
    claim = rumour(desk, now=now, statement="Het drinkwater is vergiftigd")
    shown = window(desk.officer, WIDE).open(f"/cases/{case.pk}/").keys("f")
    shown.page.wait_for_url("**/claims/")
    shown.keys("1")
    assert shown.until(lambda: carried.claims_on(case) == [claim])
    assert shown.complaints == []


def test_a_line_in_the_log_is_one_key_and_its_words(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    situation = fire(desk, now=now)
    shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/").keys("t")
    shown.page.keyboard.type("Burgemeester gebeld")
    shown.page.keyboard.press("Enter")
    assert shown.until(lambda: LogLine.objects.filter(situation=situation).exists())
    assert LogLine.objects.get().text == "Burgemeester gebeld"
    assert Situation.objects.get(pk=situation.pk).status == "open"
