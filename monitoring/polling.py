"""Polling one source: network outside, then one transaction a page."""

import hashlib
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from monitoring import bulk
from monitoring.connectors.base import (
    Budget,
    Cursor,
    Ended,
    Mention,
    NothingToRead,
    Page,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
)
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.connectors.plain import clean
from monitoring.connectors.registry import UnknownConnector, connector
from monitoring.models import Query, RejectedMention, Source
from monitoring.queries import terms
from monitoring.store import Key, Stored, known_keys, upsert_posts

WITHOUT_WORD = timedelta(minutes=15)
"""How long a source rests after a 429 that names no time, and the most after any failure."""

ONE_DAY = timedelta(days=1)


class OnPage(Protocol):
    def __call__(self, stored: Stored, *, now: datetime) -> object: ...


class LeaseLost(Exception):
    """Another worker has taken the source over: this page is rolled back and comes again there."""

    def __init__(self, source_id: int) -> None:
        super().__init__(source_id)
        self.source_id = source_id

    def __str__(self) -> str:
        return f"Source {self.source_id} was taken over by another worker; its page is read again there."


def due_sources(*, now: datetime) -> list[int]:
    return list(
        Source.objects.filter(is_enabled=True, next_poll_at__lte=now)
        .exclude(connector__in=NEVER_POLLED)
        .order_by("next_poll_at")
        .values_list("pk", flat=True)
    )


def take_source(source_id: int, *, now: datetime) -> Source | None:
    """Take a due source by a conditional UPDATE; None when somebody else has it, or it is not due."""
    lease = now + timedelta(seconds=settings.LEASE_S)
    due = Source.objects.filter(pk=source_id, is_enabled=True, next_poll_at__lte=now)
    return Source.objects.get(pk=source_id) if due.update(next_poll_at=lease) else None


def poll(source: Source, *, on_page: OnPage, now: datetime) -> int:
    """Poll a source that was taken; returns how many new posts were stored.

    A source's own trouble (429, time-out, refusal) is recorded on the source and sets its next
    due time; it never raises. A crash repeats a page and never skips one, because the cursor
    moves in the transaction that stores the page.
    """
    queries = list(source.queries.listening(now=now).order_by("pk"))
    key = _cursor_key(queries)
    cursor: Cursor = source.cursor if source.cursor_key == key else {}
    config = source.config(terms=tuple(query.terms for query in queries))
    n_new = 0
    next_at, is_behind = None, False
    try:
        for page in connector(source.connector).poll(config, cursor, Budget(), now=now):
            n_new += _store_page(source, page, queries, key, on_page=on_page, now=now)
            next_at, is_behind = page.next_at, not page.last
    except LeaseLost:
        return n_new
    except (SourceError, UnknownConnector) as error:
        _record_failure(source, error, now=now)
        return n_new
    except (OperationalError, InterfaceError):
        # The database's trouble (away, a deadlock), not the source's: it comes again with the lease.
        raise
    except Exception as error:
        # Ours to mend, and still a source that gives nothing: its page says so, the log says why.
        _record_failure(source, Unavailable(f"unexpected {type(error).__name__}"), now=now)
        raise
    due_at = next_at or now + _jittered(timedelta(seconds=source.interval_s))
    _release(
        source,
        next_poll_at=now if is_behind else due_at,
        health=Source.Health.BEHIND if is_behind else Source.Health.WORKING,
        last_success_at=now,
        error="",
        n_failures=0,
    )
    return n_new


def _store_page(
    source: Source, page: Page, queries: Sequence[Query], key: str, *, on_page: OnPage, now: datetime
) -> int:
    with transaction.atomic():
        stored = keep(source, page, queries, on_page=on_page, now=now)
        move_cursor(source, page.cursor, key)
    return len(stored.new)


