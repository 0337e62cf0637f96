"""Targets and calendars: when answers are due, and in which hours."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, calendar_for, require, target_for
from cases.api.base import Endpoint
from cases.api.fields import DayField, Shape
from cases.reads.clocks import CATEGORIES, KINDS, clocks
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import calendars
from cases.services.calendars import CalendarPlan, TargetPlan
from cases.targets import PRIORITIES

WEEK = 7


class TargetOut(Shape):
    """A target. `calendar`: only its hours count; null: all hours of the clock."""

    id = serializers.IntegerField(source="target.pk")
    kind = serializers.CharField(source="target.kind")
    category = serializers.CharField(source="target.category", help_text="Empty: all others.")
    priority = serializers.CharField(source="target.priority", help_text="Empty: all others.")
    minutes = serializers.IntegerField(source="target.minutes")
    calendar = serializers.IntegerField(source="target.calendar_id", allow_null=True)
    due_at = serializers.DateTimeField(help_text="For what starts now.")
    edition = serializers.CharField(source="target.edition", help_text="Send it back as `seen`.")


class SpecialDayOut(Shape):
    day = serializers.DateField(source="special.day")
    name = serializers.CharField(source="special.name")
    hours = serializers.CharField(help_text="Empty: free.")


class CalendarOut(Shape):
    """A calendar. `week`: hours per weekday, Monday first; empty: free."""

    id = serializers.IntegerField(source="calendar.pk")
    name = serializers.CharField(source="calendar.name")
    week = serializers.ListField(child=serializers.CharField(allow_blank=True))
    country = serializers.CharField(source="calendar.country")
    worked_holidays = serializers.ListField(
        source="calendar.worked_holidays",
        child=serializers.CharField(),
        help_text="Public holidays on which work goes on.",
    )
    is_default = serializers.BooleanField(source="calendar.is_default")
    special_days = SpecialDayOut(source="special", many=True)
    edition = serializers.CharField(source="calendar.edition", help_text="Send it back as `seen`.")


class ClocksOut(Shape):
    """All targets and calendars, and when a post that is heard now is due before it is judged."""

    targets = TargetOut(many=True)
    calendars = CalendarOut(many=True)
    normal_due_at = serializers.DateTimeField()
    urgent_due_at = serializers.DateTimeField()


class ClocksEndpoint(Endpoint):
    """A verb on targets or calendars; the answer is all of them as they are now."""

    gives = ClocksOut

    def answer_clocks(self, *, status: int = 200) -> Response:
        return self.answer(clocks(now=timezone.now()), status=status)

    def planner(self, request: Request) -> Any:
        officer = officer_of(request.user)
        require(officer, Need.RUN_TEAM)
        return officer


class ReadClocks(ClocksEndpoint):
    """Targets and calendars as they are now."""

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer_clocks()


class TargetIn(Shape):
    kind = serializers.ChoiceField(choices=KINDS)
    category = serializers.ChoiceField(choices=["", *CATEGORIES], required=False, default="")
    priority = serializers.ChoiceField(choices=["", *PRIORITIES], required=False, default="")
    minutes = serializers.IntegerField(min_value=1, max_value=calendars.MOST_MINUTES)
    calendar = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, allow_null=True, default=None
    )
    seen = serializers.CharField(
        max_length=30, required=False, allow_blank=True, default="", help_text="Empty for a new target."
    )


class SetTarget(ClocksEndpoint):
    """Set or change the target of a category and priority; it counts for clocks set from now on."""

    takes = TargetIn

    def post(self, request: Request) -> Response:
        officer, sent = self.planner(request), self.sent(request)
        plan = TargetPlan(sent["kind"], sent["category"], sent["priority"], sent["minutes"], sent["calendar"])
        calendars.set_target(plan, seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_clocks()


class SeenTargetIn(Shape):
    seen = serializers.CharField(max_length=30)


class DropTarget(ClocksEndpoint):
    """Remove a target; the one for all others counts instead."""

    takes = SeenTargetIn

    def post(self, request: Request, target_id: int) -> Response:
        officer = self.planner(request)
        target_id = target_for(officer, target_id).pk
        calendars.drop_target(target_id, seen=self.sent(request)["seen"], by=officer, now=timezone.now())
        return self.answer_clocks()


class CalendarIn(Shape):
    """`week`: seven texts such as "9:00-12:30, 13:00-17:00", Monday first; empty: free."""

    name = serializers.CharField(max_length=100)
    week = serializers.ListField(
        child=serializers.CharField(max_length=100, allow_blank=True), min_length=WEEK, max_length=WEEK
    )
    country = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")
    is_default = serializers.BooleanField(required=False, default=False)
    worked_holidays = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        allow_null=True,
        default=None,
        max_length=50,
        help_text="Public holidays on which work goes on, by name; null: as it was, or as is usual there.",
    )

    @staticmethod
    def plan(sent: dict[str, Any]) -> CalendarPlan:
        worked = sent["worked_holidays"]
        return CalendarPlan(sent["name"], sent["week"], sent["country"], sent["is_default"], worked)


class ChangeCalendarIn(CalendarIn):
    seen = serializers.CharField(max_length=30, help_text="`edition` of the calendar as you last read it.")


class AddCalendar(ClocksEndpoint):
    """Add a calendar."""

    takes, gives_status = CalendarIn, 201

    def post(self, request: Request) -> Response:
        officer = self.planner(request)
        calendars.add_calendar(CalendarIn.plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_clocks(status=201)


class ChangeCalendar(ClocksEndpoint):
    """Change the hours, holidays or name of a calendar."""

    takes = ChangeCalendarIn

    def post(self, request: Request, calendar_id: int) -> Response:
        officer = self.planner(request)
        calendar_id = calendar_for(officer, calendar_id).pk
        sent = self.sent(request)
        plan, now = CalendarIn.plan(sent), timezone.now()
        calendars.change_calendar(calendar_id, plan, seen=sent["seen"], by=officer, now=now)
        return self.answer_clocks()


class RemoveCalendar(ClocksEndpoint):
    """Remove a calendar in which no target counts."""

    def post(self, request: Request, calendar_id: int) -> Response:
        officer = self.planner(request)
        found = calendar_for(officer, calendar_id)
        calendars.remove_calendar(found.pk, by=officer, now=timezone.now())
        return self.answer_clocks()


class DayIn(Shape):
    """`hours` empty: free. `drop`: let the day be as its weekday and the holidays say."""

    day = DayField()
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    hours = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    drop = serializers.BooleanField(required=False, default=False)


class SetDay(ClocksEndpoint):
    """Give a day of a calendar hours of its own."""

    takes = DayIn

    def post(self, request: Request, calendar_id: int) -> Response:
        officer, now = self.planner(request), timezone.now()
        calendar_id, sent = calendar_for(officer, calendar_id).pk, self.sent(request)
        if sent["drop"]:
            calendars.drop_day(calendar_id, sent["day"], by=officer, now=now)
        else:
            said = {"name": sent["name"], "hours": sent["hours"]}
            calendars.set_day(calendar_id, sent["day"], **said, by=officer, now=now)
        return self.answer_clocks()
