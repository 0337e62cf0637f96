"""After the event: how alarms went, and whether they were right."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, escalation_for, require
from cases.api.base import Endpoint
from cases.api.fields import Shape, words_field
from cases.reads import lookback as read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import lookback


class StepOut(Shape):
    """One moment of an alarm, and the minutes since the moment before it."""

    name = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)


class LookedOut(Shape):
    """One alarm as it went. `said`: right, false, or empty when nobody looked back yet."""

    escalation = serializers.IntegerField(source="alarm.pk")
    case = serializers.IntegerField(source="alarm.case_id", allow_null=True)
    situation = serializers.IntegerField(source="alarm.situation_id", allow_null=True)
    query = serializers.IntegerField(source="alarm.query_id", allow_null=True)
    level = serializers.IntegerField(source="alarm.level")
    profile = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    steps = StepOut(many=True)
    said = serializers.CharField()
    reason = serializers.CharField()
    signs = serializers.ListField(child=serializers.CharField())


class MissedOut(Shape):
    """A person said that it got worse before the machine did; `minutes` until it agreed, null: never."""

    case = serializers.IntegerField(source="check.watch.case_id", allow_null=True)
    situation = serializers.IntegerField(source="check.watch.situation_id", allow_null=True)
    query = serializers.IntegerField(source="check.watch.query_id", allow_null=True)
    watch = serializers.IntegerField(source="check.watch_id")
    at = serializers.DateTimeField(source="check.at")
    note = serializers.CharField(source="check.note")
    profile = serializers.CharField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)


class TotalsOut(Shape):
    """Counts and median minutes between the moments, of one profile or (null) of all."""

    profile = serializers.CharField(allow_null=True)
    n = serializers.IntegerField()
    n_right = serializers.IntegerField()
    n_false = serializers.IntegerField()
    n_missed = serializers.IntegerField()
    medians = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    false_signs = serializers.SerializerMethodField()

    def get_false_signs(self, totals: Any) -> dict[str, int]:
        """Which signs stood in false alarms, and how often."""
        return dict(totals.false_signs)


class LookBackOut(Shape):
    total = TotalsOut()
    by_profile = TotalsOut(many=True)
    alarms = LookedOut(many=True)
    missed = MissedOut(many=True)
    is_cut = serializers.BooleanField(help_text="There were more alarms than are counted here.")


class LookBackIn(Shape):
    days = serializers.IntegerField(min_value=1, max_value=366, required=False, default=30)
    profile = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)


class ReadLookBack(Endpoint):
    """How the alarms of some days went, and what people saw before the machine."""

    takes, gives = LookBackIn, LookBackOut

    def get(self, request: Request) -> Response:
        wanted, now = self.sent(request), timezone.now()
        require(officer_of(request.user), Need.SEE_WATCHING)
        since = now - timedelta(days=wanted["days"])
        return self.answer(read.look_back(since=since, until=now, profile=wanted["profile"]))


class SayOfAlarmIn(Shape):
    is_false = serializers.BooleanField(help_text="There was nothing the matter.")
    reason = words_field("Why; needed for a false alarm.", most=500)
    seen = serializers.ChoiceField(
        choices=["", "right", "false"], required=False, default=None, help_text="`said` as you last read it."
    )


class SayOfAlarm(Endpoint):
    """Say whether an alarm was right; it can be said again, and the trail keeps every word."""

    takes, gives = SayOfAlarmIn, LookedOut

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        alarm = escalation_for(officer, escalation_id, Need.LOOK_BACK)
        sent = self.sent(request)
        lookback.say(
            alarm,
            is_false=sent["is_false"],
            reason=sent["reason"],
            by=officer,
            now=timezone.now(),
            seen=sent["seen"],
        )
        return self.answer(read.looked_at(alarm))
