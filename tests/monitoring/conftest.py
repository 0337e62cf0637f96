"""A query, and a platform on paper that says what we like, for the store and the poll."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.models import User
from monitoring import credentials
from monitoring.connectors import registry
from monitoring.connectors.base import Budget, Cursor, Page, Problem, SourceConfig
from monitoring.connectors.errors import SourceError
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.models import Query, Source
from tests.faults.platform import Weather
from tests.faults.platform import platform as server_with
from tests.monitoring.stage import Stage, nearby
from tests.world import open_desk


@dataclass
class Platform(ReadOnlyConnector):
    """A platform on paper: plays its pages from the cursor on, then raises its trouble."""

    name: str = "paper"
    pages: Sequence[Page] = ()
    trouble: SourceError | None = None
    asked: list[tuple[tuple[str, ...], Cursor]] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    secret_names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        self.asked.append((source.terms, dict(cursor)))
        self.budgets.append(budget)
        for name in self.needs:
            source.secrets[name]
        yield from self.pages[int(cursor.get("read", 0)) :]
        if self.trouble:
            raise self.trouble

    def check(self, source: SourceConfig) -> list[Problem]:
        return []


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform behind the source."""
    on_paper = Platform()
    monkeypatch.setitem(registry.CONNECTORS, on_paper.name, on_paper)
    return on_paper


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("bram")


@pytest.fixture
def query(owner: User, noon: datetime) -> Query:
    return listen(owner, "the fire", "brandweer, loswal", now=noon)


@pytest.fixture
def source(query: Query, noon: datetime) -> Source:
    """A source on the platform on paper, due at noon."""
    source = Source.objects.create(name="paper", connector="paper", next_poll_at=noon)
    source.queries.add(query)
    return source


@pytest.fixture
def stage(db: None, noon: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A desk with one source: #loswal on a server of our own, that is empty and well."""
    monkeypatch.setitem(registry.CONNECTORS, "mastodon", nearby())
    desk = open_desk(noon, outbox=tmp_path)
    Source.objects.filter(pk=desk.source.pk).update(is_enabled=False)
    Query.objects.filter(pk=desk.query.pk).update(terms="#loswal")
    posts: list[Any] = []
    weather = Weather()
    with server_with(posts, weather) as url:
        source = Source.objects.create(
            name="our server",
            connector="mastodon",
            settings={"server": url, "own_mentions": False},
            credential=credentials.change(
                "ours", platform="mastodon", secrets={"access_token": "read-and-write"}, now=noon
            ),
            next_poll_at=noon,
        )
        source.queries.add(desk.query)
        yield Stage(desk, source, posts, weather, url)


def listen(owner: User, name: str, terms: str, *, now: datetime) -> Query:
    """A query for these terms, from an hour ago for a month."""
    return Query.objects.create(
        name=name,
        terms=terms,
        purpose="answer questions",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        owner=owner,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=30),
        created_at=now,
    )
