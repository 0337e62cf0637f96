"""Casework on the screen: axe finds nothing on any of its pages, and nothing is cut off on a narrow one."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web.casework_states import every_casework
from tests.web.claim_states import every_claim, every_message
from tests.web.rule_states import every_watch_rule
from tests.web.situation_states import every_situation
from tests.world import Desk

pytestmark = pytest.mark.browser

NARROW = ViewportSize(width=320, height=700)


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en"), ("dark", WIDE, "en"), ("light", NARROW, "nl")],
    ids=["light-wide-nl", "dark-phone-en", "dark-wide-en", "light-narrow-nl"],
)
def test_casework_is_clean_for_axe_and_fits_the_screen(  # ~20 pages at about half a second each
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    shown = window(desk.lead, size, lang, color_scheme=theme)
    found, wide = {}, {}
    crisis = [*every_situation(desk, now), *every_claim(desk, now), *every_message(desk, now)]
    for url in [*every_casework(desk, now), *every_watch_rule(desk, now), *crisis]:
        page = shown.open(url).page
        found[url] = violations(page)
        wide[url] = page.evaluate("document.documentElement.scrollWidth")
    assert {url: what for url, what in found.items() if what} == {}
    assert {url: n_px for url, n_px in wide.items() if n_px > size["width"]} == {}
    assert shown.complaints == []
