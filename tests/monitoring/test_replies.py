"""Sending a reply through the connector a post came by: every way it can end."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitoring import credentials, replies, store
from monitoring.connectors.base import Kind, No, Yes
from monitoring.models import Credential, Post, Source
from monitoring.replies import Arrived, Failed, NotNow
from monitoring.store import upsert_posts
from tests.world import mention

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def post(db: None, outbox: Path, noon: datetime) -> Post:
    """A post from a practice source that takes replies."""
    source = Source.objects.create(
        name="practice", connector="replay", settings={"outbox": str(outbox)}, next_poll_at=noon
    )
    upsert_posts([mention(1, at=noon)], now=noon, source_id=source.pk)
    return Post.objects.select_related("source", "author").get()


def with_settings(post: Post, **settings: Any) -> Post:
    assert post.source is not None
    post.source.settings = post.source.settings | settings
    return post


def send(post: Post, text: str = "Dank je wel", *, look_first: bool = False) -> replies.Outcome:
    return replies.send(post, text, "public", key="key-1", look_first=look_first, now=post.fetched_at)


def said(outbox: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in outbox.glob("*.json")]


def test_a_reply_that_arrives_has_an_address(post: Post, outbox: Path) -> None:
    outcome = send(post)
    assert isinstance(outcome, Arrived)
    (record,) = said(outbox)
    assert (record["text"], record["parent_id"], record["visibility"]) == ("Dank je wel", "m1", "public")
    assert outcome.url == record["url"]


def test_a_direct_reply_is_seen_by_one(post: Post, outbox: Path) -> None:
    replies.send(post, "Bel ons", "direct", key="key-1", look_first=False, now=post.fetched_at)
    assert said(outbox)[0]["visibility"] == "direct"


def test_what_was_sent_under_a_key_is_found_and_not_sent_again(post: Post, outbox: Path) -> None:
    first = send(post)
    again = send(with_settings(post, fail="publish_failed"), look_first=True)
    assert again == first
    assert len(said(outbox)) == 1


def test_what_is_looked_for_and_not_found_is_sent(post: Post, outbox: Path) -> None:
    assert isinstance(send(post, look_first=True), Arrived)
    assert len(said(outbox)) == 1


def test_an_outcome_in_the_dark_is_not_a_failure(post: Post) -> None:
    outcome = send(with_settings(post, fail="publish_unknown"))
    assert isinstance(outcome, NotNow)
    assert outcome.reason.startswith("It is not known whether the reply arrived")


def test_a_refused_reply_is_a_failure_with_its_reason(post: Post, outbox: Path) -> None:
    outcome = send(with_settings(post, fail="publish_failed"))
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("The reply was not sent:")
    assert said(outbox) == []


def test_a_reply_longer_than_the_platform_takes_is_measured_and_refused(post: Post) -> None:
    assert replies.measure(post, "x" * 501) == (500, 501)
    assert isinstance(send(post, "x" * 501), Failed)


def test_a_direct_message_is_held_to_its_own_length_and_to_the_days_its_platform_gives(
    post: Post, noon: datetime
) -> None:
    assert post.source is not None
    post.source.connector = "facebook"
    assert replies.measure(post, "één", "direct") == (2000, 3)
    assert replies.measure(post, "één") == (8000, 3)
    assert replies.measure(post, "één", "elsewhere") == (8000, 3)
    post.source.connector = "instagram"
    assert replies.measure(post, "één", "direct") == (1000, 5)
    post.source.settings = {"page_id": "1000", "ig_user_id": "2000"}
    kept = credentials.change("ours", platform="instagram", secrets={"page_token": "t"}, now=noon)
    post.source.credential, post.canonical_id = kept, "610"
    week = timedelta(days=7)
    assert replies.can_reply(post, "direct", now=post.posted_at + week) == Yes()
    late = replies.can_reply(post, "direct", now=post.posted_at + week + timedelta(minutes=1))
    assert isinstance(late, No) and "7 days" in late.reason
    assert replies.can_reply(post, now=post.posted_at + 2 * week) == Yes()
    assert replies.can_reply(post, "direct") == Yes()


def test_a_post_without_a_source_is_answered_where_it_stands(post: Post) -> None:
    post.source = None
    allowed = replies.can_reply(post)
    assert isinstance(allowed, No) and allowed.intent_url == post.url
    assert replies.measure(post, "x" * 9000) == (None, 9000)
    assert isinstance(send(post), Failed)


def test_a_boost_cannot_be_answered(post: Post) -> None:
    assert replies.can_reply(post) == Yes()
    post.kind = Kind.BOOST
    assert isinstance(replies.can_reply(post), No)


def test_the_mention_a_connector_sees_is_the_post_as_stored(post: Post, noon: datetime) -> None:
    seen = store.mention_of(post)
    assert (seen.canonical_id, seen.text, seen.thread_id, seen.posted_at) == ("m1", post.text, "m1", noon)
    assert seen.author is not None and seen.author.handle == "author1"
    post.author = None
    assert store.mention_of(post).author is None


def test_a_post_that_is_gone_is_not_answered(post: Post, noon: datetime) -> None:
    post.gone_at = noon
    allowed = replies.can_reply(post)
    assert isinstance(allowed, No)
    assert (allowed.reason, allowed.intent_url) == ("The post is gone from its platform", "")


def test_keys_that_do_not_open_are_a_reason_and_no_crash(
    post: Post, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Credential.objects.create(name="ours", connector="x", sealed="broken", changed_at=noon)
    assert post.source is not None
    post.source.connector, post.source.credential = "x", kept
    allowed = replies.can_reply(post)
    assert isinstance(allowed, No)
    assert "CREDENTIAL_KEYS" in allowed.reason
