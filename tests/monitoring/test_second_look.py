"""What a poll, a look-up and a reply must not do beside their work: lose, double, tell or overspend."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.services import capturing
from monitoring import credentials, keeping, polling, refresh, replies, trial
from monitoring.connectors import registry
from monitoring.connectors.base import (
    Capabilities,
    Gone,
    Live,
    Mention,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import CredentialRefused, Refused
from monitoring.models import Credential, Post, PostVersion, RejectedMention, Source, SourceDay
from monitoring.refresh import Upstairs
from monitoring.resolving import Resolved
from monitoring.sealing import without_secrets
from monitoring.store import Stored, upsert_posts
from tests.monitoring.conftest import Platform
from tests.monitoring.polls import again, page, poll, quiet
from tests.world import mention, open_desk

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Answer = Live | Gone | Unknown


def nothing_kept(*_: Any, **__: Any) -> Sequence[int]:
    return ()


ALONE = Upstairs(quiet, nothing_kept, nothing_kept)


class Broken(Exception):
    """Something nobody foresaw."""


class Talking(Platform):
    """A platform that looks posts up, reads conversations and takes replies, or refuses to."""

    capabilities = Capabilities(refresh=True, thread=True, reply=True)
    refusal: Exception | None = None
    no_thread: Exception | None = None
    read: Sequence[str] = ()

    def refresh(self, source: SourceConfig, ids: Sequence[str], *, now: datetime) -> dict[str, Answer]:
        if self.refusal:
            raise self.refusal
        self.read = [*self.read, *ids]
        return {each: Live(mention(each.removeprefix("m"), at=now)) for each in ids}

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        if self.no_thread:
            raise self.no_thread
        return ()

    def can_reply(self, source: SourceConfig, mention: Mention, visibility: Visibility = "public") -> Yes:
        return Yes()

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        assert self.refusal is not None
        raise self.refusal


@pytest.fixture
def talking(source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> Talking:
    on_paper = Talking(secret_names=("token",))
    monkeypatch.setitem(registry.CONNECTORS, on_paper.name, on_paper)
    kept = credentials.change("ours", platform="paper", secrets={"token": "hush-hush"}, now=noon - HOUR)
    Source.objects.filter(pk=source.pk).update(credential=kept)
    return on_paper


def look(source: Source, *, now: datetime, watched: Sequence[int] = ()) -> int:
    Source.objects.filter(pk=source.pk).update(next_refresh_at=now)
    taken = refresh.take_source(source.pk, now=now)
    assert taken is not None
    return refresh.refresh(taken, watched=watched, upstairs=ALONE, now=now)


def stored(source: Source | None, *mentions: Mention, now: datetime) -> list[int]:
    found = upsert_posts(mentions, now=now, source_id=source.pk if source else None)
    return [post.id for post in found.new]


# ── keys ───────────────────────────────────────────────────────────────────
def test_a_mistake_of_ours_in_looking_up_tells_no_secret(
    talking: Talking, source: Source, noon: datetime
) -> None:
    stored(source, mention(1, at=noon), now=noon)
    talking.refusal = Broken("token=hush-hush")
    with pytest.raises(Exception, match="its words are not shown"):
        look(source, now=noon + HOUR)


def test_a_secret_is_hidden_as_it_stands_in_an_address_too() -> None:
    said = "no answer from /feed?access_token=12%7Cab%2Bc and 12|ab+c"
    assert (
        without_secrets(said, {"token": "12|ab+c"})
        == "no answer from /feed?access_token=[secret] and [secret]"
    )


def test_keys_that_are_refused_twice_at_once_are_refused_since_the_first_time(
    talking: Talking, source: Source, noon: datetime
) -> None:
    held = again(source)
    credentials.note_refusal(held, "401", now=noon)
    credentials.note_refusal(held, "401", now=noon + MINUTE)
    assert Credential.objects.get().refused_at == noon


# ── looking up ──────────────────────────────────────────────────────────────
def test_a_gone_post_comes_back_through_another_source_that_heard_it(
    talking: Talking, source: Source, noon: datetime
) -> None:
    other = Source.objects.create(name="other", connector="paper", next_poll_at=noon)
    stored(other, mention(1, at=noon), now=noon)
    Post.objects.update(gone_at=noon, text="")
    talking.pages = [page(mention(1, at=noon), read=1)]
    poll(source, now=noon)
    look(source, now=noon + MINUTE)
    assert Post.objects.get().gone_at is None
    assert again(source).refreshed["again"] == []


def test_one_conversation_that_cannot_be_read_holds_up_no_other_look_up(
    talking: Talking, source: Source, noon: datetime
) -> None:
    [post_id] = stored(source, mention(1, at=noon), now=noon)
    talking.no_thread = Refused("this conversation is closed")
    assert look(source, now=noon + MINUTE, watched=[post_id]) == 1


def test_a_conversation_is_read_only_when_all_of_it_can_be_paid(
    talking: Talking, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = Capabilities(thread=True, cost_per_item=Decimal("0.005"))
    monkeypatch.setattr(Talking, "capabilities", paid)
    Source.objects.filter(pk=source.pk).update(dollars_per_day=Decimal("0.10"))
    [post_id] = stored(source, mention(1, at=noon), now=noon)
    talking.no_thread = Broken("it was asked")
    look(source, now=noon + HOUR, watched=[post_id])


# ── polling ─────────────────────────────────────────────────────────────────
def test_a_page_that_was_paid_and_cannot_be_stored_counts_against_the_budget(
    source: Source, platform: Platform, noon: datetime
) -> None:
    def breaks(found: Stored, *, now: datetime) -> None:
        raise Broken

    platform.pages = [page(mention(1, at=noon), read=1, cost=Decimal("0.5"), units=7)]
    with pytest.raises(Broken):
        poll(source, now=noon, on_page=breaks)
    day = SourceDay.objects.get()
    assert (day.dollars, day.units, day.n_read) == (Decimal("0.5"), 7, 0)


def test_a_large_page_that_breaks_off_repeats_no_page_before_it(
    source: Source, platform: Platform, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MOST_AT_ONCE", 2)
    seen: list[Stored] = []

    def breaks(found: Stored, *, now: datetime) -> None:
        seen.append(found)
        if len(seen) == 3:
            raise Broken

    platform.pages = [
        page(mention(1, at=noon), read=1, last=False),
        page(*(mention(n, at=noon) for n in (2, 3, 4)), read=2),
    ]
    with pytest.raises(Broken):
        poll(source, now=noon, on_page=breaks)
    assert again(source).cursor == {"read": 1}


def test_an_edit_that_takes_our_words_out_is_kept_as_an_edit(
    source: Source, platform: Platform, noon: datetime
) -> None:
    first = mention(1, at=noon)
    platform.pages = [page(first, read=1), page(replace(first, text="Taart!", version="2"), read=2)]
    poll(source, now=noon)
    assert (Post.objects.get().text, PostVersion.objects.get().text) == ("Taart!", first.text)


def test_what_was_set_aside_and_stored_later_stands_nowhere_else(
    source: Source, platform: Platform, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = RejectedMention.objects.create(source=source, raw='{"text": "Geheim"}', reason="odd", at=noon)
    monkeypatch.setattr(Platform, "normalise", lambda *_, **__: mention(1, at=noon), raising=False)
    assert keeping.settle_rejected(kept.pk, on_page=quiet, now=noon) == "stored"
    kept.refresh_from_db()
    assert kept.raw == ""


def test_a_test_of_a_source_keeps_to_its_budget(source: Source, platform: Platform, noon: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(units_per_day=1)
    platform.pages = [page(mention(1, at=noon), read=1)]
    said = [trial.try_out(again(source), now=noon).said for _ in range(2)]
    assert (said, len(platform.asked)) == (["answered", "limited"], 1)


# ── capture ─────────────────────────────────────────────────────────────────
def test_a_captured_post_has_a_language_as_a_polled_one(noon: datetime, tmp_path: Any) -> None:
    desk = open_desk(noon, outbox=tmp_path)
    text = "De brandweer is met groot materieel uitgerukt voor een brand in de haven van de stad"
    found = Resolved(replace(mention(9, text, at=noon), language=""), desk.source.pk)
    typed = replace(mention(10, at=noon), platform="manual")
    case_id, _ = capturing.capture_resolved(found, typed, by=desk.officer, now=noon)
    assert Post.objects.get(pk=case_id).language == "nl"


# ── replies ─────────────────────────────────────────────────────────────────
def test_keys_that_are_refused_in_sending_stop_their_sources(
    talking: Talking, source: Source, noon: datetime
) -> None:
    stored(source, mention(1, at=noon), now=noon)
    talking.refusal = CredentialRefused("401 for hush-hush")
    post = Post.objects.select_related("source__credential", "author").get()
    outcome = replies.send(post, "Dank je", "public", key="k", look_first=False, now=noon)
    kept = Credential.objects.get()
    assert isinstance(outcome, replies.Failed)
    assert (kept.refused_at, "hush" in kept.refusal, "hush" in outcome.reason) == (noon, False, False)
    assert polling.due_sources(now=noon) == []


def test_a_mistake_of_ours_in_sending_tells_no_secret(
    talking: Talking, source: Source, noon: datetime
) -> None:
    stored(source, mention(1, at=noon), now=noon)
    talking.refusal = Broken("token=hush-hush")
    post = Post.objects.select_related("source__credential", "author").get()
    with pytest.raises(Exception, match="its words are not shown") as fault:
        replies.send(post, "Dank je", "public", key="k", look_first=False, now=noon)
    assert "hush" not in str(fault.value)
