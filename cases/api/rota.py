"""Patterns of turns: what the duty plan is written out from."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, duty_post_for, pattern_for
from cases.api.base import Endpoint
from cases.api.duty import DutyEndpoint
from cases.api.fields import DayField, Shape
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.patterns import Changes, OnHolidays, Row, Slot, Weeks
from cases.rules.permissions import Need
from cases.rules.shifts import MOST_WEEKS
from cases.services import patterns
from cases.services.patterns import PatternPlan

HOLIDAY = 7
"""The day of a turn that is for holidays: after Sunday."""


class TurnIn(Shape):
    """Turns that differ in their day alone, in times of the clocks here."""

    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=HOLIDAY),
        min_length=1,
        max_length=8,
        help_text="0 is Monday; 7: on holidays, in any week.",
    )
    week = serializers.IntegerField(
        min_value=0,
        max_value=MOST_WEEKS - 1,
        required=False,
        allow_null=True,
        default=None,
        help_text="0 is the week of `first`; null: every week.",
    )
    begin = serializers.TimeField()
    end = serializers.TimeField(help_text="Not later than `begin`: the next day.")
    person = serializers.CharField(max_length=150, help_text="Username.")
    is_on_call = serializers.BooleanField(required=False, default=False)


class RotaPatternIn(Shape):
    """Turns that come back every `n_weeks` weeks, from a day until a day."""

    first = DayField()
    last = DayField(required=False, allow_null=True, default=None)
    n_weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, required=False, default=1)
    on_holidays = serializers.ChoiceField(
        choices=[one.value for one in OnHolidays], required=False, default=OnHolidays.AS_USUAL.value
    )
    calendar = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        allow_null=True,
        default=None,
        help_text="Whose holidays count; null: those of the default calendar.",
    )
    turns = TurnIn(many=True)

    @staticmethod
    def plan(sent: dict[str, Any]) -> PatternPlan:
        slots: list[Slot] = []
        for turn in sent["turns"]:
            days = tuple(None if day == HOLIDAY else day for day in turn["weekdays"])
            person = person_named(turn["person"], Need.HAND_OVER).pk
            row = Row(turn["week"], days, turn["begin"], turn["end"], person, turn["is_on_call"])
            slots += row.slots(sent["n_weeks"])
        holidays = OnHolidays(sent["on_holidays"])
        weeks = Weeks(sent["first"], tuple(slots), sent["n_weeks"], sent["last"], holidays)
        return PatternPlan(weeks, sent["calendar"])


class ChangeRotaPatternIn(RotaPatternIn):
    seen = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text="`version` as you read it.")


class EndRotaPatternIn(Shape):
    last = DayField(help_text="The last day on which a turn begins; before `first`: as if it never was.")
    seen = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text="`version` as you read it.")


class ChangesOut(Shape):
    """What saving a pattern does to the plan."""

    n_added = serializers.IntegerField()
    n_changed = serializers.IntegerField()
    n_removed = serializers.IntegerField()
    n_kept = serializers.IntegerField(help_text="Changed by hand or swapped: they stay.")
    n_left_out = serializers.IntegerField(help_text="Their person has a shift at the post then.")


class PreviewPattern(Endpoint):
    """What a new pattern at a post would do to its plan; nothing is saved."""

    takes, gives = RotaPatternIn, ChangesOut

    def post(self, request: Request, duty_post_id: int) -> Response:
        post = duty_post_for(officer_of(request.user), duty_post_id)
        plan = RotaPatternIn.plan(self.sent(request))
        return self.answer(_counted(patterns.preview(post.pk, plan, now=timezone.now())))


class AddPattern(DutyEndpoint):
    """Begin a pattern at a post: its shifts are written out twelve weeks ahead."""

    takes, gives_status = RotaPatternIn, 201

    def post(self, request: Request, duty_post_id: int) -> Response:
        officer = officer_of(request.user)
        post = duty_post_for(officer, duty_post_id)
        patterns.add_pattern(post.pk, RotaPatternIn.plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_duty(status=201)


class PreviewChangedPattern(Endpoint):
    """What changing a pattern so would do to the plan; nothing is saved."""

    takes, gives = RotaPatternIn, ChangesOut

    def post(self, request: Request, pattern_id: int) -> Response:
        found = pattern_for(officer_of(request.user), pattern_id)
        plan, now = RotaPatternIn.plan(self.sent(request)), timezone.now()
        return self.answer(_counted(patterns.preview(found.post_id, plan, now=now, pattern_id=found.pk)))


class ChangePattern(DutyEndpoint):
    """Change a pattern: shifts to come follow, but those changed by hand or swapped."""

    takes = ChangeRotaPatternIn

    def post(self, request: Request, pattern_id: int) -> Response:
        officer = officer_of(request.user)
        found = pattern_for(officer, pattern_id)
        sent = self.sent(request)
        plan = RotaPatternIn.plan(sent)
        patterns.change_pattern(found.pk, plan, seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_duty()


class EndPattern(DutyEndpoint):
    """Let a pattern count until a day."""

    takes = EndRotaPatternIn

    def post(self, request: Request, pattern_id: int) -> Response:
        officer = officer_of(request.user)
        found = pattern_for(officer, pattern_id)
        sent = self.sent(request)
        patterns.end_pattern(found.pk, sent["last"], seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_duty()


def _counted(done: Changes) -> dict[str, int]:
    counts = {"n_added": len(done.added), "n_changed": len(done.changed), "n_removed": len(done.removed)}
    return counts | {"n_kept": done.n_kept, "n_left_out": len(done.clashes)}
