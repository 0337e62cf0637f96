"""Swaps: who asks to be relieved of a shift is relieved by name, and both plans change at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Absence, Notification, Shift, Swap, User
from cases.rules.permissions import MAY, Need, may
from cases.rules.shifts import Span
from cases.services import audit, notifications, rota
from cases.services.rota import ShiftSeen, said, seen_as

LONGEST = 500


class SwapRefused(Exception):
    """A swap that cannot be, or not any more: what is wrong and what to do, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """What is asked: relief of a shift, by `to` (None: anybody who can), perhaps for one of theirs."""

    shift_id: int
    seen: ShiftSeen
    to: User | None = None
    against_id: int | None = None
    note: str = ""


def ask(plan: SwapPlan, *, by: User, now: datetime) -> Swap:
    """Ask to be relieved of one's own shift; who plans may ask for others. Tells whom it is asked.

    Raises SwapRefused when the shift has begun, is somebody else's, or is asked about already, and
    ShiftChanged when it is not the one that was seen.
    """
    with transaction.atomic():
        shift, against = _held(plan.shift_id, plan.against_id)
        if seen_as(shift) != plan.seen:
            raise rota.ShiftChanged(shift.pk)
        _check_askable(shift, plan, by, now=now)
        if plan.to:
            _check_pair(shift, against, plan.to, now=now)
        swap = Swap.objects.create(
            shift=shift,
            for_person=shift.person,
            to=plan.to,
            against=against,
            note=plan.note.strip()[:LONGEST],
            asked_by=by,
            asked_at=now,
        )
        audit.append(_subject(swap), "swap asked", by=by, now=now, facts=_facts(swap))
        others = [plan.to] if plan.to else [one for one in able(shift) if one.pk != by.pk]
        _tell(others, swap, Notification.Kind.SWAP_ASKED, "asked", by=by, now=now)
    return swap


def take(swap_id: int, *, by: User, now: datetime, taker: User | None = None) -> Swap:
    """Take a shift over by name; the one that comes back for it changes in the same transaction.

    Who plans may do it for a colleague (`taker`). Raises SwapRefused: decided or begun meanwhile, asked
    of somebody else, or the one or the other would have two shifts at once.
    """
    taker = taker or by
    with transaction.atomic():
        swap = _open(swap_id, now=now)
        if taker.pk != by.pk and not may(by.role, Need.RUN_TEAM):
            raise SwapRefused(_("You can take a shift over for yourself only. Ask the duty lead."))
        if swap.to_id not in (None, taker.pk):
            raise SwapRefused(_("This is asked of %(who)s. Only they can take it over.") % {"who": swap.to})
        _check_pair(swap.shift, swap.against, taker, now=now)
        before = _facts(swap)
        _give(swap.shift, taker)
        if swap.against:
            _give(swap.against, swap.for_person)
        _decide(swap, Swap.Status.TAKEN, by=by, now=now)
        facts = before | {"taken by": str(taker)}
        audit.append(_subject(swap), "swap taken", by=by, now=now, facts=facts)
        _tell([swap.for_person, taker], swap, Notification.Kind.SWAP_DECIDED, "taken", by=taker, now=now)
    return swap


def refuse(swap_id: int, *, by: User, now: datetime) -> None:
    """Say no to what was asked of oneself by name. Raises SwapRefused."""
    with transaction.atomic():
        swap = _open(swap_id, now=now)
        if swap.to_id != by.pk and not (swap.to_id and may(by.role, Need.RUN_TEAM)):
            raise SwapRefused(_("This was not asked of you by name, so there is nothing for you to refuse."))
        _decide(swap, Swap.Status.REFUSED, by=by, now=now)
        audit.append(_subject(swap), "swap refused", by=by, now=now, facts=_facts(swap))
        _tell([swap.for_person], swap, Notification.Kind.SWAP_DECIDED, "refused", by=by, now=now)


