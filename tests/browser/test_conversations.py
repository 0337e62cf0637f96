"""A conversation at the desk: one row, the next case by one key, who looks, and taking over."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from cases.models import Case
from cases.services import assignment, decisions, presence, triage
from monitoring.connectors.base import AuthorRef, Kind
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.browser.test_two_desks import polls
from tests.cases.steps import fresh
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def cases(desk: Desk, now: datetime) -> list[Case]:
    """A post with three replies, the last by its author, and a post by itself."""
    before = now - timedelta(minutes=9)
    root = desk.hear(mention(1, "De brandweer staat nu al een uur bij de Loswal", at=before), now=before)
    replies = [
        mention(n, f"Antwoord {n}: wat doet de brandweer daar?", at=before, thread="m1", kind=Kind.REPLY)
        for n in (2, 3)
    ]
    again = mention(4, "En nog steeds niemand die iets vertelt", at=now, thread="m1", kind=Kind.REPLY)
    said = replace(again, author=AuthorRef("a1", "author1", "Author 1", 20_000))
    return [*root, *desk.hear(*replies, said, mention(5, at=now), now=now)]


def test_one_key_gives_the_next_case_and_the_conversation_goes_on(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    shown = window(desk.officer).open("/inbox/")
    expect(shown.page.locator("[data-row]")).to_have_count(2)
    expect(shown.page.locator("[data-row]").first).to_contain_text("+3 in this conversation")
    shown.keys("x")
    expect(shown.page.locator("#pane")).to_have_attribute("data-case", str(cases[0].pk))
    assert fresh(cases[0]).taken_by == desk.officer
    shown.keys("i")
    expect(shown.page.locator("#pane")).to_have_attribute("data-case", str(cases[1].pk))
    assert fresh(cases[0]).state == "closed"
    assert shown.complaints == []


def test_who_else_has_the_case_open_is_seen_within_a_poll(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    mine = window(desk.officer).open(f"/inbox/?case={cases[0].pk}")
    theirs = window(desk.colleague).open(f"/cases/{cases[0].pk}/")
    chip = mine.page.locator(f"[data-held='l{cases[0].pk}']")
    expect(chip).to_be_hidden()
    polls(theirs.page)
    polls(mine.page)
    expect(chip).to_have_text("Also looking now: Ilse")
    theirs.open(f"/cases/{cases[1].pk}/")
    polls(theirs.page)
    polls(mine.page)
    expect(chip).to_be_hidden()
    assert mine.complaints == theirs.complaints == []


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "nl"), ("dark", WIDE, "en"), ("light", PHONE, "en")],
    ids=["light-wide-nl", "dark-phone-nl", "dark-wide-en", "light-phone-en"],
)
def test_axe_finds_nothing_on_a_conversation(
    window: Callable[..., Window],
    desk: Desk,
    cases: list[Case],
    now: datetime,
    theme: str,
    size: ViewportSize,
    lang: str,
) -> None:
    root, taken, aside, said, _alone = cases
    decisions.take_exit(root, "neutral", by=desk.officer, now=now)
    assignment.take(taken, by=desk.colleague, now=now)
    presence.look(taken.pk, by=desk.colleague, now=now)
    triage.snooze(aside, until=now + timedelta(days=1), by=desk.officer, now=now)
    triage.mark_press(said, is_press=True, by=desk.officer, now=now)
    shown = window(desk.officer, size, lang, color_scheme=theme)
    found = {}
    for n, url in enumerate(
        ["/inbox/", f"/inbox/?case={said.pk}", *(f"/cases/{case.pk}/" for case in (root, taken, aside, said))]
    ):
        page = shown.open(url).page
        page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
        found[url] = violations(page)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{theme}-{size['width']}-{lang}-{n}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert {url: what for url, what in found.items() if what} == {}
    assert shown.complaints == []
