"""What every test stands on: the right settings, no network, and the engine the test asks for."""

import os
import socket
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from cases import cuelist, profiles, targets
from cases.suggestions import leads
from config.broker import client
from config.celery import app
from tests.engines import running_valkey
from tests.trail import open_trail

# A property holds or not; how long an example takes says something of the machine only.
# CI tries the same examples in every run: red means that the change did it. Any other run wanders on.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

# kombu asks an absent broker again until its clock says stop; a test may hold that clock.
app.conf.broker_transport_options = {**app.conf.broker_transport_options, "max_retries": 0}

LOOPBACK = ("127.", "::1", "localhost")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run on anything but the test settings: a demo's database is not a playground."""
    if settings.APP_ENV != "test":
        raise pytest.UsageError("Run bin/test, or set APP_ENV=test.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only makes sense on the other database; bin/test runs both.

    What touches no database (pytest-django would refuse it one) runs once, with SQLite.
    """
    other = "postgres" if connection.vendor == "sqlite" else "sqlite"
    left_out = [item for item in items if item.get_closest_marker(other) or _is_done_with_sqlite(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def _is_done_with_sqlite(item: pytest.Item) -> bool:
    if connection.vendor == "sqlite" or item.get_closest_marker("postgres"):
        return False
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return not (asked or item.get_closest_marker("django_db"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has just started: it knows no lead, target or profile of an earlier test."""
    monkeypatch.setattr(leads, "known", leads.KnownLeads())
    targets.forget()
    profiles.forget()
    cuelist.forget()


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied() -> Iterator[None]:
    """A test that really commits has every table emptied after it; the audit triggers step aside for that."""
    empty = connection.ops.execute_sql_flush

    def with_open_trail(sql_list: Iterable[str]) -> None:
        with open_trail():
            empty(sql_list)

    connection.ops.execute_sql_flush = with_open_trail  # type: ignore[method-assign]
    yield
    connection.ops.execute_sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture
def noon() -> datetime:
    """A fixed moment: Monday 2 March 2026, 12:00 UTC (13:00 in Amsterdam)."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """A real Valkey: the one bin/test started, else one for this process."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    with running_valkey() as url:
        yield url


@pytest.fixture
def broker(broker_url: str, settings: Any) -> Iterator[Any]:
    """A connection to an empty real Valkey, also behind `settings.REDIS_URL`."""
    settings.REDIS_URL = broker_url
    connected = client(broker_url)
    connected.flushall()
    yield connected
    connected.close()
