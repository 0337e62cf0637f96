"""How people are reached, in a real browser: readable everywhere, and push takes no for an answer."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from cases.models import Contact
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web.reach_states import every_tap, every_way
from tests.world import Desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en"), ("dark", WIDE, "en"), ("light", PHONE, "nl")],
)
def test_every_state_of_being_reached_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    urls = every_way(desk, now) + every_tap(desk, now, lang=lang)
    found = {}
    for user in (desk.officer, desk.lead):
        shown = window(user, size, lang, color_scheme=theme)
        for url in urls:
            page = shown.open(url).page
            found[user.username, url] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
    assert {place: what for place, what in found.items() if what} == {}


def test_a_browser_that_refuses_push_is_told_so_and_nothing_is_kept(
    window: Callable[..., Window], desk: Desk
) -> None:
    page = window(desk.officer, PHONE, "en").open("/me/").page
    page.add_init_script("Notification.requestPermission = async () => 'denied'")
    page.reload()
    button = page.get_by_role("button", name="Switch push messages on here")
    button.click()
    page.get_by_text("This browser does not allow push messages.").wait_for()
    assert not Contact.objects.exists()


def test_the_service_worker_serves_every_page(window: Callable[..., Window], desk: Desk) -> None:
    page = window(desk.officer, PHONE, "en").open("/me/").page
    made = "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)"
    scope = page.evaluate(f"{made}.then(one => one.scope)")
    assert scope == page.evaluate("location.origin + '/'")
