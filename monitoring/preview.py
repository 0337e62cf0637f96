"""What a query would bring, before it is saved: a page from every source, and what is stored already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial

import structlog

from monitoring import usage
from monitoring.asking import Sessions, TooLate, ask_all
from monitoring.connectors.base import Budget, Page, SourceConfig
from monitoring.connectors.errors import Ended, NothingToRead, RateLimited, Refused, SourceError
from monitoring.connectors.registry import CONNECTORS
from monitoring.credentials import note_limit
from monitoring.hits import MOST_HITS, Hit, hits_in, shown, stored_hits
from monitoring.models import Source
from monitoring.queries.language import Query

log = structlog.get_logger(__name__)

LIMIT_S = 15.0
MOST_SOURCES = 12
FEWEST_HITS = 2
"""From one hit nothing can be said of how often there will be another."""

ONE_DAY = timedelta(days=1)
SHORTEST = timedelta(minutes=1)


class Said(StrEnum):
    """How a source answered."""

    ANSWERED = "answered"
    NOTHING = "nothing to ask"
    COSTS = "costs"  # it was not asked: that would have cost money
    SPENT = "spent"  # it was not asked: its budget of today is used up
    LIMITED = "limited"
    REFUSED = "refused"
    ENDED = "ended"
    TOO_LATE = "too late"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class SourcePreview:
    """What one source showed. Per day: None = cannot be said; `is_at_least`: it may well be more.

    `price` is the most that asking costs, in dollars; `dollars` what it did cost.
    """

    source_id: int
    name: str
    connector: str
    said: Said
    price: Decimal = Decimal(0)
    dollars: Decimal = Decimal(0)
    n_read: int = 0
    n_hits: int = 0
    since: datetime | None = None
    hits_per_day: float | None = None
    is_at_least: bool = False
    dollars_per_day: Decimal | None = None
    units_per_day: int | None = None
    hits: tuple[Hit, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it together. `stored`: newest hits among posts that are here already, `n_stored` of 30 days."""

    sources: tuple[SourcePreview, ...]
    hits: tuple[Hit, ...]
    stored: tuple[Hit, ...]
    n_stored: int
    hits_per_day: float | None
    is_at_least: bool
    dollars_per_day: Decimal | None
    price: Decimal
    dollars: Decimal


def preview(
    query: Query, sources: Sequence[Source], *, now: datetime, may_pay: bool = False, limit_s: float = LIMIT_S
) -> Preview:
    """Ask every source (at most twelve) for one page, and keep none of it.

    Together they get `limit_s` seconds. A source that costs money is asked only when `may_pay`; what
    was spent counts against its budget of the day.
    """
    asked = list(sources)[:MOST_SOURCES]
    shut = {source.pk: said for source in asked if (said := _shut(source, now=now, may_pay=may_pay))}
    open_sources = [source for source in asked if source.pk not in shut]
    sessions = Sessions()
    calls = [
        partial(_one_page, sessions.apart(source.config(terms=(query.text,))), source.connector, now=now)
        for source in open_sources
    ]
    answers = dict(zip((s.pk for s in open_sources), ask_all(calls, limit_s=limit_s), strict=True))
    sessions.write()
    parts = [
        _unasked(source, shut[source.pk])
        if source.pk in shut
        else _told(source, answers[source.pk], query, now=now)
        for source in asked
    ]
    return _together(parts, *stored_hits(query, now=now))


def price(source: Source) -> Decimal:
    """The most that a preview through this source costs, in dollars."""
    return CONNECTORS[source.connector].capabilities.cost_per_item * MOST_HITS


def _shut(source: Source, *, now: datetime, may_pay: bool) -> Said | None:
    """Why a source is not asked; None when it is."""
    keys = source.credential
    if source.connector not in CONNECTORS or (keys and keys.refused_at):
        return Said.REFUSED
    if keys and keys.limited_until and keys.limited_until > now:
        return Said.LIMITED
    if price(source) and not may_pay:
        return Said.COSTS
    try:
        left = usage.left_today(source, now=now)
    except usage.BudgetSpent:
        return Said.SPENT
    return Said.SPENT if left.max_cost is not None and left.max_cost < price(source) else None


