"""The pages of duty and division in a real browser: readable, and no wider than the screen."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web.duty_states import every_duty
from tests.world import Desk, mention

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en"), ("dark", WIDE, "en"), ("light", PHONE, "nl")],
)
def test_every_state_of_duty_and_division_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    desk.hear(*(mention(n, at=now) for n in range(3)))
    urls = every_duty(desk, now)
    found = {}
    for user in (desk.officer, desk.lead):
        shown = window(user, size, lang, color_scheme=theme)
        for url in urls[: None if user == desk.lead else 3]:
            page = shown.open(url).page
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found[user.username, url] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
        assert shown.complaints == []
    assert {place: what for place, what in found.items() if what} == {}
