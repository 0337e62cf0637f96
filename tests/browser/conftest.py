"""The distribution's Chromium before a running desk."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from cases.models import User
from tests.run import CHROMIUMS
from tests.trail import open_trail
from tests.world import Desk, open_desk

WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(slots=True)
class Window:
    """A page in the browser, and everything it complained about."""

    page: Page
    context: BrowserContext
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> "Window":
        self.page.goto(self.base + url)
        return self

    def keys(self, keys: str) -> "Window":
        """Press single keys, one after the other, each when the last one has been answered."""
        for key in keys.split():
            self.page.keyboard.press(key)
            expect(self.page.locator(".htmx-request")).to_have_count(0)
        return self

    def until(self, holds: Callable[[], bool]) -> bool:
        """Wait (at most five seconds) for something that the server does."""
        for _ in range(200):
            if holds():
                return True
            self.page.wait_for_timeout(25)
        return False


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The browser that the machine has; nothing is downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.skip("no chromium on this machine; bin/test says so loudly")
    return {"executable_path": found, "args": list(QUIET)}


@pytest.fixture(scope="session", autouse=True)
def orm_beside_the_browser() -> Iterator[None]:
    """Playwright runs an event loop in this thread, and Django would refuse the database beside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied_here() -> Iterator[None]:
    """As in every test that commits; the browser's event loop has a connection of its own, so by class."""
    operations = type(connection.ops)
    empty = operations.execute_sql_flush

    def with_open_trail(self: Any, sql_list: Iterable[str]) -> None:
        with open_trail():
            empty(self, sql_list)

    operations.execute_sql_flush = with_open_trail  # type: ignore[method-assign]
    yield
    operations.execute_sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture
def now() -> datetime:
    """The browser's clock is the real one, so the desk's is as well."""
    return datetime.now(UTC)


@pytest.fixture
def desk(live_server: Any, now: datetime, tmp_path: Path) -> Desk:
    return open_desk(now, outbox=tmp_path / "outbox")


@pytest.fixture
def window(browser: Browser, live_server: Any, desk: Desk) -> Iterator[Callable[..., Window]]:
    """Open a window for somebody: theme, size and language as asked."""
    contexts: list[BrowserContext] = []

    def open_window(
        user: User | None = None, size: ViewportSize = WIDE, lang: str = "en", **more: Any
    ) -> Window:
        context = browser.new_context(viewport=size, locale=lang, **more)
        contexts.append(context)
        client = Client()
        client.force_login(user or desk.officer)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        shown = Window(context.new_page(), context, live_server.url)
        shown.page.on(
            "console",
            lambda message: shown.complaints.append(message.text) if message.type == "error" else None,
        )
        shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        return shown

    yield open_window
    for context in contexts:
        context.close()