def _one_page(config: SourceConfig, name: str, *, now: datetime) -> Page | None:
    """The first page from the start; None when there is none. In a thread: no database here."""
    per_item = CONNECTORS[name].capabilities.cost_per_item
    budget = Budget(max_pages=1, max_items=MOST_HITS, max_cost=per_item * MOST_HITS if per_item else None)
    return next(iter(CONNECTORS[name].poll(config, {}, budget, now=now)), None)


def _unasked(source: Source, said: Said) -> SourcePreview:
    costs = price(source) if source.connector in CONNECTORS else Decimal(0)
    return SourcePreview(source.pk, source.name, source.connector, said, price=costs)


def _told(source: Source, answer: Page | None | Exception, query: Query, *, now: datetime) -> SourcePreview:
    """What one answer comes to."""
    if answer is None:
        return _unasked(source, Said.NOTHING)
    if isinstance(answer, Exception):
        if isinstance(answer, RateLimited) and answer.until:
            note_limit(source, answer.until)
        return _unasked(source, _why(answer))
    asked: dict[str, int | Decimal] = {
        "n_read": len(answer.mentions),
        "units": answer.units,
        "dollars": answer.cost,
    }
    usage.count(source, asked, now=now)  # also when nothing of it is kept
    hits = hits_in(answer.mentions, query)
    span = _span(answer, now=now)
    per_read = CONNECTORS[source.connector].capabilities.cost_per_item
    cost = None if span is None else per_read * Decimal(len(answer.mentions) / span)
    return SourcePreview(
        source.pk,
        source.name,
        source.connector,
        Said.ANSWERED,
        price=price(source),
        dollars=answer.cost,
        n_read=len(answer.mentions),
        n_hits=len(hits),
        since=min((mention.posted_at for mention in answer.mentions), default=None),
        hits_per_day=len(hits) / span if span and len(hits) >= FEWEST_HITS else None,
        is_at_least=not answer.last,
        dollars_per_day=cost if per_read else Decimal(0),
        units_per_day=answer.units * int(ONE_DAY / timedelta(seconds=source.interval_s)),
        hits=tuple(shown(hits[:MOST_HITS], query)),
    )


def _span(page: Page, *, now: datetime) -> float | None:
    """How many days the posts of a page cover; None when they are too few to say.

    A page that is newest first reaches up to now, and so does one with nothing after it. One that
    starts with the oldest of many reaches no further than its newest post.
    """
    if len(page.mentions) < FEWEST_HITS:
        return None
    times = [mention.posted_at for mention in page.mentions]
    reaches_now = page.last or times[0] >= times[-1]
    span = (now if reaches_now else max(times)) - min(times)
    return max(span, SHORTEST) / ONE_DAY


def _together(parts: Sequence[SourcePreview], stored: list[Hit], n_stored: int) -> Preview:
    answered = [source for source in parts if source.said is Said.ANSWERED]
    known = [source.hits_per_day for source in answered if source.hits_per_day is not None]
    costs = [source.dollars_per_day for source in answered if source.dollars_per_day is not None]
    hits = sorted(
        (hit for source in parts for hit in source.hits), key=lambda hit: hit.posted_at, reverse=True
    )
    return Preview(
        sources=tuple(parts),
        hits=tuple(hits[:MOST_HITS]),
        stored=tuple(stored),
        n_stored=n_stored,
        hits_per_day=sum(known) if known else None,
        is_at_least=len(known) < len(parts) or any(source.is_at_least for source in answered),
        dollars_per_day=sum(costs, Decimal(0)) if costs else None,
        price=sum((s.price for s in parts if s.said is Said.COSTS), Decimal(0)),
        dollars=sum((source.dollars for source in parts), Decimal(0)),
    )


def _why(error: Exception) -> Said:
    for kind, said in (
        (TooLate, Said.TOO_LATE),
        (RateLimited, Said.LIMITED),
        (Refused, Said.REFUSED),
        (Ended, Said.ENDED),
        (NothingToRead, Said.NOTHING),
        (SourceError, Said.UNAVAILABLE),
    ):
        if isinstance(error, kind):
            return said
    # Ours to mend, and still a source that shows nothing.
    log.error("preview_failed", error=type(error).__name__)
    return Said.UNAVAILABLE
