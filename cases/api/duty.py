"""Duty: who is at which post when, how that is planned, and how much each has to do."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import duty_post_for, require, shift_for
from cases.api.base import Endpoint
from cases.api.fields import DayField, MomentField, PersonOut, Shape
from cases.reads import rota as rota_reads
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.reads.workload import workload
from cases.rules.permissions import Need
from cases.rules.shifts import MOST_WEEKS, Pattern
from cases.services import rota
from cases.services.rota import PostPlan, ShiftSeen


class DutyPostOut(Shape):
    """A place that somebody always fills."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    is_approver = serializers.BooleanField(help_text="Who is here is asked first to approve.")
    is_active = serializers.BooleanField()
    function = serializers.CharField(help_text="What a ladder calls it by; empty: it takes no alarms.")


class ShiftOut(Shape):
    id = serializers.IntegerField(source="pk")
    person = PersonOut()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="Excluded.")
    is_on_call = serializers.BooleanField(help_text="May be called, and is not at work.")
    pattern = serializers.IntegerField(
        source="pattern_id", allow_null=True, help_text="The pattern it was written out from."
    )
    is_by_hand = serializers.BooleanField(help_text="Its pattern leaves it alone.")


class TurnOut(Shape):
    """A turn of a pattern. `weekday` null: on holidays, in any week."""

    week = serializers.IntegerField()
    weekday = serializers.IntegerField(allow_null=True, help_text="0 is Monday.")
    begin = serializers.TimeField()
    end = serializers.TimeField()
    person = PersonOut()
    is_on_call = serializers.BooleanField()


class RotaPatternOut(Shape):
    id = serializers.IntegerField(source="pk")
    first = serializers.DateField()
    last = serializers.DateField(allow_null=True)
    n_weeks = serializers.IntegerField()
    on_holidays = serializers.CharField()
    calendar = serializers.IntegerField(source="calendar_id", allow_null=True)
    version = serializers.IntegerField(help_text="Send it back as `seen`.")
    turns = TurnOut(source="turns.all", many=True)


class OnDutyOut(Shape):
    """Somebody's turn at a post, now or next."""

    person = PersonOut()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    is_on_call = serializers.BooleanField()


