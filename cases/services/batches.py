"""Acts on very many cases, carried out bit by bit: exact, stoppable, and whole again after a crash.

Which cases is written down when an act begins. A worker then takes a few at a time; what became of each is
written in the transaction that does it, so that a worker that dies repeats nothing and skips nothing.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from cases.models import (
    Batch,
    BatchCase,
    Case,
    Claim,
    Escalation,
    Notification,
    PublicMessage,
    Response,
    Situation,
    Task,
    User,
    Watch,
)
from cases.rules.batches import next_size
from cases.rules.workflow import State
from cases.services import audit, joining, notifications
from cases.services.transitions import ENDED, CaseChanged, hold
from monitoring import bulk

log = structlog.get_logger(__name__)

FOR_S = 5.0
"""A worker makes room for others after so long; the rest is due at the next tick."""

FIRST_SIZE = 20

ROOM_S = 0.12
"""Longer than SQLite lets a waiting writer sleep before it looks again."""

CarryOut = Callable[[Batch, Sequence[Case], datetime], Mapping[int, str]]
"""Does its act to cases that are held, in bulk, in the caller's transaction; says of each why not ("")."""

Kind = Batch.Kind

WHATEVER_STATE = frozenset({Kind.LEAVE, Kind.TELL})
"""Acts that hold for a case also when somebody moved it on since they began, while it is not over."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to each case of a batch, and what it is about."""

    kind: Batch.Kind
    situation: Situation | None = None
    message: PublicMessage | None = None
    claim: Claim | None = None
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def begin(act: Act, seen: Mapping[int, State], *, by: User | None, now: datetime) -> Batch:
    """Write down which cases, in the state that was seen; a worker begins at once."""
    with transaction.atomic():
        batch = Batch.objects.create(
            kind=act.kind,
            situation=act.situation,
            message=act.message,
            claim=act.claim,
            reason=act.reason[:500],
            facts=dict(act.facts),
            n_cases=len(seen),
            key=token_hex(8),
            by=by,
            started_at=now,
            next_at=now,
        )
        rows = ((batch.pk, pk, state, "", "") for pk, state in sorted(seen.items()))
        bulk.insert(BatchCase, ("batch_id", "case_id", "seen", "outcome", "why"), rows)
        told: dict[str, Any] = {"kind": act.kind, "cases": len(seen), "reason": act.reason}
        audit.append(subject_of(batch), "batch started", by=by, now=now, facts=told)
        if act.situation is not None:
            Situation.objects.select_for_update(no_key=True).get(pk=act.situation.pk)
            of_situation = joining.subject_of(act.situation.pk)
            audit.append(of_situation, "batch started", by=by, now=now, facts=told | {"batch": batch.pk})
    return batch


def subject_of(batch: Batch) -> str:
    return f"batch:{batch.pk}"


def due(*, now: datetime) -> list[int]:
    """Batches with cases to do that nobody is at."""
    waiting = Batch.objects.filter(status=Batch.Status.RUNNING, next_at__lte=now)
    return list(waiting.order_by("next_at", "pk").values_list("pk", flat=True))


def carry_on(batch_id: int, how: Mapping[str, CarryOut], *, now: datetime, for_s: float = FOR_S) -> int:
    """Do the next cases of a batch for a few seconds; returns how many were looked at.

    Nobody waits long for a row: how many are held at once follows from how long the last ones took. 0 when
    somebody else is at it, or it was stopped.
    """
    lease = now + timedelta(seconds=settings.LEASE_S)
    waiting = Batch.objects.filter(pk=batch_id, status=Batch.Status.RUNNING, next_at__lte=now)
    if not waiting.update(next_at=lease):
        return 0
    batch = Batch.objects.select_related("by", "situation", "message", "claim").get(pk=batch_id)
    n_done, size, until = 0, FIRST_SIZE, time.monotonic() + for_s
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            n = _some(batch, how[batch.kind], size, now=now)
        except (OperationalError, InterfaceError):
            raise  # the database is busy or away: nobody's case is to blame
        except Exception as error:
            if size == 1:
                _set_aside(batch, error)
                n_done += 1
            size = 1  # one by one, until the case that cannot be done stands alone
            continue
        n_done += n
        if n < size:
            _finish(batch, now=now)
            return n_done
        size = next_size(size, took_s=time.monotonic() - began)
        _make_room()
    Batch.objects.filter(pk=batch_id, status=Batch.Status.RUNNING, next_at=lease).update(next_at=now)
    return n_done


def _make_room() -> None:
    """Let others write: SQLite has one writer, and who waits for it looks again after up to 0.1 s."""
    if connection.vendor == "sqlite":
        time.sleep(ROOM_S)