def withdraw(swap_id: int, *, by: User, now: datetime) -> None:
    """Take back what one asked, while nobody has decided. Raises SwapRefused."""
    with transaction.atomic():
        swap = _open(swap_id, now=now)
        if by.pk not in (swap.for_person_id, swap.asked_by_id) and not may(by.role, Need.RUN_TEAM):
            raise SwapRefused(_("%(who)s asked this. Only they can take it back.") % {"who": swap.for_person})
        _decide(swap, Swap.Status.WITHDRAWN, by=by, now=now)
        audit.append(_subject(swap), "swap withdrawn", by=by, now=now, facts=_facts(swap))
        told = [swap.to] if swap.to else []
        _tell(told, swap, Notification.Kind.SWAP_DECIDED, "withdrawn", by=by, now=now)


def over(*, now: datetime) -> list[int]:
    """Open swaps that can come to nothing any more: begun, or the shift is somebody else's by now."""
    found = Swap.objects.filter(status=Swap.Status.ASKED).select_related("shift", "against")
    return [swap.pk for swap in found if _is_over(swap, now=now)]


def expire(swap_id: int, *, now: datetime) -> bool:
    """Close a swap that can come to nothing any more, and tell who asked; False when it still can."""
    with transaction.atomic():
        swap = _held_swap(swap_id)
        if swap is None or swap.status != Swap.Status.ASKED or not _is_over(swap, now=now):
            return False
        _decide(swap, Swap.Status.EXPIRED, by=None, now=now)
        audit.append(_subject(swap), "swap expired", by=None, now=now, facts=_facts(swap))
        _tell([swap.for_person], swap, Notification.Kind.SWAP_DECIDED, "expired", by=None, now=now)
    return True


def able(shift: Shift) -> list[User]:
    """Who could take a shift over: free then, not away, and allowed to have one."""
    span = {"starts_at__lt": shift.ends_at, "ends_at__gt": shift.starts_at}
    busy = Shift.objects.filter(**span).values("person")
    away = Absence.objects.filter(**span).values("person")
    free = User.objects.filter(is_active=True, role__in=MAY[Need.SWAP]).exclude(pk__in=busy)
    return list(free.exclude(pk__in=away).order_by("first_name", "last_name", "username"))


def _held(shift_id: int, against_id: int | None) -> tuple[Shift, Shift | None]:
    """Both shifts, the rows of their posts held in one order. Raises ShiftChanged when one is gone."""
    wanted = [shift_id, *([against_id] if against_id else [])]
    posts = set(Shift.objects.filter(pk__in=wanted).values_list("post", flat=True))
    for post_id in sorted(posts):
        rota.held(post_id)
    rows = Shift.objects.select_related("person", "post").in_bulk(wanted)
    for number in wanted:
        if number not in rows:
            raise rota.ShiftChanged(number)
    return rows[shift_id], rows[against_id] if against_id else None


def _held_swap(swap_id: int) -> Swap | None:
    """A swap with both shifts, the rows of their posts held."""
    named = Swap.objects.filter(pk=swap_id).values_list("shift", "against").first()
    if named is None:
        return None
    try:
        shift, against = _held(*named)
    except rota.ShiftChanged:
        return None
    people = ("for_person", "to", "asked_by")
    swap = Swap.objects.select_for_update(of=("self",)).select_related(*people).filter(pk=swap_id).first()
    if swap is not None:
        swap.shift, swap.against = shift, against
    return swap


def _open(swap_id: int, *, now: datetime) -> Swap:
    """A swap that can still be decided. Raises SwapRefused."""
    swap = _held_swap(swap_id)
    if swap is None:
        raise SwapRefused(_("The shift is out of the plan, so there is nothing left to swap."))
    if swap.status != Swap.Status.ASKED:
        raise SwapRefused(_("This was decided already. Look at the page again."))
    if _is_over(swap, now=now):
        raise SwapRefused(_("A shift of this swap has begun or is somebody else’s by now. Ask anew."))
    return swap


def _is_over(swap: Swap, *, now: datetime) -> bool:
    if swap.shift.starts_at <= now or swap.shift.person_id != swap.for_person_id:
        return True
    against = swap.against
    return against is not None and (against.starts_at <= now or against.person_id != swap.to_id)


