"""The night of the big fire by keys: from a flood to a picture that somebody signed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from cases import carried
from cases.models import Batch, Case, LogLine, Picture, Situation
from cases.services import batches, closing, joining, proposing, situations
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
    expect(page.locator("a[href$='picture.pdf']").first).to_be_visible()
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


def test_topics_are_walked_by_keys_and_left_by_two(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(*flood(0, 40, at=now))
    situation = situations.open_situation(Plan("Brand"), by=desk.officer, now=now)
    joining.join(situation, [case.pk for case in Case.objects.all()], by=desk.officer, now=now)
    shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/topics/")
    rows = shown.page.locator("[data-row]")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    shown.keys("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    shown.keys("k")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    shown.keys("g s")
    shown.page.wait_for_url("**/situations/")
    assert shown.complaints == []


def test_only_what_came_after_the_last_look_is_new(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(*flood(0, 40, at=now))
    situation = situations.open_situation(Plan("Brand"), by=desk.officer, now=now)
    joining.join(situation, [case.pk for case in Case.objects.all()], by=desk.officer, now=now)
    shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/topics/")
    rows = shown.page.locator("[data-row]")
    expect(rows).to_have_count(3)
    shown.page.get_by_role("button", name="I have seen these").click()
    (later,) = desk.hear(mention(99, "De sirene aan de haven gaat niet uit", at=now))
    joining.join(situation, [later.pk], by=desk.officer, now=now)
    shown.page.get_by_role("link", name="New information only").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("sirene")
    assert shown.complaints == []


def test_what_nobody_read_is_closed_together_with_a_reason(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(*flood(0, 40, at=now))
    situation = situations.open_situation(Plan("Brand"), by=desk.officer, now=now)
    joining.join(situation, [case.pk for case in Case.objects.all()], by=desk.officer, now=now)
    shown = window(desk.officer, WIDE).open(f"/situations/{situation.pk}/topics/")
    shown.page.get_by_role("link", name="Close what is unread").first.click()
    expect(shown.page.locator(".big")).to_contain_text("40")
    shown.page.click("#reason")
    shown.page.keyboard.type("Het vuur is uit")
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_url("**/situations/batches/*/")
    batch = Batch.objects.get()
    later = now + timedelta(minutes=1)  # what the worker does:
    assert batches.carry_on(batch.pk, {Batch.Kind.CLOSE: closing.carry_out}, now=later) == 3
    shown.open(f"/situations/{situation.pk}/topics/")
    expect(shown.page.locator("[data-unread]")).to_have_attribute("data-unread", "0")
    assert batch.reason == "Het vuur is uit"
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
