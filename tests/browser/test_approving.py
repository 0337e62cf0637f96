"""Approving on a phone, between two other things: the text first, and nothing too small for a thumb."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import expect

from cases.models import Response
from cases.services import approvals
from cases.services.responses import Draft
from tests.browser.conftest import PHONE, Window
from tests.browser.test_access import violations
from tests.cases.steps import drafting
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

THUMB = 44  # CSS pixels


def test_a_reply_is_read_changed_and_approved_with_a_thumb(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    case = desk.hear(mention(1, at=now))[0]
    response = drafting(case, by=desk.employee, now=now)
    approvals.submit(response, Draft("Dank u wel. " * 12), by=desk.employee, now=now)
    phone = window(desk.officer, PHONE, has_touch=True)
    page = phone.open("/approvals/").page
    page.locator("article .btn.big").first.tap()
    text, approve = page.locator("#reply #text"), page.locator("#reply button[value=approve]")
    expect(text).to_be_visible()
    assert text.evaluate("field => field.scrollHeight <= field.clientHeight + 1"), "all of the text is there"
    boxes = [found.bounding_box() for found in (text, page.locator("#reply .mandate"), approve)]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    for button in page.locator("#reply .btn").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= THUMB
        assert box["width"] >= THUMB
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    text.fill("Dank u wel voor uw bericht.")
    approve.tap()
    expect(page.locator(".edit ins").first).to_be_visible()
    expect(page.locator(".edit del").first).to_be_visible()
    assert violations(page) == []
    assert Response.objects.get(pk=response.pk).status == "queued"
    assert phone.complaints == []
