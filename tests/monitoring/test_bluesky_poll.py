"""Bluesky through a real poll: what is addressed to us is kept, and the sign-in outlives the poll."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitoring import credentials, polling
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.models import Credential, Post, RejectedMention, Source
from monitoring.store import Stored
from tests.monitoring.connectors.fake_bluesky import FakeBluesky, failed, found, view
from tests.world import open_desk

pytestmark = pytest.mark.django_db
KEYS = {"identifier": "vr-loswal.test", "app_password": "abcd-abcd-abcd-abcd"}


@pytest.fixture
def platform(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> FakeBluesky:
    asked = view(1, at=noon - timedelta(minutes=3), record={"text": "En wat nu?"})
    fire = view(2, at=noon - timedelta(minutes=2), record={"text": "De loswal brandt"})
    other = view(3, at=noon - timedelta(minutes=1), record={"text": "Mooi weer"})
    platform = FakeBluesky(
        listNotifications={"notifications": [{**asked, "reason": "mention"}]},
        searchPosts=found([other, fire, {"uri": "no post"}]),
        getPosts=lambda wanted: {"posts": [v for v in (asked, fire) if v["uri"] in wanted["uris"]]},
        getProfiles={"profiles": []},
    )
    monkeypatch.setattr("monitoring.polling.connector", lambda name: BlueskyConnector(platform))
    return platform


@pytest.fixture
def bluesky_source(noon: datetime, tmp_path: Path) -> Source:
    desk = open_desk(noon, outbox=tmp_path)
    kept = credentials.change("our account", platform="bluesky", secrets=KEYS, now=noon)
    source = Source.objects.create(
        name="our account", connector="bluesky", credential=kept, next_poll_at=noon
    )
    source.queries.add(desk.query)
    return source


def keep(stored: Stored, *, now: datetime) -> None:
    """Nothing to do with a page here."""


def poll(source: Source, *, now: datetime) -> int:
    taken = polling.take_source(source.pk, now=now)
    assert taken is not None
    return polling.poll(taken, on_page=keep, now=now)


def test_what_is_addressed_to_us_and_what_a_query_wants_is_kept(
    platform: FakeBluesky, bluesky_source: Source, noon: datetime
) -> None:
    assert poll(bluesky_source, now=noon) == 2
    n_matches = {post.text: post.matches.count() for post in Post.objects.all()}
    assert n_matches == {"En wat nu?": 0, "De loswal brandt": 1}
    assert [entry.raw for entry in RejectedMention.objects.all()] == ['{"uri": "no post"}']


def test_a_second_poll_stores_nothing_twice_and_signs_in_no_more(
    platform: FakeBluesky, bluesky_source: Source, noon: datetime
) -> None:
    poll(bluesky_source, now=noon)
    assert poll(bluesky_source, now=noon + timedelta(hours=1)) == 0
    assert platform.n_asked("createSession") == 1
    assert "vr-loswal" not in Credential.objects.get().sealed_session


def test_keys_that_are_not_accepted_stop_every_source_that_uses_them(
    platform: FakeBluesky, bluesky_source: Source, noon: datetime
) -> None:
    platform.answers["createSession"] = failed(
        401, "AuthenticationRequired", "Invalid identifier or password"
    )
    assert poll(bluesky_source, now=noon) == 0
    kept = Credential.objects.get()
    assert kept.refused_at == noon
    assert "Invalid identifier or password" in kept.refusal
    assert "abcd" not in kept.refusal
