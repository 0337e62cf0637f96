"""Environment pictures in a real browser: readable, signed by keys, one page wide."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from cases.models import Picture
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.cases.pictures import fire
from tests.web.picture_states import every_picture
from tests.world import Desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en"), ("dark", WIDE, "en"), ("light", PHONE, "nl")],
)
def test_every_state_of_a_picture_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    found = {}
    shown = window(desk.officer, size, lang, color_scheme=theme)
    for url in every_picture(desk, now):
        page = shown.open(url).page
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found[url] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
    assert shown.complaints == []
    assert {place: what for place, what in found.items() if what} == {}


def test_two_keys_make_and_sign_a_picture(window: Callable[..., Window], desk: Desk, now: datetime) -> None:
    situation = fire(desk, now=now)
    page = window(desk.officer, WIDE, "nl").open(f"/situations/{situation.pk}/pictures/").page
    page.keyboard.press("p")
    page.wait_for_url("**/pictures/1/")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Ondertekend door Sanne")
    assert Picture.objects.get().signed_by == desk.officer
