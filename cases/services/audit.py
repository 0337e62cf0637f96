"""The audit trail: one event per act, in the transaction of the act, chained per subject.

Chained per subject and not over all, so that two officers at two cases never wait for each
other; a periodic checkpoint chains the newest hash of every subject that changed, so that a
removed or shortened chain is found as well (docs/decisions/0002-audit-chains.md).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from cases.models import AuditCheckpoint, AuditEvent, User, case_subject
from monitoring import bulk

FORMAT = 1
"""Part of what is hashed: a later format can be told from this one."""

_origin: ContextVar[str] = ContextVar("origin", default="web")


subject_of = case_subject


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the trail does not hold, in words."""

    subject: str
    seq: int
    what: str


@contextmanager
def acting_through(origin: str) -> Iterator[None]:
    """What people do inside this block came in by another door than the pages (the API)."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


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
    last = AuditEvent.objects.filter(subject=subject).order_by("-seq").first()
    event = AuditEvent(
        subject=subject,
        seq=last.seq + 1 if last else 1,
        action=action,
        result=result,
        origin=_origin.get() if by else "rule",
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "",
        at=now,
        facts=dict(facts or {}),
        previous_hash=last.hash if last else "",
    )
    event.hash = _event_hash(event)
    event.save(force_insert=True)
    return event


def append_first(
    subjects_and_facts: Iterable[tuple[str, Mapping[str, Any]]], action: str, *, now: datetime
) -> None:
    """Write event 1 of many new subjects at once (the intake of a page of posts)."""
    _append_many(((subject, facts, 0, "") for subject, facts in subjects_and_facts), action, now=now)


def append_next(facts_by_subject: Mapping[str, Mapping[str, Any]], action: str, *, now: datetime) -> None:
    """Write the next event of many subjects at once. The caller holds the locks on their own rows."""
    last: dict[str, tuple[int, str]] = {}
    keys = [(subject,) for subject in facts_by_subject]
    for subject, seq, hashed in bulk.find(AuditEvent, ("subject", "seq", "hash"), by=("subject",), keys=keys):
        last[subject] = max(last.get(subject, (0, "")), (seq, hashed))
    follows = ((subject, facts, *last.get(subject, (0, ""))) for subject, facts in facts_by_subject.items())
    _append_many(follows, action, now=now)


def _append_many(
    follows: Iterable[tuple[str, Mapping[str, Any], int, str]], action: str, *, now: datetime
) -> None:
    """Write events of a rule; `follows` gives subject, facts, and the last event's number and hash."""
    head, at = (action, "done", "rule", None, ""), _time(now)
    middle = _canonical(head)[1:-1]
    rows = []
    for subject, facts, seq, previous in follows:
        written = bulk.encoded(facts, _canonical)
        # What `_digest` hashes, put together from the facts as they are stored.
        hashed = _hash(f'[{FORMAT},{_canonical(subject)},{seq + 1},{middle},"{at}",{written},"{previous}"]')
        rows.append((subject, seq + 1, *head, now, written, previous, hashed))
    bulk.insert(AuditEvent, _COLUMNS, rows)


def checkpoint(*, now: datetime) -> AuditCheckpoint | None:
    """Chain the heads of all subjects with events since the last checkpoint; None without news.

    One at a time: two that followed the same one would fork the chain.
    """
    with transaction.atomic():
        _hold_checkpoints()
        points = list(AuditCheckpoint.objects.order_by("-pk")[:2])
        last, earlier = points[0] if points else None, points[1:]
        newest = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"]
        if newest is None or (last and newest == last.last_event_id):
            return None
        # From the checkpoint before the last one: an event numbered earlier may have committed later.
        fresh = AuditEvent.objects.filter(pk__lte=newest, pk__gt=earlier[0].last_event_id if earlier else 0)
        heads = {e.subject: [e.seq, e.hash] for e in fresh.order_by("subject", "seq").iterator()}
        point = AuditCheckpoint(
            last_event_id=newest, heads=heads, at=now, previous_hash=last.hash if last else ""
        )
        point.hash = _checkpoint_hash(point)
        point.save(force_insert=True)
    return point


def _hold_checkpoints() -> None:
    """Keep other writers of checkpoints waiting until this transaction ends; readers go on."""
    if connection.vendor == "postgresql":  # on SQLite who writes holds the whole database
        table = connection.ops.quote_name(AuditCheckpoint._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def verify() -> list[Finding]:
    """Every place where an event was changed, removed, reordered or cut off; empty when all holds."""
    findings, heads = _verify_events()
    return findings + _verify_checkpoints(heads)


def _verify_events() -> tuple[list[Finding], dict[str, dict[int, str]]]:
    findings: list[Finding] = []
    hashes: dict[str, dict[int, str]] = {}
    previous: AuditEvent | None = None
    for event in AuditEvent.objects.order_by("subject", "seq").iterator(chunk_size=2000):
        if previous is None or previous.subject != event.subject:
            previous = None
        expected = (previous.seq + 1, previous.hash) if previous else (1, "")
        if event.seq != expected[0]:
            findings.append(Finding(event.subject, event.seq, f"event {expected[0]} is missing"))
        elif event.previous_hash != expected[1]:
            findings.append(Finding(event.subject, event.seq, "does not follow the event before it"))
        if event.hash != _event_hash(event):
            findings.append(Finding(event.subject, event.seq, "was changed after it was written"))
        hashes.setdefault(event.subject, {})[event.seq] = event.hash
        previous = event
    return findings, hashes


def _verify_checkpoints(hashes: Mapping[str, Mapping[int, str]]) -> list[Finding]:
    findings = []
    before = ""
    for point in AuditCheckpoint.objects.order_by("pk").iterator(chunk_size=100):
        name = f"checkpoint:{point.pk}"
        if point.previous_hash != before:
            findings.append(Finding(name, point.pk, "does not follow the checkpoint before it"))
        if point.hash != _checkpoint_hash(point):
            findings.append(Finding(name, point.pk, "was changed after it was written"))
        for subject, (seq, hashed) in point.heads.items():
            if hashes.get(subject, {}).get(seq) != hashed:
                findings.append(
                    Finding(subject, seq, f"is not what {name} saw: cut off, removed or rewritten")
                )
        before = point.hash
    return findings


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


def _event_hash(event: AuditEvent) -> str:
    head = [getattr(event, name) for name in _COLUMNS[:7]]
    return _digest([FORMAT, *head, _time(event.at), event.facts, event.previous_hash])


def _checkpoint_hash(point: AuditCheckpoint) -> str:
    return _digest([FORMAT, point.last_event_id, point.heads, _time(point.at), point.previous_hash])


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _digest(value: list[Any]) -> str:
    """SHA-256 over the one canonical way a value is written: sorted keys, no spaces, UTF-8."""
    return _hash(_canonical(value))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
