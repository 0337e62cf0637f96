"""Polling one source: network outside, then one transaction a page."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from monitoring import blindness, bulk, credentials, usage
from monitoring.connectors.base import Budget, Cursor, Page
from monitoring.connectors.errors import (
    CredentialRefused,
    NothingToRead,
    RateLimited,
    SourceError,
    Unavailable,
)
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.connectors.plain import clean
from monitoring.connectors.registry import UnknownConnector, connector
from monitoring.keeping import OnPage, keep
from monitoring.models import Query, Source
from monitoring.resting import health_after, jittered
from monitoring.sealing import HiddenFault, is_safe, without_secrets
from monitoring.usage import BudgetSpent

MOST_PAGES = 50
"""A poll ends here whatever its connector makes of its budget; the next one goes on."""

MOST_EMPTY_PAGES = 20
"""So many in a row, and still "more": the poll ends, and the next one is not at once."""

MOST_REPEATS = 3
"""A place in a list that comes more often than this, each time with posts: the platform turns in circles."""

AFTER_NOTHING = timedelta(minutes=1)
"""How soon a source is asked again that has more and gave nothing."""

MOST_AT_ONCE = 1000
"""A larger page is stored in pieces, so that no transaction holds the database for long."""


class LeaseLost(Exception):
    """Another worker has taken the source over: this page is rolled back and comes again there."""

    def __init__(self, source_id: int) -> None:
        super().__init__(source_id)
        self.source_id = source_id

    def __str__(self) -> str:
        return f"Source {self.source_id} was taken over by another worker; its page is read again there."


def due_sources(*, now: datetime) -> list[int]:
    """Sources to poll now, longest due first; not those whose keys are refused or asked to wait."""
    return list(
        Source.objects.filter(credentials.are_open(now=now), is_enabled=True, next_poll_at__lte=now)
        .exclude(connector__in=NEVER_POLLED)
        .order_by("next_poll_at")
        .values_list("pk", flat=True)
    )


def take_source(source_id: int, *, now: datetime) -> Source | None:
    """Take a due source by a conditional UPDATE; None when somebody else has it, or it is not due."""
    found = Source.objects.select_related("credential").filter(credentials.are_open(now=now), pk=source_id)
    source = found.first()
    if source is None:
        return None
    lease = now + timedelta(seconds=settings.LEASE_S)
    due = Source.objects.filter(pk=source_id, is_enabled=True, next_poll_at__lte=now)
    if not due.update(next_poll_at=lease):
        return None
    if source.last_success_at and blindness.is_late(source, now=now):
        blindness.open_spell(source, blindness.NOT_POLLED, now=now)
    return Source.objects.select_related("credential").get(pk=source_id)


@dataclass(slots=True)
class _Reading:
    """One poll under way: what was read so far, and what is still allowed."""

    source: Source
    queries: Sequence[Query]
    key: str
    on_page: OnPage
    now: datetime
    budget: Budget = Budget()
    n_new: int = 0
    n_pages: int = 0
    n_empty: int = 0
    is_behind: bool = False
    next_at: datetime | None = None
    quota: dict[str, Any] = field(default_factory=dict)
    n_read: int = 0
    places: Counter[str] = field(default_factory=Counter)
    unstored: Page | None = None


def poll(source: Source, *, on_page: OnPage, now: datetime) -> int:
    """Poll a source that was taken; returns how many new posts were stored.

    A source's own trouble (429, time-out, refusal) is recorded on the source and sets its next
    due time; it never raises. A crash repeats a page and never skips one, because the cursor
    moves in the transaction that stores the page.
    """
    queries = list(source.queries.listening(now=now).order_by("pk"))
    reading = _Reading(source, queries, _cursor_key(queries), on_page, now)
    try:
        _read(reading)
    except LeaseLost:
        _count_unstored(reading)
        return reading.n_new
    except (SourceError, UnknownConnector) as error:
        _record_failure(reading, error)
        return reading.n_new
    except (OperationalError, InterfaceError):
        # The database's trouble (away, a deadlock), not the source's: it comes again with the lease.
        raise
    except Exception as error:
        # Ours to mend, and still a source that gives nothing: its page says so, the log says why.
        _record_failure(reading, Unavailable(f"unexpected {type(error).__name__}"))
        if is_safe(error, source.config().secrets):
            raise
        raise HiddenFault(type(error).__name__) from None
    _record_success(reading)
    return reading.n_new


def _read(reading: _Reading) -> None:
    """Read and store page after page, until the platform has no more or somebody says stop."""
    source, now = reading.source, reading.now
    reading.budget = usage.left_today(source, now=now)
    cursor = _cursor(reading)
    config = source.config(terms=tuple(query.terms for query in reading.queries))
    for page in connector(source.connector).poll(config, cursor, reading.budget, now=now):
        reading.unstored = page
        _store_page(reading, page)
        reading.unstored = None
        reading.next_at, reading.is_behind = page.next_at, not page.last
        if page.quota:
            resets_at = page.quota.resets_at
            reading.quota = asdict(page.quota) | {"resets_at": resets_at.isoformat() if resets_at else None}
        reading.budget = usage.less(reading.budget, page)
        if not page.last:
            _refuse_circles(reading, page)
            usage.refuse_spent(source, reading.budget, now=now)
        if reading.n_pages >= MOST_PAGES or reading.n_empty >= MOST_EMPTY_PAGES:
            break


def _cursor(reading: _Reading) -> Cursor:
    """Where to go on. Other terms start anew, but not in lists of what is addressed to us.

    How far those were read has nothing to do with the terms; a connector that has them beside its
    searches says which part of the cursor that is (`own_part`).
    """
    source = reading.source
    kept: Cursor = source.cursor
    if source.cursor_key != reading.key:
        own_part = getattr(connector(source.connector), "own_part", None)
        kept = own_part(kept) if own_part else {}
    return kept


def _refuse_circles(reading: _Reading, page: Page) -> None:
    """Raises Unavailable when a platform gives the same stretch again and again, with "more" behind it."""
    if not page.mentions:  # nothing new in one of several lists, perhaps: its place need not move
        reading.n_empty += not page.rejected
        return
    reading.n_empty = 0
    place = bulk.encoded(dict(page.cursor))
    reading.places[place] += 1
    if reading.places[place] > MOST_REPEATS:
        raise Unavailable("it gave the same place in its list again and again")


def _store_page(reading: _Reading, page: Page) -> None:
    """Store a page, in pieces when it is very large; the cursor moves with the last piece."""
    source, now = reading.source, reading.now
    pieces = [page.mentions[n : n + MOST_AT_ONCE] for n in range(0, len(page.mentions), MOST_AT_ONCE)] or [()]
    n_new = 0
    for mentions in pieces[:-1]:
        with transaction.atomic():
            piece = keep(source, Page(mentions, {}), reading.queries, on_page=reading.on_page, now=now)
            move_cursor(source, source.cursor, source.cursor_key)  # still ours, and not further yet
        n_new += len(piece.new)
    last = Page(pieces[-1], page.cursor, page.rejected)
    with transaction.atomic():
        stored = keep(source, last, reading.queries, on_page=reading.on_page, now=now)
        blindness.note_gaps(source, page.gaps, now=now)
        counted = {
            "n_polls": 0 if reading.n_pages else 1,
            "n_read": len(page.mentions) + len(page.rejected),
            "n_new": n_new + len(stored.new),
            "units": page.units,
            "dollars": page.cost,
        }
        usage.count(source, counted, now=now)
        move_cursor(source, page.cursor, reading.key)
    source.cursor, source.cursor_key = dict(page.cursor), reading.key
    reading.n_new += n_new + len(stored.new)
    reading.n_read += len(page.mentions) + len(page.rejected)
    reading.n_pages += 1


def move_cursor(source: Source, cursor: Cursor, key: str) -> None:
    """Say how far a source was read, while it is still ours: `next_poll_at` is the lease we took.

    Raises LeaseLost when another worker has it.
    """
    row = (bulk.encoded(dict(cursor)), key, source.pk, source.next_poll_at)
    if not bulk.update(Source, ("cursor", "cursor_key"), [row], by=("id", "next_poll_at")):
        raise LeaseLost(source.pk)


def _record_success(reading: _Reading) -> None:
    source, now = reading.source, reading.now
    interval = timedelta(seconds=source.interval_s)
    due_at = reading.next_at or now + jittered(interval)
    if reading.is_behind:
        due_at = now if reading.n_read else now + min(interval, AFTER_NOTHING)
    if not reading.n_pages:
        usage.count(source, {"n_polls": 1}, now=now)
    if not reading.is_behind:
        blindness.end_spells([source.pk], now=now)
    _release(
        reading,
        next_poll_at=due_at,
        health=Source.Health.BEHIND if reading.is_behind else Source.Health.WORKING,
        last_success_at=now,
        error="",
        n_failures=0,
    )


def _record_failure(reading: _Reading, error: Exception) -> None:
    source, now = reading.source, reading.now
    health, next_at = health_after(error, source, now=now)
    said = clean(without_secrets(str(error), source.config().secrets))
    is_blind = health in (Source.Health.LIMITED, Source.Health.FAILING, Source.Health.REFUSED)
    is_failure = not isinstance(error, NothingToRead | BudgetSpent)
    counted = {"n_polls": 0 if reading.n_pages else 1, "n_failed": int(is_failure)}
    with transaction.atomic():
        usage.count(source, counted, now=now)
        _count_unstored(reading)
        if isinstance(error, CredentialRefused):
            credentials.note_refusal(source, said, now=now)
        if isinstance(error, RateLimited):
            credentials.note_limit(source, next_at)
        if is_blind:
            blindness.open_spell(source, said, now=now)
        _release(
            reading,
            next_poll_at=next_at,
            health=health,
            # A person may have switched the source off meanwhile: a poll never switches one on.
            **({"is_enabled": False} if health is Source.Health.ENDED else {}),
            error=said[:500],
            error_at=now,
            n_failures=F("n_failures") + 1 if is_failure else 0,
        )


def _count_unstored(reading: _Reading) -> None:
    """A page that was read and not stored has been paid all the same."""
    if page := reading.unstored:
        usage.count(reading.source, {"units": page.units, "dollars": page.cost}, now=reading.now)


def _release(reading: _Reading, **changes: Any) -> None:
    source = reading.source
    if reading.quota:
        changes["quota"] = reading.quota
    Source.objects.filter(pk=source.pk, next_poll_at=source.next_poll_at).update(**changes)


def _cursor_key(queries: Sequence[Query]) -> str:
    """A fingerprint of what was asked: other terms start a new cursor."""
    return hashlib.sha256("\n".join(query.terms for query in queries).encode()).hexdigest()