def keep(source: Source, page: Page, queries: Sequence[Query], *, on_page: OnPage, now: datetime) -> Stored:
    """Store what is wanted of a page and set aside what could not be read, in the caller's transaction."""
    wanted, matched = _matching(page.mentions, queries)
    stored = upsert_posts(wanted, now=now, source_id=source.pk, queries=matched)
    on_page(stored, now=now)
    RejectedMention.objects.bulk_create(
        RejectedMention(source=source, raw=clean(r.raw), reason=clean(r.reason)[:500], at=now)
        for r in page.rejected
    )
    return stored


def _matching(
    mentions: Sequence[Mention], queries: Sequence[Query]
) -> tuple[list[Mention], dict[Key, Collection[int]]]:
    """The mentions to keep, and which queries each matched.

    Kept is what matches a query, what is addressed to us, and every reply in a conversation
    that we keep already (people who join in seldom repeat its words); no other mention is.
    """
    parsed = [(query.pk, terms.parse(query.terms)) for query in queries]
    matched: dict[Key, Collection[int]] = {}
    joining: dict[Key, Key] = {}
    for mention in mentions:
        key = (mention.platform, mention.canonical_id)
        hits = [pk for pk, parsed_terms in parsed if terms.matches(parsed_terms, mention.text)]
        if hits or mention.is_addressed:
            matched[key] = hits
        elif mention.thread_id not in ("", mention.canonical_id):
            joining[key] = (mention.platform, mention.thread_id)
    known = known_keys(set(joining.values())) | matched.keys() if joining else set()
    matched |= {key: () for key, thread in joining.items() if thread in known}
    return [m for m in mentions if (m.platform, m.canonical_id) in matched], matched


def move_cursor(source: Source, cursor: Cursor, key: str) -> None:
    """Say how far a source was read, while it is still ours: `next_poll_at` is the lease we took.

    Raises LeaseLost when another worker has it.
    """
    row = (bulk.encoded(dict(cursor)), key, source.pk, source.next_poll_at)
    if not bulk.update(Source, ("cursor", "cursor_key"), [row], by=("id", "next_poll_at")):
        raise LeaseLost(source.pk)


def _release(source: Source, **changes: object) -> None:
    Source.objects.filter(pk=source.pk, next_poll_at=source.next_poll_at).update(**changes)


def _record_failure(source: Source, error: Exception, *, now: datetime) -> None:
    health, next_at = _after(error, source, now=now)
    # A person may have switched the source off meanwhile: a poll never switches one on.
    ended = {"is_enabled": False} if health is Source.Health.ENDED else {}
    _release(
        source,
        next_poll_at=next_at,
        health=health,
        **ended,
        error=str(error)[:500],
        error_at=now,
        n_failures=0 if health is Source.Health.WAITING else F("n_failures") + 1,
    )


def _after(error: Exception, source: Source, *, now: datetime) -> tuple[Source.Health, datetime]:
    """How a source stands after an error, and when it is tried again."""
    if isinstance(error, NothingToRead):
        return Source.Health.WAITING, now + _jittered(timedelta(seconds=source.interval_s))
    if isinstance(error, RateLimited):
        until = error.until if error.until and error.until > now else now + WITHOUT_WORD
        return Source.Health.LIMITED, min(until, now + ONE_DAY)
    if isinstance(error, Ended):
        return Source.Health.ENDED, now + ONE_DAY
    if isinstance(error, Refused | UnknownConnector):
        return Source.Health.REFUSED, now + ONE_DAY
    wait = min(timedelta(seconds=15 * 2 ** min(source.n_failures, 10)), WITHOUT_WORD)
    return Source.Health.FAILING, now + _jittered(wait)


def _jittered(wait: timedelta, chance: Callable[[], float] = random.random) -> timedelta:
    """Up to a tenth longer, so that sources that failed together do not come back together."""
    return wait * (1 + 0.1 * chance())


def _cursor_key(queries: Sequence[Query]) -> str:
    """A fingerprint of what was asked: other terms start a new cursor."""
    return hashlib.sha256("\n".join(query.terms for query in queries).encode()).hexdigest()
