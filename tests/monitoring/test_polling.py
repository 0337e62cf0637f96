"""Polling: pages repeat after a crash and never go missing, and trouble is told on the source."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.models import AuditEvent, Case, User
from cases.services import intake
from monitoring import polling
from monitoring.connectors.base import Cursor, Kind, Page, Rejected
from monitoring.connectors.errors import Ended, NothingToRead, RateLimited, Refused, SourceError, Unavailable
from monitoring.models import Post, PostMatch, Query, RejectedMention, Source
from monitoring.store import Stored
from tests.monitoring.conftest import Platform, listen
from tests.monitoring.polls import again, page, poll, quiet
from tests.world import Desk, mention, open_desk

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=120)


# ── taking a source ─────────────────────────────────────────────────────────
def test_a_due_source_is_taken_once(source: Source, noon: datetime) -> None:
    assert polling.due_sources(now=noon) == [source.pk]
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None and taken.next_poll_at == noon + LEASE
    assert polling.take_source(source.pk, now=noon) is None
    assert polling.due_sources(now=noon) == []


def test_a_source_whose_worker_died_is_free_again_after_the_lease(source: Source, noon: datetime) -> None:
    polling.take_source(source.pk, now=noon)
    assert polling.due_sources(now=noon + LEASE - timedelta(seconds=1)) == []
    assert polling.due_sources(now=noon + LEASE) == [source.pk]


def test_a_source_that_is_off_or_not_due_is_left_alone(source: Source, noon: datetime) -> None:
    assert polling.take_source(source.pk, now=noon - timedelta(seconds=1)) is None
    Source.objects.update(is_enabled=False)
    assert polling.due_sources(now=noon) == []
    assert polling.take_source(source.pk, now=noon) is None


# ── pages ───────────────────────────────────────────────────────────────────
def test_every_page_is_stored_with_the_cursor_that_follows_it(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), read=1), page(mention(2, at=noon), read=2)]
    assert poll(source, now=noon) == 2
    kept = again(source)
    assert (kept.cursor, kept.health, kept.last_success_at, kept.error) == ({"read": 2}, "working", noon, "")
    later = noon + timedelta(minutes=5)
    assert later <= kept.next_poll_at <= later + timedelta(seconds=30)


def test_the_next_poll_goes_on_from_the_cursor(source: Source, platform: Platform, noon: datetime) -> None:
    platform.pages = [page(mention(1, at=noon), read=1)]
    poll(source, now=noon)
    platform.pages = [*platform.pages, page(mention(2, at=noon), read=2)]
    assert poll(source, now=noon + LEASE) == 1
    assert [cursor for _, cursor in platform.asked] == [{}, {"read": 1}]


def test_a_platform_that_names_its_time_is_asked_then(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(read=1, next_at=noon + timedelta(hours=3))]
    poll(source, now=noon)
    assert again(source).next_poll_at == noon + timedelta(hours=3)


def test_a_poll_that_stopped_before_the_end_goes_on_at_once_and_is_said_to_be_behind(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), read=1, last=False)]
    poll(source, now=noon)
    assert (again(source).health, again(source).next_poll_at) == ("behind", noon)
    assert polling.due_sources(now=noon) == [source.pk]
    platform.pages = [*platform.pages, page(mention(2, at=noon), read=2)]
    assert poll(source, now=noon) == 1
    assert (again(source).health, polling.due_sources(now=noon)) == ("working", [])


def test_what_matches_no_query_is_not_kept(source: Source, platform: Platform, noon: datetime) -> None:
    platform.pages = [page(mention(1, "Taart gebakken", at=noon), mention(2, at=noon), read=1)]
    assert poll(source, now=noon) == 1
    assert Post.objects.get().canonical_id == "m2"


def test_a_reply_in_a_conversation_that_is_kept_is_kept_whatever_its_words(
    source: Source, platform: Platform, noon: datetime
) -> None:
    first = mention(1, "De brandweer bij de Loswal", at=noon)
    joins = mention(2, "Schande!", at=noon, thread="m1", kind=Kind.REPLY)
    elsewhere = mention(3, "Ook schande!", at=noon, thread="m9", kind=Kind.REPLY)
    later = mention(4, "Precies.", at=noon, thread="m1", kind=Kind.REPLY)
    platform.pages = [page(first, joins, elsewhere, read=1), page(later, read=2)]
    assert poll(source, now=noon) == 3
    assert set(Post.objects.values_list("canonical_id", flat=True)) == {"m1", "m2", "m4"}
    assert PostMatch.objects.count() == 1


def test_a_post_that_matches_two_queries_is_one_post_with_two_matches(
    source: Source, platform: Platform, query: Query, owner: User, noon: datetime
) -> None:
    other = listen(owner, "the quay", "loswal", now=noon)
    source.queries.add(other)
    platform.pages = [page(mention(1, "Brandweer bij de Loswal", at=noon), read=1)]
    assert poll(source, now=noon) == 1
    assert set(PostMatch.objects.values_list("query", flat=True)) == {query.pk, other.pk}


def test_one_bad_entry_is_kept_aside_and_the_page_goes_on(
    source: Source, platform: Platform, noon: datetime
) -> None:
    rejected = (Rejected(raw="<item>", reason="r" * 900),)
    platform.pages = [page(mention(1, at=noon), read=1, rejected=rejected)]
    assert poll(source, now=noon) == 1
    kept = RejectedMention.objects.get()
    assert (kept.raw, len(kept.reason), kept.source, kept.at) == ("<item>", 500, source, noon)


@pytest.mark.parametrize("nasty", ["\x00", "\ud83d"], ids=["NUL", "surrogate"])
def test_nasty_text_holds_no_page_up(nasty: str, source: Source, platform: Platform, noon: datetime) -> None:
    rejected = (Rejected(raw=f"<i{nasty}>", reason=f"why{nasty}"),)
    platform.pages = [page(mention(1, f"brandweer{nasty}", at=noon), read=1, rejected=rejected)]
    assert poll(source, now=noon) == 1
    assert again(source).health == "working"
    assert RejectedMention.objects.get().raw == "<i>"


# ── crashes ─────────────────────────────────────────────────────────────────
class Crash(Exception):
    """A worker that stops halfway."""


def crash_at(n: int) -> Callable[..., None]:
    """Stops after the posts of page `n` are written and before its cursor is."""
    seen = []

    def on_page(stored: Stored, *, now: datetime) -> None:
        seen.append(stored)
        if len(seen) == n:
            raise Crash

    return on_page


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_crash_between_posts_and_cursor_repeats_the_page_and_skips_none(
    n: int, source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(mention(i, at=noon), mention(f"{i}b", at=noon), read=i) for i in (1, 2, 3)]
    with pytest.raises(Crash):
        poll(source, now=noon, on_page=crash_at(n))
    assert Post.objects.count() == 2 * (n - 1)
    assert again(source).cursor.get("read", 0) == n - 1
    assert poll(source, now=noon + LEASE) == 2 * (4 - n)
    assert Post.objects.count() == 6
    assert again(source).cursor == {"read": 3}


def test_a_mistake_of_ours_is_told_on_the_source_and_in_the_log(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), read=1)]
    with pytest.raises(Crash):
        poll(source, now=noon, on_page=crash_at(1))
    assert (again(source).health, again(source).n_failures) == ("failing", 1)
    assert "unexpected Crash" in again(source).error


def test_a_worker_that_lost_its_lease_stores_nothing_of_that_page(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), read=1), page(mention(2, at=noon), read=2)]
    pages = []

    def slow(stored: Stored, *, now: datetime) -> None:
        pages.append(stored)
        if len(pages) == 2:  # the lease ran out meanwhile, and another worker took the source
            Source.objects.filter(pk=source.pk).update(next_poll_at=noon + 3 * LEASE)

    assert poll(source, now=noon, on_page=slow) == 1
    assert list(Post.objects.values_list("canonical_id", flat=True)) == ["m1"]
    assert again(source).cursor == {"read": 1}


def test_a_worker_that_lost_its_lease_does_not_free_the_other_ones(
    source: Source, platform: Platform, noon: datetime
) -> None:
    Source.objects.filter(pk=source.pk).update(next_poll_at=noon)
    old = polling.take_source(source.pk, now=noon)
    new = polling.take_source(source.pk, now=noon + LEASE)
    assert old is not None and new is not None
    platform.trouble = Unavailable("slow")
    polling.poll(old, on_page=quiet, now=noon + LEASE)
    assert again(source).next_poll_at == new.next_poll_at
    assert again(source).health == "waiting"


# ── trouble ─────────────────────────────────────────────────────────────────
HOUR = timedelta(hours=1)
AT_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trouble", "health", "rests", "is_enabled"),
    [
        (RateLimited(AT_NOON + HOUR), "limited", HOUR, True),
        (RateLimited(None), "limited", HOUR / 4, True),
        (RateLimited(AT_NOON - HOUR), "limited", HOUR / 4, True),
        (RateLimited(AT_NOON + 900 * HOUR), "limited", 24 * HOUR, True),
        (Refused("401"), "refused", 24 * HOUR, True),
        (Ended("410"), "ended", 24 * HOUR, False),
    ],
)
def test_trouble_is_told_on_the_source_with_the_time_of_the_next_try(
    trouble: SourceError,
    health: str,
    rests: timedelta,
    is_enabled: bool,
    source: Source,
    platform: Platform,
    noon: datetime,
) -> None:
    platform.trouble = trouble
    assert poll(source, now=noon) == 0
    kept = again(source)
    assert (kept.health, kept.is_enabled, kept.error) == (health, is_enabled, str(trouble))
    assert (kept.next_poll_at, kept.error_at, kept.n_failures) == (noon + rests, noon, 1)


def test_a_source_that_no_query_asks_waits_and_is_in_no_trouble(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = NothingToRead("no terms")
    poll(source, now=noon)
    kept = again(source)
    assert (kept.health, kept.n_failures, kept.error) == ("waiting", 0, str(platform.trouble))
    assert kept.next_poll_at <= noon + timedelta(minutes=6)


def test_a_source_without_an_answer_is_tried_less_and_less_often(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = Unavailable("time-out")
    waits = []
    for _ in range(12):
        poll(source, now=noon)
        waits.append(again(source).next_poll_at - noon)
    assert again(source).health == "failing"
    assert timedelta(seconds=15) <= waits[0] <= timedelta(seconds=17)
    assert timedelta(minutes=15) <= waits[-1] <= timedelta(minutes=17)


def test_a_failed_poll_does_not_switch_on_what_was_switched_off_meanwhile(
    source: Source, platform: Platform, noon: datetime
) -> None:
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    Source.objects.filter(pk=source.pk).update(is_enabled=False)
    platform.trouble = Unavailable("time-out")
    polling.poll(taken, on_page=quiet, now=noon)
    assert (again(source).is_enabled, again(source).health) == (False, "failing")


def test_pages_read_before_the_trouble_are_kept(source: Source, platform: Platform, noon: datetime) -> None:
    platform.pages = [page(mention(1, at=noon), read=1)]
    platform.trouble = RateLimited(None)
    assert poll(source, now=noon) == 1
    assert (again(source).cursor, again(source).health) == ({"read": 1}, "limited")


def test_a_source_that_answers_again_is_well(source: Source, platform: Platform, noon: datetime) -> None:
    platform.trouble = Unavailable("time-out")
    poll(source, now=noon)
    platform.trouble = None
    poll(source, now=noon + HOUR)
    kept = again(source)
    assert (kept.health, kept.error, kept.n_failures) == ("working", "", 0)
    assert (kept.last_success_at, kept.error_at) == (noon + HOUR, noon)


def test_a_connector_that_is_not_there_is_named_with_those_that_are(source: Source, noon: datetime) -> None:
    Source.objects.update(connector="telex")
    poll(source, now=noon)
    assert again(source).health == "refused"
    assert again(source).error.startswith('There is no connector "telex"; there are: ')


# ── queries ─────────────────────────────────────────────────────────────────
def test_an_edited_query_starts_the_cursor_anew_and_doubles_nothing(
    source: Source, platform: Platform, query: Query, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), mention(2, "Rook op de kade", at=noon), read=1)]
    assert poll(source, now=noon) == 1
    Query.objects.filter(pk=query.pk).update(terms="brandweer, kade")
    assert poll(source, now=noon + LEASE) == 1
    assert platform.asked == [
        (("brandweer, loswal",), {}),
        (("brandweer, kade",), {}),
    ]
    assert Post.objects.count() == 2


def test_an_edited_query_leaves_how_far_our_own_mentions_were_read(
    source: Source, platform: Platform, query: Query, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own_part(platform: Platform, cursor: Cursor) -> Cursor:
        return {name: cursor[name] for name in cursor if name == "mentions"}

    monkeypatch.setattr(Platform, "own_part", own_part, raising=False)
    platform.pages = [Page((), {"read": 1, "mentions": 7})]
    poll(source, now=noon)
    Query.objects.filter(pk=query.pk).update(terms="kade")
    poll(source, now=noon + LEASE)
    assert platform.asked[-1] == (("kade",), {"mentions": 7})


def test_only_queries_within_their_period_are_asked(
    source: Source, platform: Platform, query: Query, noon: datetime
) -> None:
    platform.pages = [page(mention(1, at=noon), read=1)]
    assert poll(source, now=query.starts_at - timedelta(seconds=1)) == 0
    assert poll(source, now=query.ends_at) == 0
    assert [terms for terms, _ in platform.asked] == [(), ()]
    assert not Post.objects.exists()
    assert poll(source, now=query.ends_at - timedelta(seconds=1)) == 1


def test_a_source_reads_only_its_own_queries(
    source: Source, platform: Platform, owner: User, noon: datetime
) -> None:
    listen(owner, "somebody else's", "taart", now=noon)
    poll(source, now=noon)
    assert platform.asked[0][0] == ("brandweer, loswal",)


# ── with the work upstairs ──────────────────────────────────────────────────
def test_the_demo_incident_is_polled_in_bits_and_every_post_is_heard_once(
    noon: datetime, tmp_path: Any
) -> None:
    desk = open_desk(noon, outbox=tmp_path)
    heard = sum(desk.poll(now=noon + timedelta(minutes=minutes)) for minutes in (10, 11, 45, 600))
    cases = Case.objects.count()
    assert heard == Post.objects.count()
    assert cases == Post.objects.exclude(kind=Kind.BOOST).count()
    assert heard == _polled_at_once(desk, now=noon + timedelta(minutes=600))
    assert AuditEvent.objects.filter(action="opened").count() == cases


def _polled_at_once(desk: Desk, *, now: datetime) -> int:
    """How many posts a second run of the same incident brings in one poll."""
    settings = desk.source.settings | {"run": "again"}
    source = Source.objects.create(name="again", connector="replay", settings=settings, next_poll_at=now)
    source.queries.add(desk.query)
    return sum(poll(source, now=now) for _ in range(2))


def test_a_crash_in_intake_leaves_no_post_without_a_case(noon: datetime, tmp_path: Any) -> None:
    desk = open_desk(noon, outbox=tmp_path)

    def fails(stored: Stored, *, now: datetime) -> None:
        intake.open_cases(stored, now=now)
        raise Crash

    with pytest.raises(Crash):
        poll(desk.source, now=noon + timedelta(minutes=30), on_page=fails)
    assert not Post.objects.exists()
    assert not Case.objects.exists()
    assert not AuditEvent.objects.exists()
    assert poll(desk.source, now=noon + timedelta(minutes=35), on_page=intake.open_cases) > 0
