"""Queries in a browser: the preview comes without leaving the page, and every state of it passes axe."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from playwright.sync_api import ViewportSize, expect

from cases.rules.permissions import Role
from monitoring.connectors import registry
from monitoring.connectors.base import Capabilities
from monitoring.models import Source, SourceDay
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web import test_capturing, test_queries
from tests.web.states import every_query
from tests.world import Desk, person

pytestmark = pytest.mark.browser

LOOKS = pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "en")],
    ids=["light-wide", "dark-phone"],
)


@pytest.fixture
def square(desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A platform on paper that shows three posts."""
    monkeypatch.setitem(registry.CONNECTORS, "square", test_queries.Square())
    return Source.objects.create(name="plein", connector="square", next_poll_at=now)


@LOOKS
def test_a_preview_comes_into_the_form_and_is_read_aloud(
    window: Callable[..., Window], square: Source, theme: str, size: ViewportSize, lang: str
) -> None:
    shown = window(None, size, lang, color_scheme=theme).open("/queries/new/")
    page = shown.page
    page.fill("#name", "de kade")
    page.fill("#terms", "brand")
    page.check(f'input[name="sources"][value="{square.pk}"]')
    page.click("#preview-button")
    expect(page.locator("#preview mark").first).to_have_text("brand")
    assert page.input_value("#name") == "de kade"
    assert page.is_checked(f'input[name="sources"][value="{square.pk}"]')
    expect(page.locator("#say")).to_contain_text("2")
    assert page.evaluate("document.activeElement.id") == "preview-button"
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert shown.complaints == []


@LOOKS
def test_a_fault_is_shown_at_its_place_and_passes_axe(
    window: Callable[..., Window], square: Source, theme: str, size: ViewportSize, lang: str
) -> None:
    page = window(None, size, lang, color_scheme=theme).open("/queries/new/").page
    page.fill("#terms", 'brand AND ("kade')
    page.click("#preview-button")
    expect(page.locator("#terms-fault mark")).to_be_visible()
    assert page.input_value("#terms") == 'brand AND ("kade'
    assert violations(page) == []


@LOOKS
def test_every_state_of_a_query_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    urls = every_query(desk, now)
    found = {}
    for user in (desk.officer, person("petra2", Role.PRIVACY)):
        shown = window(user, size, lang, color_scheme=theme)
        for url in urls:
            page = shown.open(url).page
            found[user.username, url] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
        assert shown.complaints == []
    assert {place: what for place, what in found.items() if what} == {}


def test_a_pasted_address_that_gives_nothing_says_why_and_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.CONNECTORS, "square", test_capturing.Square())
    Source.objects.create(name="plein", connector="square", next_poll_at=now)
    page = window(None, PHONE, "nl", color_scheme="dark").open("/report/").page
    page.fill("#url", "https://square.example/p/9")
    page.click("form button.p")
    expect(page.locator("#why-not")).to_be_visible()
    assert page.input_value("#url") == "https://square.example/p/9"
    assert violations(page) == []


def test_who_pays_for_a_preview_pays_once_and_lands_on_it(
    window: Callable[..., Window], square: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    costly = test_queries.Square(capabilities=Capabilities(search=True, cost_per_item=Decimal("0.005")))
    monkeypatch.setitem(registry.CONNECTORS, "square", costly)
    page = window().open("/queries/new/").page
    page.fill("#terms", "brand")
    page.check(f'input[name="sources"][value="{square.pk}"]')
    page.click("#preview-button")
    page.dblclick("#preview-paid")
    expect(page.locator("#preview mark").first).to_have_text("brand")
    expect(page.locator("#preview-title")).to_be_focused()
    assert SourceDay.objects.get().n_read == 3
