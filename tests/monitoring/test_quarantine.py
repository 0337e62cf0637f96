"""One bad post is set aside alone with its reason, and read again later; a platform in circles is stopped."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.models import Case
from cases.services import intake
from monitoring import keeping, polling
from monitoring.connectors.base import AuthorRef, Kind, Mention, Reactions, Rejected, SourceConfig
from monitoring.connectors.errors import Unreadable
from monitoring.keeping import AlreadySettled
from monitoring.models import Post, RejectedMention, Source, SourceDay
from monitoring.store import Stored
from tests.monitoring.conftest import Platform
from tests.monitoring.polls import again, page, poll, quiet
from tests.world import mention, open_desk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AT_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def posts(*numbers: int) -> list[Mention]:
    return [mention(n, at=AT_NOON) for n in numbers]


def bad(n: int = 13, **changes: Any) -> Mention:
    return replace(mention(n, at=AT_NOON), raw={"id": n}, **changes)


# ── poison ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (bad(posted_at=float("nan")), "its time is no time with a time zone"),
        (bad(posted_at=datetime(2026, 3, 2, 12, 0)), "its time is no time with a time zone"),
        (bad(posted_at=None), "its time is no time with a time zone"),
        (bad(canonical_id="x" * 501), "its canonical_id is longer than 500 characters"),
        (bad(canonical_id=""), "it has no id"),
        (bad(canonical_id=2**60), "its canonical_id is no text"),
        (bad(text=None), "its text is no text"),
        (bad(text="brandweer " * 10_001), "its text is longer than 100000 characters"),
        (bad(kind="post!"), "its kind is unknown"),
        (bad(reactions=Reactions(likes=-1)), "a count of it is no whole number"),
        (bad(reactions=Reactions(likes=2**63)), "a count of it is no whole number"),
        (bad(reactions=Reactions(views=float("nan"))), "a count of it is no whole number"),  # type: ignore[arg-type]
        (bad(reactions=None), "its counts are no counts"),
        (bad(author=AuthorRef("", "nobody")), "its author has no usable id"),
        (bad(author=AuthorRef("a" * 301, "long")), "its author has no usable id"),
        (bad(author=AuthorRef("a", None)), "its author's name is no text"),  # type: ignore[arg-type]
        (bad(author=AuthorRef("a", "b", followers=-1)), "its author's followers are no number"),
        (bad(posted_at=datetime.min.replace(tzinfo=UTC), text="brandweer"), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_post_that_cannot_be_stored_is_set_aside_alone_with_its_reason(
    poison: Mention, reason: str, source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(*posts(1), poison, *posts(2), read=1)]
    assert poll(source, now=noon) == (2 if reason else 3)
    assert (again(source).health, again(source).cursor) == ("working", {"read": 1})
    kept = [(each.reason, json.loads(each.raw)) for each in RejectedMention.objects.all()]
    assert kept == ([(reason, {"id": 13})] if reason else [])


def choke_on(*ids: str) -> Any:
    """Work upstairs that stumbles over some posts."""

    def on_page(stored: Stored, *, now: datetime) -> None:
        for post in stored.new:
            if post.mention.canonical_id in ids:
                raise KeyError(post.mention.canonical_id)

    return on_page


def test_posts_that_stop_the_work_are_found_among_the_others(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(*posts(*range(100)), read=1)]
    assert poll(source, now=noon, on_page=choke_on("m7", "m8", "m99")) == 97
    assert Post.objects.count() == 97
    reasons = set(RejectedMention.objects.values_list("reason", flat=True))
    assert reasons == {"it cannot be stored (KeyError)"}
    assert RejectedMention.objects.count() == 3


def test_a_page_of_which_nothing_can_be_stored_is_our_mistake_and_comes_again(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(*posts(1, 2, 3, 4), read=1)]
    with pytest.raises(keeping.NothingStored, match="None of the 4 posts"):
        poll(source, now=noon, on_page=choke_on("m1", "m2", "m3", "m4"))
    assert (again(source).health, again(source).cursor) == ("failing", {})
    assert not RejectedMention.objects.exists()
    assert poll(source, now=noon) == 4


def test_what_overlapping_polls_bring_again_is_set_aside_once(
    source: Source, platform: Platform, noon: datetime
) -> None:
    broken = Rejected('{"id": 1}', "no date")
    platform.pages = [page(bad(text=None), read=n, rejected=(broken, broken)) for n in (1, 2)]
    poll(source, now=noon)
    assert set(RejectedMention.objects.values_list("raw", flat=True)) == {'{"id": 1}', '{"id": 13}'}
    assert RejectedMention.objects.count() == 2


def test_entries_that_are_nothing_at_all_are_each_kept(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(read=1, rejected=(Rejected("null", "empty"), Rejected("null", "empty")))]
    poll(source, now=noon)
    assert RejectedMention.objects.count() == 2


# ── reading again ───────────────────────────────────────────────────────────
class Mended(Platform):
    """A platform whose posts can be read since its connector was mended."""

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        entry = json.loads(raw)
        if "id" not in entry:
            raise Unreadable("there is no id in it")
        return mention(entry["id"], entry.get("text", "De brandweer"), at=now)


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring.keeping.connector", lambda name: Mended())


def reject(source: Source, raw: str, *, now: datetime) -> int:
    return RejectedMention.objects.create(source=source, raw=raw, reason="no date", at=now).pk


def test_a_rejected_post_that_can_be_read_now_gets_its_case(
    mended: None, noon: datetime, tmp_path: Any
) -> None:
    desk = open_desk(noon, outbox=tmp_path)
    rejected_id = reject(desk.source, '{"id": 5}', now=noon)
    outcome = keeping.settle_rejected(rejected_id, on_page=intake.open_cases, now=noon + HOUR)
    assert outcome == "stored"
    assert Case.objects.get().post.canonical_id == "m5"
    kept = RejectedMention.objects.get()
    assert (kept.outcome, kept.settled_at) == ("stored", noon + HOUR)
    with pytest.raises(AlreadySettled):
        keeping.settle_rejected(rejected_id, on_page=intake.open_cases, now=noon + HOUR)
    assert Case.objects.count() == 1


def test_a_rejected_post_that_no_query_wants_is_dropped(mended: None, source: Source, noon: datetime) -> None:
    rejected_id = reject(source, '{"id": 5, "text": "taart"}', now=noon)
    assert keeping.settle_rejected(rejected_id, on_page=quiet, now=noon) == "dropped"
    assert not Post.objects.exists()


@pytest.mark.parametrize("raw", ["{}", '{"id": "' + "x" * 501 + '"}'], ids=["unreadable", "unusable"])
def test_what_still_cannot_be_read_stays_where_it_is(
    raw: str, mended: None, source: Source, noon: datetime
) -> None:
    rejected_id = reject(source, raw, now=noon)
    with pytest.raises(Unreadable):
        keeping.settle_rejected(rejected_id, on_page=quiet, now=noon)
    assert RejectedMention.objects.get().outcome == ""


def test_what_still_stops_the_work_stays_where_it_is(mended: None, source: Source, noon: datetime) -> None:
    rejected_id = reject(source, '{"id": 5}', now=noon)
    with pytest.raises(Unreadable, match="it cannot be stored"):
        keeping.settle_rejected(rejected_id, on_page=choke_on("m5"), now=noon)
    assert RejectedMention.objects.get().outcome == ""
    assert not Post.objects.exists()


def test_a_rejected_post_is_dropped_once(source: Source, noon: datetime) -> None:
    rejected_id = reject(source, "{}", now=noon)
    keeping.drop_rejected(rejected_id, now=noon)
    assert RejectedMention.objects.get().outcome == "dropped"
    with pytest.raises(AlreadySettled, match="was decided already"):
        keeping.drop_rejected(rejected_id, now=noon)


# ── circles and floods ──────────────────────────────────────────────────────
@pytest.mark.parametrize("places", [(1,), (1, 2, 3)], ids=["one place", "a circle"])
def test_a_platform_that_turns_in_circles_is_stopped_and_said_so(
    places: tuple[int, ...], source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(*posts(n), read=n, last=False) for n in places * 20]
    poll(source, now=noon)
    assert again(source).health == "failing"
    assert "it gave the same place in its list again and again" in again(source).error
    assert SourceDay.objects.get().n_read == len(places) * polling.MOST_REPEATS + 1
    assert Post.objects.count() == len(places)


def test_several_lists_without_news_are_no_circle(source: Source, platform: Platform, noon: datetime) -> None:
    platform.pages = [*(page(read=0, last=False) for _ in range(9)), page(*posts(1), read=1)]
    assert poll(source, now=noon) == 1
    assert again(source).health == "working"


def test_nothing_but_empty_pages_ends_the_poll_and_the_next_one_is_not_at_once(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(read=n, last=False) for n in range(1, 99)]
    poll(source, now=noon)
    kept = again(source)
    assert (kept.health, kept.cursor) == ("behind", {"read": polling.MOST_EMPTY_PAGES})
    assert kept.next_poll_at == noon + polling.AFTER_NOTHING


def test_a_connector_without_an_end_is_stopped_and_goes_on_next_time(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.pages = [page(*posts(n), read=n, last=False) for n in range(1, 99)]
    assert poll(source, now=noon) == polling.MOST_PAGES
    assert again(source).health == "behind"
    assert poll(source, now=noon) == 98 - polling.MOST_PAGES


def test_a_page_that_is_far_too_large_is_stored_in_pieces_and_repeated_after_a_crash(
    source: Source, platform: Platform, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MOST_AT_ONCE", 3)
    platform.pages = [page(*posts(*range(8)), read=1)]
    sizes: list[int] = []

    def dies(stored: Stored, *, now: datetime) -> None:
        sizes.append(len(stored.new))
        if len(sizes) == 3:
            raise SystemError("the machine stops")

    with pytest.raises(SystemError):
        poll(source, now=noon, on_page=dies)
    assert (sizes, Post.objects.count(), again(source).cursor) == ([3, 3, 2], 6, {})
    assert poll(source, now=noon) == 2
    assert Post.objects.count() == 8


# ── order, time and identity ────────────────────────────────────────────────
def test_repeated_unordered_back_dated_and_future_posts_are_one_case_each(
    platform: Platform, noon: datetime, tmp_path: Any
) -> None:
    desk = open_desk(noon, outbox=tmp_path)
    Source.objects.filter(pk=desk.source.pk).update(connector="paper")
    old, ahead = mention(2, at=noon - 999 * HOUR), mention(3, at=noon + 999 * HOUR)
    platform.pages = [
        page(ahead, old, *posts(1, 1), read=1, last=False),
        page(*posts(1, 4), old, read=2, last=False),
        page(read=3),
    ]
    poll(again(desk.source), now=noon, on_page=intake.open_cases)
    poll(again(desk.source), now=noon, on_page=intake.open_cases)
    cases = Case.objects.values_list("post__canonical_id", flat=True)
    assert sorted(cases) == ["m1", "m2", "m3", "m4"]
    assert again(desk.source).cursor == {"read": 3}


def test_ids_above_2_to_the_53_are_not_rounded_into_each_other(
    source: Source, platform: Platform, noon: datetime
) -> None:
    ids = [str(2**63 - 1), str(2**63 - 2), str(2**53 + 1), str(2**53)]
    platform.pages = [page(*(replace(mention(1, at=noon), canonical_id=each) for each in ids), read=1)]
    assert poll(source, now=noon) == 4
    assert set(Post.objects.values_list("canonical_id", flat=True)) == set(ids)


def test_boosts_are_reach_quotes_are_cases_and_no_missing_or_circling_parent_holds_anything_up(
    platform: Platform, noon: datetime, tmp_path: Any
) -> None:
    desk = open_desk(noon, outbox=tmp_path)
    Source.objects.filter(pk=desk.source.pk).update(connector="paper")

    def part(n: int, kind: Kind, **changes: str) -> Mention:
        return replace(mention(n, "Brandweer, let op", at=noon, kind=kind), **changes)  # type: ignore[arg-type]

    platform.pages = [
        page(
            part(1, Kind.BOOST, parent_id="m9"),
            part(2, Kind.QUOTE, parent_id="m9"),
            part(3, Kind.REPLY, parent_id="never seen", thread_id="never seen"),
            part(4, Kind.REPLY, parent_id="m5", thread_id="m5"),
            part(5, Kind.REPLY, parent_id="m4", thread_id="m4"),
            part(6, Kind.REPLY, parent_id="m6", thread_id="m6"),
            read=1,
        )
    ]
    assert poll(again(desk.source), now=noon, on_page=intake.open_cases) == 6
    cases = Case.objects.values_list("post__canonical_id", flat=True)
    assert sorted(cases) == ["m2", "m3", "m4", "m5", "m6"]
    assert Post.objects.get(canonical_id="m2").parent_id == "m9"
