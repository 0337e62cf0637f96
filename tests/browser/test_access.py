"""Every page and state, light and dark, wide and on a phone, in both languages: axe finds nothing."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, ViewportSize

from cases.models import Watch
from tests.browser.conftest import PHONE, WIDE, Window
from tests.web.states import every_state
from tests.web.test_pages import PAGES
from tests.world import Desk

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOUND = """async rules => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations
    .map(v => `${v.id}: ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`)"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FOUND, RULES)
    return found


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "nl"), ("dark", WIDE, "en"), ("light", PHONE, "en")],
    ids=["light-wide-nl", "dark-phone-nl", "dark-wide-en", "light-phone-en"],
)
def test_axe_finds_nothing_on_any_page_in_any_state(  # ~40 pages at about half a second each
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    shown = window(desk.lead, size, lang, color_scheme=theme)
    found: dict[str, Any] = {
        url: violations(shown.open(url).page)
        for url in ("/inbox/", "/watching/", "/watching/after/", "/figures/")
    }
    cases = every_state(desk, now)
    urls = [
        *PAGES,
        "/watching/after/",
        *(f"/watching/{watch.pk}/" for watch in Watch.objects.all()),
        *(f"/cases/{case.pk}/" for case in cases),
        *(f"/inbox/?case={cases[n].pk}" for n in (0, 1, 2, 11)),
    ]
    for url in urls:
        found[url] = violations(shown.open(url).page)
    assert {url: what for url, what in found.items() if what} == {}
    assert shown.complaints == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_cut_off_on_a_narrow_screen(
    window: Callable[..., Window], desk: Desk, now: datetime, width: int
) -> None:
    cases = every_state(desk, now)
    shown = window(desk.lead, ViewportSize(width=width, height=700), "nl")
    wide = {}
    for url in [*PAGES, *(f"/cases/{case.pk}/" for case in cases)]:
        n_px = shown.open(url).page.evaluate("document.documentElement.scrollWidth")
        if n_px > width:
            wide[url] = n_px
    assert wide == {}