class GapOut(Shape):
    """Nobody has a shift then; the end is excluded."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class PlannedPostOut(Shape):
    """A post with who is there now, who is next, its coming two weeks and when nobody is there."""

    post = DutyPostOut()
    here = ShiftOut(many=True)
    now = OnDutyOut(source="on_now.now", many=True, help_text="Who is there, absences left out.")
    next = OnDutyOut(source="on_now.next", many=True)
    next_at = serializers.DateTimeField(allow_null=True)
    next_people = PersonOut(many=True)
    shifts = ShiftOut(many=True)
    gaps = GapOut(many=True)
    patterns = RotaPatternOut(many=True)


class DutyPlanOut(Shape):
    results = PlannedPostOut(many=True)


class DutyPostIn(Shape):
    name = serializers.CharField(max_length=100)
    is_approver = serializers.BooleanField(required=False, default=False)
    is_active = serializers.BooleanField(required=False, default=True)
    function = serializers.ChoiceField(choices=["", *rota_reads.FUNCTIONS], required=False, default="")


class PatternIn(Shape):
    """A shift in times of the clocks here; on `weekdays` in `weeks` weeks, or on the first day alone."""

    person = serializers.CharField(max_length=150, help_text="Username.")
    first = DayField()
    begin = serializers.TimeField()
    end = serializers.TimeField(help_text="Not later than `begin`: the next day.")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        required=False,
        default=list,
        max_length=7,
        help_text="0 is Monday.",
    )
    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, required=False, default=1)
    is_on_call = serializers.BooleanField(required=False, default=False)


class SeenShiftIn(Shape):
    """The shift as you last read it."""

    seen_person = serializers.CharField(max_length=150, help_text="Username.")
    seen_from = MomentField()
    seen_until = MomentField()
    seen_on_call = serializers.BooleanField(required=False, default=False)


class ChangeShiftIn(SeenShiftIn):
    person = serializers.CharField(max_length=150, help_text="Username.")
    starts_at = MomentField()
    ends_at = MomentField()
    is_on_call = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Null: as it was."
    )


class LoadOut(Shape):
    person = PersonOut()
    is_on_duty = serializers.BooleanField()
    n_assigned = serializers.IntegerField()
    n_now = serializers.IntegerField()
    n_overdue = serializers.IntegerField()
    n_judged = serializers.IntegerField(help_text="Today.")
    n_answered = serializers.IntegerField(help_text="Today.")


class WorkloadOut(Shape):
    results = LoadOut(many=True)


class DutyEndpoint(Endpoint):
    """A verb on the plan; the answer is the plan as it is now."""

    gives = DutyPlanOut

    def answer_duty(self, *, status: int = 200) -> Response:
        return self.answer({"results": rota_reads.plan(now=timezone.now())}, status=status)


class ListDuty(DutyEndpoint):
    """Every duty post with its coming two weeks."""

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer_duty()


class AddPost(DutyEndpoint):
    """Add a duty post."""

    takes, gives_status = DutyPostIn, 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.RUN_TEAM)
        rota.add_post(PostPlan(**self.sent(request)), by=officer, now=timezone.now())
        return self.answer_duty(status=201)


class ChangePost(DutyEndpoint):
    """Rename a post, let it approve or not, put it in or out of use."""

    takes = DutyPostIn

    def post(self, request: Request, duty_post_id: int) -> Response:
        officer = officer_of(request.user)
        post = duty_post_for(officer, duty_post_id)
        rota.change_post(post.pk, PostPlan(**self.sent(request)), by=officer, now=timezone.now())
        return self.answer_duty()


class PlanShifts(DutyEndpoint):
    """Plan one shift, or those of some weeks at once: all of them or none."""

    takes, gives_status = PatternIn, 201

    def post(self, request: Request, duty_post_id: int) -> Response:
        officer = officer_of(request.user)
        post = duty_post_for(officer, duty_post_id)
        sent = self.sent(request)
        person = person_named(sent["person"], Need.HAND_OVER)
        days = frozenset(sent["weekdays"])
        pattern = Pattern(sent["first"], sent["begin"], sent["end"], days, sent["weeks"])
        rota.plan_shifts(
            post.pk, person, pattern, by=officer, now=timezone.now(), is_on_call=sent["is_on_call"]
        )
        return self.answer_duty(status=201)


class ChangeShift(DutyEndpoint):
    """Give a shift to somebody else, or other times; one that runs keeps its start."""

    takes = ChangeShiftIn

    def post(self, request: Request, shift_id: int) -> Response:
        officer = officer_of(request.user)
        shift = shift_for(officer, shift_id)
        sent = self.sent(request)
        person = person_named(sent["person"], Need.HAND_OVER)
        span = sent["starts_at"], sent["ends_at"]
        seen, is_on_call = seen_shift(sent), sent["is_on_call"]
        rota.change_shift(
            shift.pk, person, span, seen=seen, by=officer, now=timezone.now(), is_on_call=is_on_call
        )
        return self.answer_duty()


class RemoveShift(DutyEndpoint):
    """Take a shift that has not started out of the plan."""

    takes = SeenShiftIn

    def post(self, request: Request, shift_id: int) -> Response:
        officer = officer_of(request.user)
        shift = shift_for(officer, shift_id)
        rota.remove_shift(shift.pk, seen=seen_shift(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_duty()


class ListWorkload(Endpoint):
    """How much each of the desk has on their plate."""

    gives = WorkloadOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer({"results": workload(now=timezone.now())})


def seen_shift(sent: dict[str, Any]) -> ShiftSeen:
    """A shift as the caller last read it."""
    person = person_named(sent["seen_person"], Need.HAND_OVER)
    return ShiftSeen(person.pk, sent["seen_from"], sent["seen_until"], sent["seen_on_call"])
