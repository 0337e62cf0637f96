"""Mastodon through the real Mastodon.py and real polls: what is kept, and that the guards let it be."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitoring import credentials
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.models import Post, Query, Source, SourceDay
from tests.monitoring.connectors.fake_mastodon import SERVER, FakeMastodon, id_at, mention, status
from tests.monitoring.polls import again, poll
from tests.world import open_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> FakeMastodon:
    server = FakeMastodon()
    monkeypatch.setattr("monitoring.polling.connector", lambda name: MastodonConnector(server))
    return server


@pytest.fixture
def source(platform: FakeMastodon, noon: datetime, tmp_path: Path) -> Source:
    desk = open_desk(noon, outbox=tmp_path)
    Query.objects.filter(pk=desk.query.pk).update(terms="#loswal")
    keys = credentials.change(
        "ours", platform="mastodon", secrets={"access_token": "read-and-write"}, now=noon
    )
    source = Source.objects.create(
        name="our server",
        connector="mastodon",
        settings={"server": SERVER},
        credential=keys,
        next_poll_at=noon,
    )
    source.queries.add(desk.query)
    return source


def tagged(noon: datetime, n: int) -> dict[str, object]:
    return status(id_at(noon - timedelta(minutes=n)), f"#loswal bericht {n}")


def test_tags_and_mentions_are_kept_once_over_many_polls(
    source: Source, platform: FakeMastodon, noon: datetime
) -> None:
    platform.tagged = [tagged(noon, n) for n in range(90)]
    platform.notifications = [mention(1, status(id_at(noon - timedelta(minutes=3), 7), "@ons wat nu?"))]
    assert poll(source, now=noon) == 91
    assert poll(again(source), now=noon + timedelta(minutes=5)) == 0
    later = noon + timedelta(minutes=10)
    platform.tagged.append(tagged(later, 1))
    assert poll(again(source), now=later) == 1
    assert Post.objects.filter(platform="mastodon").count() == 92
    assert (again(source).health, again(source).error) == (Source.Health.WORKING, "")
    assert again(source).cursor.keys() == {"tag:loswal", "mentions"}
    assert SourceDay.objects.get(source=source).units == len(platform.requests)


def test_a_source_with_many_quiet_tags_works_and_is_not_taken_for_one_in_circles(
    source: Source, platform: FakeMastodon, noon: datetime
) -> None:
    Query.objects.filter(sources=source).update(terms=", ".join(f"#stil{n}" for n in range(25)))
    for _ in range(3):
        poll(again(source), now=noon)
    assert again(source).health == Source.Health.WORKING
    asked = {path for path, _ in platform.asked}
    assert len(asked) == 26
