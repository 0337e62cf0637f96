"""A post of our own to everybody leaves from our account, and is found again after a try in the dark."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitoring.connectors.base import Reply, SourceConfig
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.bluesky.sending import record_key
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.registry import CONNECTORS
from monitoring.connectors.replay import ReplayConnector
from monitoring.connectors.x import XConnector
from tests.monitoring.connectors.test_bluesky import US, FakeBluesky
from tests.monitoring.connectors.test_bluesky import source as bluesky_source
from tests.monitoring.connectors.test_mastodon import NOW, TAGGED, FakeMastodon
from tests.monitoring.connectors.test_x import KEYS, FakeX, answer
from tests.monitoring.connectors.test_x import source as x_source

OURS = Reply("", "Het water is veilig. Meer op https://vr.example/water", "public", since=NOW)


def test_mastodon_takes_a_post_without_a_parent_and_without_a_handle() -> None:
    platform = FakeMastodon([])
    connector = MastodonConnector(platform)
    sent = connector.publish(TAGGED, OURS, key="k")
    assert connector.publish(TAGGED, OURS, key="k") == sent
    assert [made["content"] for made in platform.posted] == [f"<p>{OURS.text}</p>"]
    assert not platform.posted[0]["in_reply_to_id"]


def test_mastodon_finds_our_post_and_takes_no_older_one_for_it() -> None:
    connector = MastodonConnector(FakeMastodon([]))
    assert connector.find_reply(TAGGED, "k", OURS) is None
    sent = connector.publish(TAGGED, OURS, key="k")
    assert connector.find_reply(TAGGED, "k", replace(OURS, since=NOW - timedelta(days=30000))) == sent
    assert connector.find_reply(TAGGED, "k", replace(OURS, since=NOW + timedelta(days=9000))) is None


def test_bluesky_writes_a_record_without_a_reply_under_our_key() -> None:
    stands = {"uri": f"at://{US}/app.bsky.feed.post/{record_key('k')}", "cid": "c", "value": {"text": "x"}}
    platform = FakeBluesky(putRecord=stands, getRecord=stands)
    connector = BlueskyConnector(platform)
    sent = connector.publish(bluesky_source(), OURS, key="k")
    asked = dict(platform.asked)["putRecord"]
    assert "reply" not in asked["record"]
    assert (asked["repo"], asked["rkey"], asked["swapRecord"]) == (US, record_key("k"), None)
    assert connector.find_reply(bluesky_source(), "k", OURS) == sent


def test_x_takes_a_post_without_a_parent() -> None:
    platform = FakeX(other=lambda request: answer({"data": {"id": "77", "text": "x"}}, 201))
    sent = XConnector(platform).publish(x_source(secrets=KEYS), OURS, key="k")
    assert sent.url == "https://x.com/i/status/77"
    assert json.loads(platform.requests[0].body) == {"text": OURS.text}


def test_the_replay_keeps_one_post_under_a_key(tmp_path: Path) -> None:
    config = SourceConfig(1, "oefening", {"incident": "loswal", "outbox": str(tmp_path)})
    connector = ReplayConnector()
    sent = connector.publish(config, OURS, key="k")
    assert connector.publish(config, OURS, key="k") == sent == connector.find_reply(config, "k", OURS)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_only_platforms_that_we_reply_on_take_posts_of_our_own(name: str) -> None:
    can = CONNECTORS[name].capabilities
    assert can.post_needs is None or (can.reply and set(can.post_needs) <= set(CONNECTORS[name].secret_names))
