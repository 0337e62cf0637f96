"""With a finger, with the Tab key, with the mouse and no script: the same work can be done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from cases.models import Case
from tests.browser.conftest import PHONE, WIDE, Window
from tests.cases.steps import drafting, fresh, judge, watched
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

SMALL = """most => {
  const shown = element => element.checkVisibility({ visibilityProperty: true })
    && !element.closest(".vh,.skip,[hidden]") && !["checkbox", "radio"].includes(element.type)
    && getComputedStyle(element).display !== "inline";
  return [...document.querySelectorAll("a,button,input,select,textarea,summary")]
    .filter(shown).flatMap(element => {
    const box = element.getBoundingClientRect(), least = element.matches(most) ? 44 : 24;
    const isSmall = box.width && (box.height < least - 0.5 || box.width < 24);
    return isSmall ? [`${element.outerHTML.slice(0, 90)}: ${box.width} by ${box.height}`] : [];
  });
}"""
"""What is shown to be pressed and is under 24 pixels; under 44 for the selector given."""

RING = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  (window.reached ??= new Set()).add(at);
  const rung = ({ outlineStyle, outlineWidth, boxShadow }) =>
    outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 || boxShadow !== "none";
  const ring = [at, at.parentElement].map(e => getComputedStyle(e)).some(rung);
  return { ring, html: at.outerHTML.slice(0, 90) };
}"""
"""Where the focus is, and whether it (or the frame around it) shows a ring."""

MISSED = """() => [...document.querySelectorAll("a[href],button,input,select,textarea,summary")]
  .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)
  .filter(e => !["radio", "hidden"].includes(e.type) && !window.reached.has(e))
  .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def cases(desk: Desk, now: datetime) -> list[Case]:
    cases = desk.hear(*(mention(n, f"De brandweer bij de Loswal, {n}", at=now) for n in range(4)))
    judge(cases[1], "complaint", by=desk.officer, now=now)
    drafting(cases[2], by=desk.officer, now=now)
    watched(desk, cases[3], now=now)
    return cases


def pages(cases: list[Case]) -> list[str]:
    first = [f"/inbox/?case={cases[0].pk}", f"/inbox/?case={cases[1].pk}"]
    return [*first, f"/cases/{cases[2].pk}/", f"/cases/{cases[3].pk}/", "/watching/", "/report/", "/more/"]


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_what_is_pressed_is_large_enough(
    window: Callable[..., Window], desk: Desk, cases: list[Case], phone: bool
) -> None:
    more: dict[str, Any] = {"has_touch": True, "is_mobile": True} if phone else {}
    shown = window(desk.lead, PHONE if phone else WIDE, **more)
    large = ".opt,.btn.p,.mobilebar a" if phone else "never"
    small = {url: shown.open(url).page.evaluate(SMALL, large) for url in pages(cases)}
    assert {url: found for url, found in small.items() if found} == {}


def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    shown = window(desk.lead)
    for url in pages(cases)[:5]:
        shown.open(url)
        for _ in range(150):
            shown.page.keyboard.press("Tab")
            here = shown.page.evaluate(RING)
            if here is None:
                break
            assert here["ring"], (url, here["html"])
        assert shown.page.evaluate(MISSED) == [], url


def test_a_post_is_judged_and_taken_back_with_a_finger(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    shown = window(desk.officer, PHONE, "nl", has_touch=True, is_mobile=True).open("/inbox/")
    shown.page.locator(f"[data-row][href*='case={cases[0].pk}']").tap()
    shown.page.locator("#pane [value=negative]").tap()
    shown.page.locator("#pane button[name=choice][value=insult]").tap()
    shown.page.locator("#pane button[value=watch]").tap()
    assert shown.until(lambda: fresh(cases[0]).state == "watching")
    shown.page.locator("#toast button").tap()
    assert shown.until(lambda: fresh(cases[0]).state == "assessed")
    assert shown.complaints == []


def test_everything_works_without_a_script(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    shown = window(desk.officer, java_script_enabled=False).open(f"/inbox/?case={cases[0].pk}")
    page = shown.page
    page.locator("#pane [value=negative]").click()
    page.locator("#pane input[name=also][value=dissatisfied]").check()
    page.locator("#pane button[name=choice][value=insult]").click()
    page.locator("#pane button[value=to_comms]").click()
    assert fresh(cases[0]).state == "comms"
    page.locator("#toast button").click()
    assert fresh(cases[0]).state == "assessed"
    page.goto(f"{shown.base}/cases/{cases[2].pk}/")
    page.locator("#text").fill("Eén\ntwee")
    page.locator("button[value=send]").click()
    expect(page.locator("form[action$='/stop/'] button")).to_be_visible()
    page.locator("form[action$='/stop/'] button").click()
    expect(page.locator("#text")).to_have_value("Eén\ntwee")
    page.locator("form[action$='/language/'] button").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
