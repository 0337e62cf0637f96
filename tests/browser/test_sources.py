"""Sources, what could not be read, and imports in a browser: every state passes axe and fits."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from monitoring.models import Post
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.web.source_states import GOOD, every_source
from tests.world import Desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [
        ("light", WIDE, "nl"),
        ("dark", PHONE, "en"),
        ("light", ViewportSize(width=320, height=700), "nl"),
    ],
    ids=["light-wide", "dark-phone", "narrow"],
)
def test_every_state_of_a_source_and_of_an_import_passes_axe(
    window: Callable[..., Window], desk: Desk, now: datetime, theme: str, size: ViewportSize, lang: str
) -> None:
    urls = every_source(desk, now)
    shown = window(desk.lead, size, lang, color_scheme=theme)
    found = {}
    for url in urls:
        page = shown.open(url).page
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found[url] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
    assert {url: what for url, what in found.items() if what} == {}
    assert shown.complaints == []


def test_a_file_is_given_and_looked_at_without_javascript(
    window: Callable[..., Window], desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "berichten.csv"
    file.write_text(GOOD, encoding="utf-8")
    page = window(desk.lead, PHONE, "en", java_script_enabled=False).open("/import/").page
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("8 rows; these are the first.")).to_be_visible()
    page.get_by_role("button", name="Read these posts").click()
    expect(page.get_by_role("heading", name="The file is being read")).to_be_visible()
    assert not Post.objects.exists()
