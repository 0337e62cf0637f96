"""Somebody's own shifts, the swaps that wait for them, and who is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases.models import Absence, DutyFeed, Shift, Swap, User
from cases.reads.people import who_may
from cases.rules.permissions import MAY, Need, may
from cases.rules.shifts import overlap

AHEAD = timedelta(days=7 * 12)
MOST_SHIFTS, MOST_OTHERS, MOST_DECIDED = 60, 200, 10
REASONS = list(Absence.Reason.values)


@dataclass(frozen=True, slots=True)
class MyShift:
    """One of somebody's shifts to come, and the swap of it that is open, if one is."""

    shift: Shift
    swap: Swap | None
    is_away: bool
    has_begun: bool


@dataclass(frozen=True, slots=True)
class AskedSwap:
    """A swap that waits, as one person sees it. `clash`: a shift of theirs that stands in the way."""

    swap: Swap
    may_take: bool
    may_refuse: bool
    may_withdraw: bool
    clash: Shift | None


@dataclass(frozen=True, slots=True)
class MyDuty:
    """The whole page. `others`: shifts of colleagues that can be asked for in return."""

    shifts: Sequence[MyShift]
    asked: Sequence[AskedSwap]
    decided: Sequence[Swap]
    others: Sequence[Shift]
    people: Sequence[User]
    absences: Sequence[Absence]
    feed_version: int


def my_duty(user: User, *, now: datetime) -> MyDuty:
    """Everything of somebody's own duty, in a fixed number of queries."""
    horizon = now + AHEAD
    rows = Shift.objects.filter(ends_at__gt=now, starts_at__lt=horizon, person__is_active=True)
    rows = rows.select_related("person", "post").order_by("starts_at", "pk")
    own = list(rows.filter(person=user)[:MOST_SHIFTS])
    leads = may(user.role, Need.RUN_TEAM)
    absences = Absence.objects.filter(ends_at__gt=now).select_related("person")
    away = [(one.starts_at, one.ends_at) for one in absences if one.person_id == user.pk]
    open_swaps = list(_open())
    by_shift = {swap.shift_id: swap for swap in open_swaps}
    may_swap = may(user.role, Need.SWAP)
    swaps = [_asked(swap, user, own) for swap in open_swaps]
    seen = [one for one in swaps if may_swap and (leads or one.may_take or one.may_withdraw or one.clash)]
    others = rows.filter(starts_at__gt=now, person__role__in=MAY[Need.SWAP]).exclude(person=user)
    return MyDuty(
        shifts=[
            MyShift(
                shift,
                by_shift.get(shift.pk),
                overlap((shift.starts_at, shift.ends_at), away) is not None,
                shift.starts_at <= now,
            )
            for shift in own
        ],
        asked=seen,
        decided=list(_decided(user)),
        others=list(others[:MOST_OTHERS]) if own else [],
        people=[one for one in who_may(Need.SWAP) if one.pk != user.pk],
        absences=[one for one in absences if leads or one.person_id == user.pk],
        feed_version=_feed_version(user),
    )


def open_swaps(user: User) -> list[Swap]:
    """The swaps that wait for an answer and that this person may know of."""
    found = _open()
    if not may(user.role, Need.RUN_TEAM):
        found = found.filter(Q(to=None) | Q(to=user) | Q(for_person=user) | Q(asked_by=user))
    return list(found)


def _open() -> QuerySet[Swap]:
    related = ("shift__post", "shift__person", "against__post", "for_person", "to", "asked_by")
    return Swap.objects.filter(status=Swap.Status.ASKED).select_related(*related).order_by("shift__starts_at")


def _decided(user: User) -> QuerySet[Swap]:
    mine = Q(for_person=user) | Q(to=user) | Q(decided_by=user)
    found = Swap.objects.filter(mine).exclude(status=Swap.Status.ASKED)
    related = ("shift__post", "for_person", "to", "decided_by")
    return found.select_related(*related).order_by("-decided_at", "-pk")[:MOST_DECIDED]


def _asked(swap: Swap, user: User, own: Sequence[Shift]) -> AskedSwap:
    span = swap.shift.starts_at, swap.shift.ends_at
    in_the_way = (
        one for one in own if one.pk != swap.against_id and overlap(span, [(one.starts_at, one.ends_at)])
    )
    is_mine = user.pk in (swap.for_person_id, swap.asked_by_id)
    is_for_me = swap.for_person_id != user.pk and swap.to_id in (None, user.pk)
    clash = next(in_the_way, None) if is_for_me else None
    return AskedSwap(
        swap,
        may_take=is_for_me and clash is None,
        may_refuse=swap.to_id == user.pk,
        may_withdraw=is_mine or may(user.role, Need.RUN_TEAM),
        clash=clash,
    )


def _feed_version(user: User) -> int:
    """Which address of somebody's own calendar counts; 0: none was made yet."""
    return DutyFeed.objects.filter(person=user).values_list("version", flat=True).first() or 0
