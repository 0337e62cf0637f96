"""The audit trail: one event per act, in the transaction of the act, chained per subject.

Chained per subject and not over all, so that two officers at two cases never wait for each
other; a periodic checkpoint chains the newest hash of every subject that changed, so that a
removed or shortened chain is found as well (docs/decisions/0002-audit-chains.md).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Max

from cases.models import AuditCheckpoint, AuditEvent, User, case_subject
from cases.rules import chain
from cases.rules.chain import Finding, Head
from monitoring import bulk

LATEST = timedelta(minutes=5)
"""No transaction takes longer to commit what it numbered: so far back a checkpoint looks again."""

_origin: ContextVar[str] = ContextVar("origin", default="web")
_batch: ContextVar[str] = ContextVar("batch", default="")


subject_of = case_subject


@contextmanager
def acting_through(origin: str) -> Iterator[None]:
    """What people do inside this block came in by another door than the pages (the API)."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def acting_on_many(batch: str) -> Iterator[None]:
    """What is written inside this block was done to many cases at once: every event carries the word."""
    token = _batch.set(batch)
    try:
        yield
    finally:
        _batch.reset(token)


def batch() -> str:
    """The word of what is being done to many cases at once; "" when nothing is."""
    return _batch.get()


def step() -> transaction.Atomic:
    """A transaction for a step of an act; of an act on many cases each case has one savepoint for all."""
    return transaction.atomic(savepoint=not batch())


