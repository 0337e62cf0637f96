"""The start and the end of a shift: what is open, what is left to the next, and who accepts it."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, duty_post_for, hand_over_for, require
from cases.api.base import Endpoint
from cases.api.duty import PlannedPostOut
from cases.api.fields import LONG, PersonOut, Shape
from cases.reads import shift as shift_reads
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import leaving, shifts
from cases.services.shifts import Leaving


class LineOut(Shape):
    case = serializers.IntegerField(source="case_id")
    text = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    who = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)


class SectionOut(Shape):
    """What is open of one kind: how many, and the first few."""

    name = serializers.CharField()
    n = serializers.IntegerField()
    lines = LineOut(many=True)


class KeptWatchOut(Shape):
    """An open watch of a post, or in your own name."""

    id = serializers.IntegerField(source="watch.pk")
    case = serializers.IntegerField(source="case_id")
    state = serializers.CharField()
    level = serializers.IntegerField(source="watch.level")
    watcher = PersonOut(source="watch.watcher", allow_null=True)
    post = serializers.CharField(source="watch.post.name", default="", allow_blank=True)
    next_check_at = serializers.DateTimeField(source="watch.next_check_at")


class HandOverOut(Shape):
    """A hand-over. `counts`: what was open then; `facts` holds the cases that go along."""

    id = serializers.IntegerField(source="hand_over.pk")
    by = PersonOut(source="hand_over.by")
    to = PersonOut(source="hand_over.to", allow_null=True)
    post = serializers.CharField(source="hand_over.post.name", default="", allow_blank=True)
    note = serializers.CharField(source="hand_over.note")
    facts = serializers.DictField(source="hand_over.facts")
    at = serializers.DateTimeField(source="hand_over.at")
    accepted_by = PersonOut(source="hand_over.accepted_by", allow_null=True)
    accepted_at = serializers.DateTimeField(source="hand_over.accepted_at", allow_null=True)
    may_accept = serializers.BooleanField()
    watches = KeptWatchOut(many=True, help_text="Those of its post that run now.")


class ShiftForecastOut(Shape):
    """What becomes late at the pace of the last hours, beside what is."""

    n_late = serializers.IntegerField()
    n_soon = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)


class ShiftPageOut(Shape):
    """The start of a shift: what is open, what waits to be accepted, who is there."""

    until = serializers.DateTimeField()
    is_on_duty = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    sections = SectionOut(many=True)
    waiting = HandOverOut(many=True)
    last = HandOverOut(allow_null=True)
    own_watches = KeptWatchOut(many=True, help_text="Those in your own name.")
    forecast = ShiftForecastOut()
    posts = PlannedPostOut(many=True)
    not_seen = serializers.ListField(child=serializers.CharField())


class LeaveShiftIn(Shape):
    note = serializers.CharField(max_length=LONG)
    post = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    to = serializers.CharField(max_length=150, required=False, default=None, help_text="Username.")
    cases = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        default=list,
        max_length=500,
        help_text="Open cases of yours that go along to whoever accepts.",
    )


class SayIn(Shape):
    text = serializers.CharField(max_length=2000)


class ShiftEndpoint(Endpoint):
    """A verb on a hand-over; the answer is the start of the shift as it is now."""

    gives = ShiftPageOut

    def answer_shift(self, officer: Any, *, status: int = 200) -> Response:
        return self.answer(shift_reads.start_of_shift(officer, now=timezone.now()), status=status)


class ReadShift(ShiftEndpoint):
    """The start of your shift: what is open, who is there, what the last shift left."""

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SEE)
        return self.answer_shift(officer)


class LeaveShift(ShiftEndpoint):
    """Hand over: to a person, to whoever comes next at a post, or to whoever comes next."""

    takes, gives_status = LeaveShiftIn, 201

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.HAND_OVER)
        sent = self.sent(request)
        mine = set(shift_reads.own_cases(officer))
        left = Leaving(
            note=sent["note"],
            counts=shift_reads.counts(now=now),
            post=duty_post_for(officer, sent["post"], Need.HAND_OVER) if sent["post"] else None,
            to=person_named(sent["to"], Need.HAND_OVER) if sent["to"] else None,
            case_ids=[number for number in sent["cases"] if number in mine],
        )
        shifts.hand_over(left, by=officer, now=now)
        return self.answer_shift(officer, status=201)


class LeaveWatchesIn(Shape):
    post = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    watches = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=500,
        help_text="Those of `own_watches` that go; what is no longer yours stays.",
    )


class LeaveWatches(ShiftEndpoint):
    """Put watches that are in your own name in the name of a duty post, in one go."""

    takes = LeaveWatchesIn

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.HAND_OVER)
        sent = self.sent(request)
        post = duty_post_for(officer, sent["post"], Need.HAND_OVER)
        leaving.leave_watches(sent["watches"], post, by=officer, now=timezone.now())
        return self.answer_shift(officer)


class AcceptShift(ShiftEndpoint):
    """Accept a hand-over by name: once, by one person; its cases become yours."""

    def post(self, request: Request, hand_over_id: int) -> Response:
        officer = officer_of(request.user)
        left = hand_over_for(officer, hand_over_id)
        shifts.accept(left.pk, by=officer, now=timezone.now())
        return self.answer_shift(officer)


class AskShift(ShiftEndpoint):
    """Ask who left to add something before you accept."""

    takes = SayIn

    def post(self, request: Request, hand_over_id: int) -> Response:
        officer = officer_of(request.user)
        left = hand_over_for(officer, hand_over_id)
        shifts.ask(left.pk, self.sent(request)["text"], by=officer, now=timezone.now())
        return self.answer_shift(officer)


class AddToShift(ShiftEndpoint):
    """Add to your own note while nobody has accepted it."""

    takes = SayIn

    def post(self, request: Request, hand_over_id: int) -> Response:
        officer = officer_of(request.user)
        left = hand_over_for(officer, hand_over_id)
        shifts.add(left.pk, self.sent(request)["text"], by=officer, now=timezone.now())
        return self.answer_shift(officer)
