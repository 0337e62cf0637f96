"""The only writer of `Case.state`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from cases import targets
from cases.models import AuditEvent, Case, Task, User
from cases.rules.workflow import MOVES, State
from cases.services import audit
from monitoring import bulk

CLOCKS = {
    State.ASSESSED: "assessed_at",
    State.RESPONDED: "responded_at",
    State.CLOSED: "closed_at",
    State.DISMISSED: "closed_at",
}

RESTED = frozenset({State.RESPONDED, State.WATCHING, State.CLOSED, State.DISMISSED, State.MERGED})
"""States in which nobody waits for a first word from us: new again from there has a clock of its own."""


ENDED = frozenset({State.CLOSED, State.DISMISSED})
"""States in which nobody looks at a case any more: nothing that was promised may be left behind there."""


class MoveRefused(Exception):
    """The flow has no such move, or not by this verb: `allowed` is what can be done instead."""

    def __init__(
        self, case_id: int, state: State, to: State, *, allowed: frozenset[State] | None = None
    ) -> None:
        super().__init__(case_id, state, to)
        self.case_id, self.state, self.to = case_id, state, to
        self.allowed = MOVES[state] if allowed is None else allowed

    def __str__(self) -> str:
        allowed = ", ".join(sorted(self.allowed))
        return _("Case %(case)d is '%(state)s' and cannot move to '%(to)s'; allowed: %(allowed)s.") % {
            "case": self.case_id,
            "state": self.state,
            "to": self.to,
            "allowed": allowed,
        }


class OpenPromises(MoveRefused):
    """Something promised is still open: the case ends after it was kept, or dropped with a reason."""

    def __init__(self, case_id: int, state: State, to: State, *, promised: list[str]) -> None:
        super().__init__(case_id, state, to)
        self.promised = promised

    def __str__(self) -> str:
        return _(
            "Case %(case)d cannot be closed yet, for this is still promised: %(promised)s. "
            "Keep the promise, or drop it with a reason, and close the case then."
        ) % {"case": self.case_id, "promised": "; ".join(f"“{what.rstrip('.')}”" for what in self.promised)}


class CaseChanged(Exception):
    """Somebody else was first."""

    def __init__(self, case_id: int, seen: str, state: str) -> None:
        super().__init__(case_id, seen, state)
        self.case_id, self.seen, self.state = case_id, seen, state

    def __str__(self) -> str:
        return _("Case %(case)d was '%(seen)s' when you opened it and is now '%(state)s'; look again.") % {
            "case": self.case_id,
            "seen": self.seen,
            "state": self.state,
        }


def move(
    case: Case,
    to: State,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    seen: State | None = None,
    facts: dict[str, Any] | None = None,
) -> AuditEvent:
    """Move a case to another state and write the event, in one transaction.

    Compare-and-swap on `seen`, the state on the officer's page (default: the state just
    loaded): whoever comes second is refused, on both databases. `by` is None when a rule moved it.
    Back to `new` restarts the clocks (`_clocks`). A copy that moves is a copy no more.

    Raises MoveRefused (no such move, or OpenPromises), CaseChanged when the case has moved meanwhile.
    """
    seen = State(seen or case.state)
    if to not in MOVES[seen]:
        raise MoveRefused(case.pk, seen, to)
    changes, held = _clocks(case, seen, to, now=now), {}
    facts = {"before": seen, "after": to, "reason": reason} | (facts or {})
    if seen is State.MERGED:
        held = {"lead_id": case.lead_id}
        changes, facts = changes | {"lead_id": None}, facts | {"lead": case.lead_id}
    with audit.step():
        if held and case.lead_id:
            hold([case.pk, case.lead_id])  # in the order of their numbers, as everybody who needs both
        if not Case.objects.filter(pk=case.pk, state=seen, **held).update(state=to, **changes):
            case.refresh_from_db(fields=["state"])
            raise CaseChanged(case.pk, seen, case.state)
        if held:
            Case.objects.filter(pk=held["lead_id"]).update(n_copies=F("n_copies") - 1)
        _refuse_over_promises(case, seen, to)
        event = audit.append(audit.subject_of(case.pk), "moved", by=by, now=now, facts=facts)
    case.state = to
    for name, value in changes.items():
        setattr(case, name, value)
    return event


MOVED = (
    "state",
    "assessed_at",
    "responded_at",
    "closed_at",
    "first_responded_at",
    "first_due_at",
    "restarted_at",
    "due_at",
)
"""What a move may write."""


def move_many(
    cases: Sequence[Case],
    to: State,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> list[Case]:
    """Move cases that the caller holds in a few statements, however many they are; returns those that moved.

    Left as it is: what has no such move, a copy, and what would end over an open promise.
    """
    promised = _promised([case.pk for case in cases]) if to in ENDED else set()
    moving = [
        case
        for case in cases
        if to in MOVES[State(case.state)] and case.state != State.MERGED and case.pk not in promised
    ]
    noted: dict[str, dict[str, Any]] = {}
    for case in moving:
        seen = State(case.state)
        noted[audit.subject_of(case.pk)] = {"before": seen, "after": to, "reason": reason} | dict(facts or {})
        for name, value in (_clocks(case, seen, to, now=now) | {"state": to}).items():
            setattr(case, name, value)
    if moving:
        rows = [(*(getattr(case, name) for name in MOVED), case.pk) for case in moving]
        bulk.update(Case, MOVED, rows)
        audit.append_next(noted, "moved", by=by, now=now)
    return moving


def _promised(case_ids: Collection[int]) -> set[int]:
    """Of these cases those on which, or on a copy of which, something is still promised."""
    ours = Q(case__in=case_ids) | Q(case__lead__in=case_ids, case__state=State.MERGED)
    rows = Task.objects.filter(ours, done_at=None).values_list("case_id", "case__lead_id")
    return {pk for row in rows for pk in row if pk}


def open_promises(case: Case) -> QuerySet[Task]:
    """What is still promised on a case and on the copies that end with it, due first."""
    ours = Q(case=case.pk) | Q(case__lead=case.pk, case__state=State.MERGED)
    return Task.objects.filter(ours, done_at=None).order_by("due_at", "pk")


def _refuse_over_promises(case: Case, seen: State, to: State) -> None:
    """Asked after the row is held: nothing can be promised on the case meanwhile."""
    if to not in ENDED:
        return
    promised = list(open_promises(case).values_list("what", flat=True)[:5])
    if promised:
        raise OpenPromises(case.pk, seen, to, promised=promised)


def _clocks(case: Case, seen: State, to: State, *, now: datetime) -> dict[str, Any]:
    """The moments that a move sets.

    The first answer and when it was due stay on record. What is opened again after it came to
    rest, or after it was answered, must be answered within a new term.
    """
    changes: dict[str, Any] = {CLOCKS[to]: now} if to in CLOCKS else {}
    if to is State.RESPONDED and case.first_responded_at is None:
        changes |= {"first_responded_at": now, "first_due_at": case.due_at}
    if to is State.NEW:
        changes |= {"assessed_at": None, "closed_at": None}
        if seen in RESTED or case.responded_at:
            due_at = targets.due(
                start=now,
                category=case.category,
                priority=targets.priority_of(case),
                situation=case.situation_id,
            )
            changes |= {"responded_at": None, "restarted_at": now, "due_at": due_at}
    return changes


def lock(
    case: Case, *, seen: State | None = None, with_cases: Collection[int] = (), with_lead: bool = True
) -> Case:
    """The case with its row held until the transaction ends, for changes that do not move it.

    The lead of a copy is held too, and the cases in `with_cases`: see `hold`. A rule that leaves the lead
    alone says so (`with_lead`), and waits for one row less. Raises CaseChanged when the officer saw another
    state, or when the case became a copy of another lead meanwhile and somebody is at that one.
    """
    also = [case.lead_id] if with_lead and case.lead_id else []
    rows = hold([case.pk, *also, *with_cases])
    held = rows.get(case.pk)
    if held is None:
        raise Case.DoesNotExist(case.pk)
    if seen and held.state != seen:
        raise CaseChanged(case.pk, seen, held.state)
    if with_lead and held.lead_id and held.lead_id not in rows and not _is_free(held.lead_id):
        raise CaseChanged(case.pk, seen or case.state, held.state)
    if audit.batch():
        _carry_over(case, held)
    return held


def _carry_over(case: Case, held: Case) -> None:
    """What was read for many cases together is not read again for each: its scheme and its post."""
    known = case._state.fields_cache
    if "scheme" in known and case.scheme_id == held.scheme_id:
        held.scheme = known["scheme"]
    if "post" in known:
        held.post = known["post"]


def hold(case_ids: Collection[int], *, only: Sequence[str] = ()) -> dict[int, Case]:
    """Cases with their rows held until the transaction ends, in the order of their numbers.

    Whoever needs several asks for all at once, so that two workers never hold what the other wants
    (docs/architecture.md, "Who waits for whom"). `only` are the fields to read now, for who needs few of
    many cases. A row that only names a case (its thread in the watch of its lead) waits for nobody: keys
    never change, and are not held.
    """
    rows = Case.objects.select_for_update(no_key=True).filter(pk__in=set(case_ids)).order_by("pk")
    return {case.pk: case for case in (rows.only(*only) if only else rows)}


def hold_all(asked: Callable[[], Collection[int]], *, only: Sequence[str] = ()) -> dict[int, Case]:
    """As `hold`, for cases that are found by looking: what others bring in while we wait is held as well.

    When a second look finds more, everything is let go of and held again, in order; each look only adds.
    For a transaction that holds no other case yet.
    """
    wanted = set(asked())
    while True:
        with suppress(_MoreFound), transaction.atomic():
            held = hold(wanted, only=only)
            more = set(asked()) - wanted
            if not more:
                return held
            wanted |= more
            raise _MoreFound  # the savepoint lets go of the rows


class _MoreFound(Exception):
    """Somebody brought more cases in while we waited for those that we knew."""


def _is_free(case_id: int) -> bool:
    """Whether a case could be held without waiting: whoever comes out of order may not wait for it."""
    return bool(
        Case.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=case_id).values_list("pk")
    )