def _check_askable(shift: Shift, plan: SwapPlan, by: User, *, now: datetime) -> None:
    if shift.person_id != by.pk and not may(by.role, Need.RUN_TEAM):
        raise SwapRefused(
            _("This shift is of %(who)s. Only they can ask to swap it.") % {"who": shift.person}
        )
    if shift.starts_at <= now:
        raise SwapRefused(_("This shift has begun. Ask the duty lead to change the plan."))
    if plan.to and plan.to.pk == shift.person_id:
        raise SwapRefused(_("This shift is theirs already. Choose a colleague."))
    if plan.against_id and plan.to is None:
        raise SwapRefused(_("A swap for another shift is with one colleague. Choose whose it is."))
    if Swap.objects.filter(shift=shift, status=Swap.Status.ASKED).exists():
        raise SwapRefused(_("A swap of this shift is asked already. Take that back first."))


def _check_pair(shift: Shift, against: Shift | None, taker: User, *, now: datetime) -> None:
    """Whether both can have what they get, beside everything else that is theirs. Raises SwapRefused."""
    if against is not None and against.person_id != taker.pk:
        raise SwapRefused(
            _("The shift that comes back is not of %(who)s. Choose one of theirs.") % {"who": taker}
        )
    if against is not None and against.starts_at <= now:
        raise SwapRefused(_("The shift that comes back has begun. Choose another one."))
    if taker.pk == shift.person_id:
        raise SwapRefused(_("This shift is theirs already. Choose a colleague."))
    leaving = [each.pk for each in (shift, against) if each is not None]
    _check_free(taker, shift, leaving)
    if against is not None:
        _check_free(shift.person, against, leaving)


def _check_free(person: User, shift: Shift, leaving: Iterable[int]) -> None:
    if not person.is_active or not may(person.role, Need.SWAP):
        raise SwapRefused(_("%(who)s cannot have a shift. Choose a colleague.") % {"who": person})
    span: Span = (shift.starts_at, shift.ends_at)
    during = {"person": person, "starts_at__lt": span[1], "ends_at__gt": span[0]}
    held = Shift.objects.filter(**during).exclude(pk__in=leaving).select_related("post").first()
    if held:
        raise SwapRefused(
            _("%(who)s has a shift at %(post)s then, from %(from)s until %(until)s. Choose somebody else.")
            % {"who": person, "post": held.post, "from": said(held.starts_at), "until": said(held.ends_at)}
        )
    if Absence.objects.filter(**during).exists():
        raise SwapRefused(_("%(who)s is away then. Choose somebody else.") % {"who": person})


def _give(shift: Shift, person: User) -> None:
    """Compare-and-swap on whose it was; from now on its pattern leaves it alone."""
    mine = Shift.objects.filter(pk=shift.pk, person=shift.person_id, starts_at=shift.starts_at)
    if not mine.update(person=person, is_by_hand=True):
        raise rota.ShiftChanged(shift.pk)


def _decide(swap: Swap, status: Swap.Status, *, by: User | None, now: datetime) -> None:
    swap.status, swap.decided_by, swap.decided_at = status, by, now
    swap.save(update_fields=["status", "decided_by", "decided_at"])


def _subject(swap: Swap) -> str:
    return rota.subject_of(swap.shift.post_id)


def _facts(swap: Swap) -> dict[str, Any]:
    facts = {"swap": swap.pk, "of": str(swap.for_person), "to": str(swap.to or ""), **_when(swap.shift)}
    return facts | ({"against": _when(swap.against)} if swap.against else {})


def _when(shift: Shift) -> dict[str, str]:
    return {"from": shift.starts_at.isoformat(), "until": shift.ends_at.isoformat()}


def _tell(
    people: Iterable[User],
    swap: Swap,
    kind: Notification.Kind,
    what: str,
    *,
    by: User | None,
    now: datetime,
) -> None:
    facts = {"what": what, "by": str(by or ""), "of": str(swap.for_person), "post": swap.shift.post.name}
    others = [one for one in people if by is None or one.pk != by.pk or what == "taken"]
    facts |= {"from": swap.shift.starts_at.isoformat(), "note": swap.note}
    notifications.tell(others, kind, f"swap:{swap.pk}", facts=facts, now=now, occasion=what)
