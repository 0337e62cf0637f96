"""A preview: what a query would bring, how often, and what that costs; nothing of it is kept."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from monitoring.connectors import registry
from monitoring.connectors.base import Budget, Capabilities, Cursor, Mention, Page, SourceConfig
from monitoring.connectors.errors import (
    CredentialRefused,
    Ended,
    NothingToRead,
    RateLimited,
    SourceError,
    Unavailable,
)
from monitoring.models import Credential, Post, Source, SourceDay
from monitoring.preview import Preview, Said, SourcePreview, preview
from monitoring.queries.language import parse
from monitoring.store import upsert_posts
from tests.monitoring.conftest import Platform
from tests.world import mention

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Square(Platform):
    """A platform on paper that notes with which budget it is asked."""

    name: str = "square"
    capabilities: Capabilities = Capabilities(search=True)
    budgets: list[Budget] = field(default_factory=list)

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        self.budgets.append(budget)
        return super().poll(source, cursor, budget, now=now)


@pytest.fixture
def square(monkeypatch: pytest.MonkeyPatch) -> Square:
    found = Square()
    monkeypatch.setitem(registry.CONNECTORS, found.name, found)
    return found


@pytest.fixture
def source(db: None, noon: datetime) -> Source:
    return Source.objects.create(name="plein", connector="square", interval_s=3600, next_poll_at=noon)


def posts(
    n: int, noon: datetime, *, every: timedelta, text: str = "brand aan de kade"
) -> tuple[Mention, ...]:
    """`n` posts, newest first, the newest one step before noon."""
    return tuple(mention(i, text, at=noon - (i + 1) * every) for i in range(n))


def look(source: Source, noon: datetime, query: str = "brand", **more: bool | float) -> Preview:
    return preview(parse(query), [source], now=noon, **more)  # type: ignore[arg-type]


def only(found: Preview) -> SourcePreview:
    (part,) = found.sources
    return part


def test_the_newest_hits_are_shown_with_what_was_asked_for_and_nothing_is_kept(
    square: Square, source: Source, noon: datetime
) -> None:
    other = mention("x", "een zwembad", at=noon)
    square.pages = [Page((*posts(3, noon, every=HOUR), other), {"read": 1})]
    found = look(source, noon)
    assert [hit.posted_at for hit in found.hits] == [noon - HOUR, noon - 2 * HOUR, noon - 3 * HOUR]
    assert found.hits[0].pieces == (("brand", True), (" aan de kade", False))
    assert (only(found).n_hits, only(found).n_read) == (3, 4)
    assert not Post.objects.exists()
    source.refresh_from_db()
    assert source.cursor == {}
    assert square.asked == [(("brand",), {})]
    assert (square.budgets[0].max_pages, square.budgets[0].max_items) == (1, 20)


def test_a_page_with_nothing_after_it_says_how_many_posts_a_day(
    square: Square, source: Source, noon: datetime
) -> None:
    square.pages = [Page(posts(4, noon, every=6 * HOUR), {}, last=True)]
    found = look(source, noon)
    assert (found.hits_per_day, found.is_at_least) == (4.0, False)
    assert only(found).units_per_day == 24  # one page every hour


def test_with_more_behind_it_a_page_says_the_least(square: Square, source: Source, noon: datetime) -> None:
    square.pages = [Page(posts(20, noon, every=HOUR), {}, last=False)]
    assert (look(source, noon).hits_per_day, look(source, noon).is_at_least) == (24.0, True)


def test_a_page_that_begins_with_the_oldest_reaches_no_further_than_its_newest_post(
    square: Square, source: Source, noon: datetime
) -> None:
    old = tuple(mention(i, "brand", at=noon - 9 * DAY + i * HOUR) for i in range(25))
    square.pages = [Page(old, {}, last=False)]
    assert look(source, noon).hits_per_day == 25.0


@pytest.mark.parametrize("n", [0, 1])
def test_of_too_few_hits_nothing_is_claimed(square: Square, source: Source, noon: datetime, n: int) -> None:
    square.pages = [Page(posts(n, noon, every=HOUR), {})]
    found = look(source, noon)
    assert (found.hits_per_day, found.is_at_least) == (None, True)


def test_what_is_read_is_paid_for_also_what_is_no_hit(square: Square, source: Source, noon: datetime) -> None:
    square.capabilities = Capabilities(search=True, cost_per_item=Decimal("0.005"))
    mixed = (*posts(5, noon, every=HOUR), *posts(10, noon, every=HOUR, text="zwembad")[5:])
    square.pages = [Page(mixed, {}, cost=Decimal("0.05"), units=2)]
    found = look(source, noon, may_pay=True)
    assert found.hits_per_day == 12.0
    assert found.dollars_per_day == Decimal("0.12")
    assert found.dollars == Decimal("0.05")
    spent = SourceDay.objects.get()
    assert (spent.dollars, spent.units, spent.n_read) == (Decimal("0.05"), 2, 10)


def test_what_costs_money_is_asked_only_when_somebody_said_so(
    square: Square, source: Source, noon: datetime
) -> None:
    square.capabilities = Capabilities(search=True, cost_per_item=Decimal("0.005"))
    found = look(source, noon)
    assert (only(found).said, found.price) == (Said.COSTS, Decimal("0.1"))
    assert square.asked == []
    look(source, noon, may_pay=True)
    assert square.budgets[0].max_cost == Decimal("0.1")


@pytest.mark.parametrize(
    "budget", [{"dollars_per_day": Decimal("0.2")}, {"units_per_day": 5}], ids=["dollars", "units"]
)
def test_a_preview_stays_within_the_budget_of_the_day(
    square: Square, source: Source, noon: datetime, budget: dict[str, object]
) -> None:
    square.capabilities = Capabilities(search=True, cost_per_item=Decimal("0.005"))
    Source.objects.update(**budget)
    SourceDay.objects.create(source=source, day=noon.date(), dollars=Decimal("0.15"), units=5)
    source.refresh_from_db()
    assert only(look(source, noon, may_pay=True)).said is Said.SPENT
    assert square.asked == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (RateLimited(None), Said.LIMITED),
        (CredentialRefused("401"), Said.REFUSED),
        (Ended("410"), Said.ENDED),
        (NothingToRead("no query"), Said.NOTHING),
        (Unavailable("503"), Said.UNAVAILABLE),
        (None, Said.NOTHING),
    ],
    ids=["429", "401", "410", "nothing", "503", "no page"],
)
def test_a_source_that_shows_nothing_says_why(
    square: Square, source: Source, noon: datetime, trouble: SourceError | None, said: Said
) -> None:
    square.trouble = trouble
    assert only(look(source, noon)).said is said


def test_keys_that_must_wait_or_are_refused_are_not_used(
    square: Square, source: Source, noon: datetime
) -> None:
    keys = Credential(name="k", connector="square", sealed="…", changed_at=noon, limited_until=noon + HOUR)
    source.credential = keys
    assert only(look(source, noon)).said is Said.LIMITED
    keys.limited_until, keys.refused_at = noon, noon
    assert only(look(source, noon)).said is Said.REFUSED
    assert square.asked == []


def test_keys_that_were_told_to_wait_wait_for_polls_as_well(
    square: Square, source: Source, noon: datetime
) -> None:
    source.credential = Credential.objects.create(name="k", connector="square", sealed="…", changed_at=noon)
    source.save()
    square.trouble = RateLimited(noon + HOUR)
    assert only(look(source, noon)).said is Said.LIMITED
    assert Credential.objects.get().limited_until == noon + HOUR


def test_one_source_that_does_not_answer_holds_up_no_other(
    square: Square, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    class Silent(Square):
        def poll(
            self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime
        ) -> Iterator[Page]:
            done.wait(20)
            return iter(())

    monkeypatch.setitem(registry.CONNECTORS, "silent", Silent(name="silent"))
    slow = Source.objects.create(name="stil", connector="silent", next_poll_at=noon)
    square.pages = [Page(posts(2, noon, every=HOUR), {})]
    try:
        found = preview(parse("brand"), [slow, source], now=noon, limit_s=0.2)
    finally:
        done.set()
    assert [part.said for part in found.sources] == [Said.TOO_LATE, Said.ANSWERED]
    assert (len(found.hits), found.is_at_least) == (2, True)


def test_posts_that_are_here_already_are_counted_over_thirty_days(
    square: Square, source: Source, noon: datetime
) -> None:
    upsert_posts(
        [
            mention("new", "grote brand aan de kade", at=noon - DAY),
            mention("old", "brand op de kade", at=noon - 40 * DAY),
            mention("no", "brand, maar een oefening aan de kade", at=noon),
        ],
        now=noon,
    )
    found = look(source, noon, "brand kade -oefening")
    assert ([hit.posted_at for hit in found.stored], found.n_stored) == ([noon - DAY, noon - 40 * DAY], 1)
    assert look(source, noon, "from:authornew").n_stored == 1
    assert look(source, noon, '"grote brand" NEAR/9 kade').n_stored == 1
    assert look(source, noon, "lang:nl platform:x").n_stored == 2


def test_a_post_that_is_gone_is_not_shown(square: Square, source: Source, noon: datetime) -> None:
    upsert_posts([mention(1, "brand", at=noon)], now=noon)
    Post.objects.update(gone_at=noon)
    assert look(source, noon).stored == ()
