"""Near-copies: merged into their lead, and let go again, in the transaction that says so.

A copy follows its lead by reference: what is judged, answered or closed there holds for all of them,
and no row of a copy is rewritten for it. `Case.n_copies` of a lead is the number of cases that are
merged into it, always: it is written here, and where a copy moves on (`transitions.move`).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases.models import Case, Response, User
from cases.rules.workflow import MOVES, State
from cases.services import actions, counting
from cases.services.transitions import (
    ENDED,
    CaseChanged,
    MoveRefused,
    hold,
    hold_all,
    lock,
    move,
    open_promises,
)
from cases.suggestions import leads
from cases.suggestions.leads import Found
from cases.suggestions.stories import is_copy
from monitoring import bulk

MERGED_WITH_COPIES = "merged with copies"
"""A merge that remembers whose copies were whose, so that one key can part them again."""

BROUGHT = "brought"
"""Where such an action keeps the numbers of the copies that came along."""


class MergeRefused(Exception):
    """Two cases that cannot become one: says why."""

    def __init__(self, case_id: int, into_id: int, why: str) -> None:
        super().__init__(case_id, into_id, why)
        self.case_id, self.into_id, self.why = case_id, into_id, why

    def __str__(self) -> str:
        return _("Case %(case)d cannot be merged into case %(into)d: %(why)s") % {
            "case": self.case_id,
            "into": self.into_id,
            "why": self.why,
        }


def counted(found: Mapping[int, Found]) -> Counter[int]:
    """How many copies each lead gains."""
    return Counter(copy.lead_id for copy in found.values())


def add_to_leads(gained: Mapping[int, int], held: Mapping[int, Case]) -> None:
    """Count new copies on their leads, whose rows the caller holds."""
    rows = [(held[lead_id].n_copies + n, lead_id) for lead_id, n in sorted(gained.items())]
    if rows:
        bulk.update(Case, ("n_copies",), rows)


def leads_of(case_ids: Collection[int]) -> set[int]:
    """The leads of those cases that are copies."""
    if not case_ids:
        return set()
    merged = Case.objects.filter(pk__in=case_ids, state=State.MERGED, lead__isnull=False)
    return {int(lead_id) for lead_id in merged.values_list("lead_id", flat=True) if lead_id}


def detach(case: Case, *, by: User, now: datetime, seen: State | None = None) -> None:
    """Let a copy stand on its own: new, with a clock of its own.

    Raises CaseChanged when it is no copy, or no longer one.
    """
    with transaction.atomic():
        held = lock(case, seen=seen)
        if held.state != State.MERGED:
            raise CaseChanged(case.pk, State.MERGED, held.state)
        before = actions.snapshot(held)
        move(held, State.NEW, by=by, now=now, reason="detached")
        counting.follow([held.pk], now=now)
        actions.remember(by, held, "detached", before, now=now)
    case.state, case.lead_id, case.due_at = held.state, None, held.due_at


def merge(case: Case, into: Case, *, by: User, now: datetime, seen: State | None = None) -> None:
    """Make a case a copy of another by hand, with the copies it has itself.

    Raises MergeRefused, MoveRefused (a reply is being sent, or the case is closed) or CaseChanged.
    """
    with transaction.atomic():
        # Its copies are held with it and in the order of their numbers: one may be let go at this moment.
        own = Case.objects.filter(lead=case.pk, state=State.MERGED)
        rows = hold_all(lambda: {case.pk, into.pk, *own.values_list("pk", flat=True)})
        held, lead = lock(case, seen=seen, with_lead=False), rows.get(into.pk)
        state = State(held.state)
        if state is State.MERGED or State.MERGED not in MOVES[state]:
            raise MoveRefused(held.pk, state, State.MERGED)
        if why := _why_not(held, lead):
            raise MergeRefused(held.pk, into.pk, why)
        before = actions.snapshot(held)
        brought = sorted(own.values_list("pk", flat=True))
        situation, inflow = _place_of(into.pk)
        own.update(lead=into, situation=situation, inflow=inflow)
        Case.objects.filter(pk=held.pk).update(n_copies=0)
        _join(held, into.pk, n=1 + len(brought))
        facts = {"lead": into.pk, "copies": len(brought)}
        move(held, State.MERGED, by=by, now=now, reason="merged", facts=facts)
        counting.follow([held.pk, *brought], now=now)
        kind = MERGED_WITH_COPIES if brought else "merged"
        actions.remember(by, held, kind, before | {BROUGHT: brought}, now=now)
    leads.known.forget([case.pk])
    case.state, case.lead_id, case.n_copies = held.state, into.pk, 0


def part(case: Case, from_id: int, brought: Collection[int]) -> list[int]:
    """Give a case back the copies that came along when it was merged, in the caller's transaction.

    Returns which.

    Those that were let go or merged elsewhere since stay where they are. The caller holds the case, these
    copies, and the lead it was merged into, whose own count goes down by it.
    """
    still = Case.objects.filter(pk__in=brought, lead=from_id, state=State.MERGED)
    back = sorted(still.values_list("pk", flat=True))
    if back:
        Case.objects.filter(pk__in=back).update(lead=case)
        Case.objects.filter(pk=from_id).update(n_copies=F("n_copies") - len(back))
        Case.objects.filter(pk=case.pk).update(n_copies=F("n_copies") + len(back))
    return back


def rejoin(case: Case, lead_id: int) -> None:
    """Count a case with the lead it is about to go back to; the caller holds both and moves the case.

    Raises MergeRefused when the lead has become a copy itself, or ended while something was promised here.
    """
    lead = hold([lead_id]).get(lead_id)
    if lead is None or lead.state == State.MERGED:
        raise MergeRefused(case.pk, lead_id, _("that case is a copy itself."))
    if lead.state in ENDED and open_promises(case).exists():  # nobody looks at a copy of what has ended
        raise MergeRefused(case.pk, lead_id, _("that case is closed, or a copy itself; choose its lead."))
    _join(case, lead_id, n=1)


def let_go(edited: Sequence[Case], *, now: datetime) -> None:
    """Detach the copies among edited posts that no longer tell what their lead tells.

    So does one that speaks of danger by now while its lead does not. The caller holds them and their leads.
    """
    lead_ids = {copy.lead_id for copy in edited if copy.lead_id}
    stories = leads.stories_of({*lead_ids, *(copy.pk for copy in edited)})
    urgent = dict(Case.objects.filter(pk__in=lead_ids).values_list("pk", "is_urgent"))
    gone: list[int] = []
    for copy in edited:
        lead_id = copy.lead_id or 0
        is_hidden = copy.is_urgent and not urgent.get(lead_id)
        if is_hidden or lead_id not in stories or not is_copy(stories[copy.pk], stories[lead_id]):
            move(copy, State.NEW, by=None, now=now, reason="the post was edited")
            gone.append(copy.pk)
    if gone:
        counting.follow(gone, now=now)


def _join(case: Case, lead_id: int, *, n: int) -> None:
    Case.objects.filter(pk=lead_id).update(n_copies=F("n_copies") + n)
    situation, inflow = _place_of(lead_id)
    Case.objects.filter(pk=case.pk).update(lead=lead_id, situation=situation, inflow=inflow)
    case.lead_id = lead_id


def _place_of(lead_id: int) -> tuple[int | None, int | None]:
    """The situation of a lead, and what brought it there: its copies belong where it belongs."""
    return Case.objects.values_list("situation_id", "inflow_id").get(pk=lead_id)


def _why_not(case: Case, into: Case | None) -> str:
    """What stands in the way of merging, in words; "" = nothing."""
    if into is None or into.pk == case.pk:
        return _("choose another case.")
    if not leads.is_lead(into):
        return _("that case is closed, or a copy itself; choose its lead.")
    if case.is_urgent and not into.is_urgent:
        return _("this post speaks of danger and that one does not.")
    if case.responses.filter(status__in=Response.PENDING).exists():
        return _("a reply is being written here; send or withdraw it first.")
    if case.escalations.filter(resolved_at=None).exists():
        return _("an alarm runs on this case; end it first.")
    if case.watches.filter(ended_at=None).exists():
        return _("this case is being watched; end the watch first.")
    return ""