def stop(batch: Batch, *, by: User, now: datetime) -> bool:
    """Let it end with the few that are held now; what was done stays. False when it was over."""
    with transaction.atomic():
        held = Batch.objects.select_for_update().get(pk=batch.pk)
        if held.status != Batch.Status.RUNNING:
            return False
        held.status, held.next_at = Batch.Status.STOPPED, None
        held.stopped_by, held.finished_at = by, now
        held.save(update_fields=["status", "next_at", "stopped_by", "finished_at"])
        facts = {"done": held.n_done, "left": held.n_left, "of": held.n_cases}
        audit.append(subject_of(held), "batch stopped", by=by, now=now, facts=facts)
    return True


def recount(batch: Batch) -> tuple[int, int]:
    """How many were done and how many left, by the rows themselves."""
    done, left = Q(outcome=BatchCase.Outcome.DONE), Q(outcome=BatchCase.Outcome.LEFT)
    rows = BatchCase.objects.filter(batch=batch)
    found = rows.aggregate(done=Count("pk", filter=done), left=Count("pk", filter=left))
    return found["done"], found["left"]


def hurdles(case_ids: Collection[int]) -> dict[int, str]:
    """What keeps cases out of an act on many: something waits, rings or was promised there."""
    pending = Response.objects.filter(case__in=case_ids, status__in=Response.PENDING)
    watched = Watch.objects.filter(case__in=case_ids, ended_at=None)
    ringing = Escalation.objects.filter(case__in=case_ids, resolved_at=None)
    promised = Task.objects.filter(case__in=case_ids, done_at=None)
    whys = (
        (pending, _("A reply to case %(case)d is being written or sent.")),
        (watched, _("Case %(case)d is being watched.")),
        (promised, _("Something was promised on case %(case)d.")),
        (ringing, _("An alarm runs on case %(case)d.")),
    )
    return {
        pk: why % {"case": pk}
        for rows, why in whys
        for pk in rows.values_list("case_id", flat=True)
        if pk is not None
    }


def _some(batch: Batch, carry_out: CarryOut, size: int, *, now: datetime) -> int:
    """The next cases in one transaction; how many there were."""
    with transaction.atomic(), audit.acting_on_many(batch.key):
        waiting = BatchCase.objects.filter(batch=batch, outcome="").order_by("case")
        asked = list(waiting.values_list("case_id", flat=True)[:size])
        held = hold(asked)
        # Asked again under the hold: another worker may have done them while this one waited.
        seen = dict(waiting.filter(case__in=asked).values_list("case_id", "seen"))
        if not Batch.objects.filter(pk=batch.pk, status=Batch.Status.RUNNING).exists():
            return 0
        whys = {pk: _why_not(held.get(pk), state, batch.kind) for pk, state in seen.items()}
        ready = [held[pk] for pk in sorted(seen) if not whys[pk]]
        whys |= carry_out(batch, ready, now) if ready else {}
        _write(batch, whys)
    return len(asked)


def _set_aside(batch: Batch, error: Exception) -> None:
    """Leave the first case that waits, which cannot be done, so that the others are."""
    log.exception("case_of_batch_failed", batch=batch.pk)
    with transaction.atomic():
        waiting = BatchCase.objects.filter(batch=batch, outcome="").order_by("case")
        first = waiting.values_list("case_id", flat=True).first()
        if first is not None:
            why = _("It went wrong (%(error)s). Look at this case by itself, and tell who runs Weerwoord.")
            _write(batch, {first: why % {"error": type(error).__name__}})


def _why_not(case: Case | None, seen: str, kind: str) -> str:
    if case is None:
        return _("This case is not there any more.")
    is_fit = case.state == seen or (kind in WHATEVER_STATE and case.state not in ENDED)
    return "" if is_fit else str(CaseChanged(case.pk, seen, case.state))


def _write(batch: Batch, whys: Mapping[int, str]) -> None:
    rows = [
        (BatchCase.Outcome.LEFT if why else BatchCase.Outcome.DONE, why[:500], batch.pk, pk)
        for pk, why in sorted(whys.items())
    ]
    if not rows:
        return
    bulk.update(BatchCase, ("outcome", "why"), rows, by=("batch_id", "case_id"))
    n_left = sum(bool(why) for why in whys.values())
    Batch.objects.filter(pk=batch.pk).update(
        n_done=F("n_done") + len(rows) - n_left, n_left=F("n_left") + n_left
    )


def _finish(batch: Batch, *, now: datetime) -> None:
    """All were looked at: say so, once."""
    with transaction.atomic():
        held = Batch.objects.select_for_update().get(pk=batch.pk)
        is_done = not BatchCase.objects.filter(batch=batch, outcome="").exists()
        if held.status != Batch.Status.RUNNING or not is_done:
            return
        held.status, held.next_at, held.finished_at = Batch.Status.DONE, None, now
        held.save(update_fields=["status", "next_at", "finished_at"])
        facts = {"done": held.n_done, "left": held.n_left, "of": held.n_cases}
        audit.append(subject_of(held), "batch done", by=None, now=now, facts=facts)
        if held.by is not None:
            notifications.tell(
                [held.by],
                Notification.Kind.BATCH_DONE,
                subject_of(held),
                facts=facts | {"kind": held.kind},
                now=now,
                channels=[Notification.Channel.IN_APP],
            )
