"""X through the real tweepy and a real poll: what is addressed to us is kept, the rest by query."""

from datetime import datetime
from pathlib import Path

import pytest

from monitoring import credentials, polling
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.models import Post, Source
from monitoring.store import Stored
from tests.monitoring.connectors.fake_x import FakeX, posts
from tests.world import open_desk

pytestmark = pytest.mark.django_db
KEYS = {"bearer_token": "b", "access_token": "4242-x"}


@pytest.fixture
def x_source(noon: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Source, FakeX]:
    newest = first_id_at(noon)
    transport = FakeX(
        search=[posts(newest - 3, newest - 2, text="De loswal brandt")],
        mentions=[posts(newest - 1, text="@ons wat nu?")],
    )
    monkeypatch.setattr("monitoring.polling.connector", lambda name: XConnector(transport))
    desk = open_desk(noon, outbox=tmp_path)
    source = Source.objects.create(
        name="our account",
        connector="x",
        settings={"user_id": "4242", "handle": "ons", "organisation": "other"},
        credential=credentials.change("our account", platform="x", secrets=KEYS, now=noon),
        next_poll_at=noon,
    )
    source.queries.add(desk.query)
    return source, transport


def keep(stored: Stored, *, now: datetime) -> None:
    """Nothing to do with a page here."""


def test_a_mention_of_our_account_is_kept_though_no_query_has_its_words(
    x_source: tuple[Source, FakeX], noon: datetime
) -> None:
    source, _ = x_source
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    assert polling.poll(taken, on_page=keep, now=noon) == 3
    n_matches = {post.text: post.matches.count() for post in Post.objects.all()}
    assert n_matches == {"De loswal brandt": 1, "@ons wat nu?": 0}


def test_without_keys_the_source_stops_and_says_so_to_an_administrator(
    x_source: tuple[Source, FakeX], noon: datetime
) -> None:
    source, transport = x_source
    Source.objects.filter(pk=source.pk).update(credential=None)
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    assert polling.poll(taken, on_page=keep, now=noon) == 0
    source.refresh_from_db()
    assert (source.health, transport.asked) == ("refused", [])
    assert "bearer token is not set" in source.error


def test_other_terms_leave_how_far_our_mentions_were_read(
    x_source: tuple[Source, FakeX], noon: datetime
) -> None:
    source, transport = x_source
    for terms in ("loswal", "kade"):
        source.queries.update(terms=terms)
        Source.objects.filter(pk=source.pk).update(next_poll_at=noon)
        taken = polling.take_source(source.pk, now=noon)
        assert taken is not None
        transport.asked.clear()
        polling.poll(taken, on_page=keep, now=noon)
    goes_on = {asked.get("query", "to us")[:8]: "since_id" in asked for asked in transport.asked}
    assert goes_on == {"to us": True, "is:quote": True, "kade": False}