def append(
    subject: str,
    action: str,
    *,
    by: User | None,
    now: datetime,
    result: str = "done",
    facts: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write the next event of a subject. The caller holds the lock on the subject's own row.

    Without that lock two writers would take the same number; the database then refuses the
    second and its whole transaction. `by` is None when a rule acted (origin becomes "rule").
    """
    of_subject = AuditEvent.objects.filter(subject=subject).order_by("-seq")
    seq, previous = of_subject.values_list("seq", "hash").first() or (0, "")
    event = AuditEvent(
        subject=subject,
        seq=seq + 1,
        action=action,
        result=result,
        origin=_origin.get() if by else "rule",
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "",
        at=now,
        facts=dict(facts or {}) | ({"batch": batch()} if batch() else {}),
        previous_hash=previous,
    )
    event.hash = chain.event_hash(event)
    event.save(force_insert=True)
    return event


def append_first(
    subjects_and_facts: Iterable[tuple[str, Mapping[str, Any]]], action: str, *, now: datetime
) -> None:
    """Write event 1 of many new subjects at once (the intake of a page of posts)."""
    _append_many(((subject, facts, 0, "") for subject, facts in subjects_and_facts), action, now=now)


def append_next(
    facts_by_subject: Mapping[str, Mapping[str, Any]],
    action: str,
    *,
    now: datetime,
    by: User | None = None,
) -> None:
    """Write the next event of many subjects at once. The caller holds the locks on their own rows."""
    last: dict[str, tuple[int, str]] = {}
    keys = [(subject,) for subject in facts_by_subject]
    for subject, seq, hashed in bulk.find(AuditEvent, ("subject", "seq", "hash"), by=("subject",), keys=keys):
        last[subject] = max(last.get(subject, (0, "")), (seq, hashed))
    follows = ((subject, facts, *last.get(subject, (0, ""))) for subject, facts in facts_by_subject.items())
    _append_many(follows, action, now=now, by=by)


def _append_many(
    follows: Iterable[tuple[str, Mapping[str, Any], int, str]],
    action: str,
    *,
    now: datetime,
    by: User | None = None,
) -> None:
    """Write events; `follows` gives subject, facts, and the last event's number and hash."""
    actor = (_origin.get(), by.pk, str(by)) if by else ("rule", None, "")
    head, at = (action, "done", *actor), chain.moment(now)
    shared = {"batch": batch()} if batch() else {}
    middle = chain.canonical(head)[1:-1]
    rows = []
    for subject, facts, seq, previous in follows:
        written = bulk.encoded(dict(facts) | shared if shared else facts, chain.canonical)
        # What `event_hash` hashes, put together from the facts as they are stored.
        text = f'[{chain.FORMAT},{chain.canonical(subject)},{seq + 1},{middle},"{at}",{written},"{previous}"]'
        hashed = chain.hashed(text)
        rows.append((subject, seq + 1, *head, now, written, previous, hashed))
    bulk.insert(AuditEvent, _COLUMNS, rows)


def checkpoint(*, now: datetime) -> AuditCheckpoint | None:
    """Chain the heads of all subjects with events since the last checkpoint; None without news.

    One at a time: two that followed the same one would fork the chain.
    """
    with transaction.atomic():
        _hold_checkpoints()
        points = AuditCheckpoint.objects.order_by("-pk")
        last = points.first()
        # From one that is old enough: an event numbered earlier may have committed later.
        earlier = points.filter(at__lte=now - LATEST).first()
        newest = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"]
        if newest is None or (last and newest == last.last_event_id):
            return None
        fresh = AuditEvent.objects.filter(pk__lte=newest, pk__gt=earlier.last_event_id if earlier else 0)
        rows = fresh.order_by("subject", "seq").values_list("subject", "seq", "hash")
        heads = {subject: [seq, hashed] for subject, seq, hashed in rows.iterator()}
        point = AuditCheckpoint(
            last_event_id=newest, heads=heads, at=now, previous_hash=last.hash if last else ""
        )
        point.hash = chain.point_hash(point)
        point.save(force_insert=True)
    return point


def _hold_checkpoints() -> None:
    """Keep other writers of checkpoints waiting until this transaction ends; readers go on."""
    if connection.vendor == "postgresql":  # on SQLite who writes holds the whole database
        table = connection.ops.quote_name(AuditCheckpoint._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


class Trail(Protocol):
    """A trail to verify: the stored one, or a copy of it."""

    def events(self) -> Iterable[chain.EventRow]:
        """All events, by subject and number."""

    def points(self) -> Iterable[chain.PointRow]:
        """All checkpoints, in the order in which they were made."""

    def stored(self, keys: Sequence[chain.Key]) -> Mapping[chain.Key, str]:
        """The hashes of the events with these subjects and numbers."""

    def covered(self, hashed: str) -> int | None:
        """How many events the checkpoint with this hash covers; None when there is no such checkpoint."""


class StoredTrail:
    """The trail in the database, a part of it in memory at a time. `each` is called once an event."""

    def __init__(self, each: Callable[[], object] = lambda: None) -> None:
        self.each = each

    def events(self) -> Iterator[AuditEvent]:
        for event in AuditEvent.objects.order_by("subject", "seq").iterator(chunk_size=1000):
            self.each()
            yield event

    def points(self) -> Iterator[AuditCheckpoint]:
        return AuditCheckpoint.objects.order_by("pk").iterator(chunk_size=1)

    def stored(self, keys: Sequence[chain.Key]) -> dict[chain.Key, str]:
        rows = bulk.find(AuditEvent, ("subject", "seq", "hash"), by=("subject", "seq"), keys=keys)
        return {(subject, seq): hashed for subject, seq, hashed in rows}

    def covered(self, hashed: str) -> int | None:
        point = AuditCheckpoint.objects.filter(hash=hashed).first()
        return _count(point) if point else None


def verify() -> list[Finding]:
    """Every place where the stored trail does not hold; empty when all does."""
    return list(findings(StoredTrail()))


def findings(trail: Trail, *, published: Sequence[Head] = ()) -> Iterator[Finding]:
    """Every place where an event was changed, removed, reordered or cut off; none when all holds.

    `published`: heads that were kept outside. Who rebuilds the whole trail, checkpoints too, is found
    by those only (docs/audit.md).
    """
    yield from chain.event_findings(trail.events())
    yield from chain.point_findings(trail.points(), trail.stored)
    for head in published:
        yield from chain.published_findings(head, n_events=trail.covered(head.hash))


def head(*, now: datetime) -> Head | None:
    """What can be published of the trail as it is now, sealed first; None for an empty trail."""
    checkpoint(now=now)
    return newest_head()


def newest_head() -> Head | None:
    """The head of the newest checkpoint; later events are not in it yet."""
    point = AuditCheckpoint.objects.order_by("-pk").first()
    return Head(_count(point), point.at, point.hash) if point else None


def _count(point: AuditCheckpoint) -> int:
    return AuditEvent.objects.filter(pk__lte=point.last_event_id).count()


_COLUMNS: Sequence[str] = (
    "subject",
    "seq",
    "action",
    "result",
    "origin",
    "actor_id",
    "actor_name",
    "at",
    "facts",
    "previous_hash",
    "hash",
)
