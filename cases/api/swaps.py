"""Your own duty: your shifts, swaps of shifts, and who is away."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, absence_for, planned_shift_for, require, swap_for
from cases.api.base import Endpoint
from cases.api.duty import SeenShiftIn, ShiftOut, seen_shift
from cases.api.fields import MomentField, PersonOut, Shape
from cases.reads import my_duty as my_duty_reads
from cases.reads.feeds import token_of
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import absences, feeds, swaps
from cases.services.swaps import SwapPlan


class SwapOut(Shape):
    """A swap that was asked. `to` null: of anybody who can; `against`: the shift that comes back for it."""

    id = serializers.IntegerField(source="pk")
    status = serializers.CharField()
    post = serializers.CharField(source="shift.post.name")
    shift = ShiftOut()
    for_person = PersonOut()
    to = PersonOut(allow_null=True)
    against = ShiftOut(allow_null=True)
    note = serializers.CharField()
    asked_at = serializers.DateTimeField()


class AbsenceOut(Shape):
    id = serializers.IntegerField(source="pk")
    person = PersonOut()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="Excluded.")
    reason = serializers.CharField()


class MyShiftOut(Shape):
    post = serializers.CharField(source="shift.post.name")
    shift = ShiftOut()
    is_away = serializers.BooleanField()
    has_begun = serializers.BooleanField()


class MyDutyOut(Shape):
    """Your shifts to come, the swaps that you may know of, and absences: yours, or all for who plans."""

    shifts = MyShiftOut(many=True)
    swaps = SwapOut(many=True)
    absences = AbsenceOut(many=True)
    feed = serializers.CharField(help_text="The path at which a calendar reads your shifts; empty: none yet.")


class MyDutyEndpoint(Endpoint):
    """A verb on one's own duty; the answer is what it is now."""

    gives = MyDutyOut

    def answer_mine(self, officer: Any, *, status: int = 200) -> Response:
        mine = my_duty_reads.my_duty(officer, now=timezone.now())
        waiting = my_duty_reads.open_swaps(officer)
        shown: dict[str, Any] = {"shifts": mine.shifts, "swaps": waiting, "absences": mine.absences}
        version = mine.feed_version
        shown["feed"] = f"/duty/feed/{token_of(officer, version)}/duty.ics" if version else ""
        return self.answer(shown, status=status)


class ReadMyDuty(MyDutyEndpoint):
    """Your shifts to come, swaps that wait, and absences."""

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SEE_TEAM)
        return self.answer_mine(officer)


class RenewFeed(MyDutyEndpoint):
    """Make an address at which a calendar reads your shifts; an earlier one stops working."""

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SWAP)
        feeds.renew(by=officer, now=timezone.now())
        return self.answer_mine(officer)


class AskSwapIn(SeenShiftIn):
    to = serializers.CharField(
        max_length=150, required=False, allow_null=True, default=None, help_text="Username; null: anybody."
    )
    against = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        allow_null=True,
        default=None,
        help_text="A shift of `to` that comes back for it.",
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class AskSwap(MyDutyEndpoint):
    """Ask to be relieved of a shift of yours; who plans may ask for others."""

    takes, gives_status = AskSwapIn, 201

    def post(self, request: Request, shift_id: int) -> Response:
        officer = officer_of(request.user)
        shift = planned_shift_for(officer, shift_id)
        sent = self.sent(request)
        to = person_named(sent["to"], Need.SWAP) if sent["to"] else None
        plan = SwapPlan(shift.pk, seen_shift(sent), to, sent["against"], sent["note"])
        swaps.ask(plan, by=officer, now=timezone.now())
        return self.answer_mine(officer, status=201)


class TakeSwapIn(Shape):
    person = serializers.CharField(
        max_length=150,
        required=False,
        allow_null=True,
        default=None,
        help_text="Username of who takes it over, for who plans; null: you.",
    )


class TakeSwap(MyDutyEndpoint):
    """Take a shift over; the one that comes back for it changes at the same moment."""

    takes = TakeSwapIn

    def post(self, request: Request, swap_id: int) -> Response:
        officer = officer_of(request.user)
        found, named = swap_for(officer, swap_id), self.sent(request)["person"]
        taker = person_named(named, Need.SWAP) if named else None
        swaps.take(found.pk, by=officer, now=timezone.now(), taker=taker)
        return self.answer_mine(officer)


class RefuseSwap(MyDutyEndpoint):
    """Say no to what was asked of you by name."""

    def post(self, request: Request, swap_id: int) -> Response:
        officer = officer_of(request.user)
        swaps.refuse(swap_for(officer, swap_id).pk, by=officer, now=timezone.now())
        return self.answer_mine(officer)


class WithdrawSwap(MyDutyEndpoint):
    """Take back what you asked, while nobody has decided."""

    def post(self, request: Request, swap_id: int) -> Response:
        officer = officer_of(request.user)
        swaps.withdraw(swap_for(officer, swap_id).pk, by=officer, now=timezone.now())
        return self.answer_mine(officer)


class AbsenceIn(Shape):
    person = serializers.CharField(
        max_length=150, required=False, allow_null=True, default=None, help_text="Username; null: you."
    )
    starts_at = MomentField()
    ends_at = MomentField()
    reason = serializers.ChoiceField(choices=my_duty_reads.REASONS)


class AddAbsence(MyDutyEndpoint):
    """Somebody is away: shifts in that time show as gaps. Your own, or anybody's for who plans."""

    takes, gives_status = AbsenceIn, 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SWAP)
        sent = self.sent(request)
        person = person_named(sent["person"], Need.HAND_OVER) if sent["person"] else officer
        span = sent["starts_at"], sent["ends_at"]
        absences.add_absence(person, span, sent["reason"], by=officer, now=timezone.now())
        return self.answer_mine(officer, status=201)


class RemoveAbsence(MyDutyEndpoint):
    """Somebody is there after all; an absence that has begun ends now."""

    def post(self, request: Request, absence_id: int) -> Response:
        officer = officer_of(request.user)
        absences.remove_absence(absence_for(officer, absence_id).pk, by=officer, now=timezone.now())
        return self.answer_mine(officer)
