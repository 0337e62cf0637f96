"""Alarms and ladders in a real browser: readable, no wider than the screen, taken with one tap."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from cases.models import Case, Escalation
from cases.services import escalation
from cases.services.escalation import Alarm
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web.alarm_states import every_alarm
from tests.world import Desk, mention

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en"), ("dark", WIDE, "en"), ("light", PHONE, "nl")],
)
def test_every_state_of_an_alarm_and_a_ladder_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    urls = every_alarm(desk, now)
    found = {}
    for user in (desk.officer, desk.lead):
        shown = window(user, size, lang, color_scheme=theme)
        for url in urls:
            page = shown.open(url).page
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found[user.username, url] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
        assert shown.complaints == []
    assert {place: what for place, what in found.items() if what} == {}


def test_an_alarm_is_taken_on_a_phone_with_one_tap_of_a_thumb(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    case: Case = desk.hear(mention(1, at=now))[0]
    alarm = escalation.raise_escalation(case, Alarm(3, "danger", {}), by=None, now=now)
    page = window(desk.officer, PHONE, "nl").open(f"/alarms/{alarm.pk}/").page
    button = page.get_by_role("button", name="Ik pak dit op")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= PHONE["height"]
    button.click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    assert Escalation.objects.get(pk=alarm.pk).acknowledged_by == desk.officer
