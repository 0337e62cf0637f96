"""Alarms: the open ones in their order, taken, handed over, ended or made a crisis; and their ladders."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, escalation_for, require
from cases.api.base import Endpoint
from cases.api.fields import Shape, words_field
from cases.api.outputs import EscalationOut
from cases.reads import alarms, ladders
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.ladders import CHANNELS, SHIPPED, Step
from cases.rules.permissions import Need
from cases.services import escalation, taking
from cases.services import ladders as ladder_verbs
from cases.services.ladders import MOST_STEPS, LadderPlan


class OpenAlarmOut(Shape):
    """An open alarm with who was told, who is next, and what reached nobody."""

    alarm = EscalationOut(source="escalation")
    told = serializers.ListField(child=serializers.CharField())
    next_people = serializers.ListField(child=serializers.CharField())
    parts = serializers.SerializerMethodField(help_text="Cases whose alarms ring with this one.")
    missed = serializers.ListField(child=serializers.CharField(), help_text="Steps that reached nobody.")
    is_unanswered = serializers.BooleanField(help_text="Its ladder came to its end; nobody took it.")
    is_crisis_proposed = serializers.BooleanField()

    def get_parts(self, shown: Any) -> list[int]:
        return [part.subject.number for part, _sentence in shown.parts]


class OpenAlarmsOut(Shape):
    results = OpenAlarmOut(many=True)


class ListOpenAlarms(Endpoint):
    """Open alarms: what nobody has taken first, then the highest and oldest."""

    gives = OpenAlarmsOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        return self.answer({"results": alarms.open_alarms(now=timezone.now())})


class AlarmEndpoint(Endpoint):
    """A verb on an alarm; the answer is the alarm as it is now."""

    gives = EscalationOut

    def answer_alarm(self, request: Request, escalation_id: int) -> Response:
        return self.answer(escalation_for(officer_of(request.user), escalation_id, Need.SEE))


class AcknowledgeIn(Shape):
    seen = serializers.IntegerField(
        min_value=1,
        max_value=4,
        required=False,
        allow_null=True,
        default=None,
        help_text="The level that you read; an alarm that rose above it is not taken.",
    )


class AcknowledgeEscalation(AlarmEndpoint):
    """Take an alarm with all that rings with it: names you, and stops it from climbing further."""

    takes = AcknowledgeIn

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        found = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
        escalation.acknowledge(found, by=officer, now=timezone.now(), seen=self.sent(request)["seen"])
        return self.answer_alarm(request, escalation_id)


class OfferIn(Shape):
    to = serializers.CharField(max_length=150, help_text="The user name of the colleague you ask.")


class OfferAlarm(AlarmEndpoint):
    """Ask a colleague to take your alarm over; you have it until they accept."""

    takes = OfferIn

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        found = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
        to = person_named(self.sent(request)["to"], Need.ACKNOWLEDGE)
        taking.offer(found, to, by=officer, now=timezone.now())
        return self.answer_alarm(request, escalation_id)


class AcceptAlarm(AlarmEndpoint):
    """Take an alarm over that a colleague offered you."""

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        found = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
        taking.accept(found, by=officer, now=timezone.now())
        return self.answer_alarm(request, escalation_id)


class ReasonIn(Shape):
    reason = words_field("Why; whoever is called or reads it later must understand it.", most=500)


class FinishAlarm(AlarmEndpoint):
    """End an alarm, with the reason."""

    takes = ReasonIn

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        found = escalation_for(officer, escalation_id, Need.DECIDE)
        taking.finish(found, reason=self.sent(request)["reason"], by=officer, now=timezone.now())
        return self.answer_alarm(request, escalation_id)


class DeclareCrisis(AlarmEndpoint):
    """Say that it is a crisis: everybody on the ladder of the fourth level is called."""

    takes = ReasonIn

    def post(self, request: Request, escalation_id: int) -> Response:
        officer = officer_of(request.user)
        found = escalation_for(officer, escalation_id, Need.DECIDE)
        taking.declare_crisis(found, reason=self.sent(request)["reason"], by=officer, now=timezone.now())
        return self.answer_alarm(request, escalation_id)


class RungOut(Shape):
    """A step. `people`: who would be called now."""

    who = serializers.CharField()
    calls = serializers.CharField(source="label", help_text="Whom it calls, in words.")
    minutes = serializers.IntegerField()
    channels = serializers.ListField(child=serializers.CharField())
    people = serializers.ListField(child=serializers.CharField())


class LadderOut(Shape):
    level = serializers.IntegerField()
    steps = RungOut(source="rungs", many=True)
    repeats = serializers.IntegerField()
    taken_minutes = serializers.IntegerField(help_text="So long an acknowledgement holds.")
    version = serializers.IntegerField(help_text="Send it back as `seen`.")


class LaddersOut(Shape):
    """The ladders of all levels."""

    ladders = LadderOut(many=True)


class LaddersEndpoint(Endpoint):
    """The answer is all ladders as they are now."""

    gives = LaddersOut

    def answer_ladders(self) -> Response:
        return self.answer(ladders.all_ladders(now=timezone.now()))


class ListLadders(LaddersEndpoint):
    """Whom an alarm of each level calls, in which order."""

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_WATCHING)
        return self.answer_ladders()


class RungIn(Shape):
    """A step: `who` is watcher, officer, backup, communications, head, crisis, person:<id> or post:<id>."""

    who = serializers.CharField(max_length=40)
    minutes = serializers.IntegerField(min_value=0, max_value=100_000)
    channels = serializers.ListField(child=serializers.ChoiceField(choices=list(CHANNELS)), max_length=10)


class LadderIn(Shape):
    steps = serializers.ListField(child=RungIn(), max_length=MOST_STEPS + 1)
    repeats = serializers.IntegerField(min_value=0, max_value=100)
    taken_minutes = serializers.IntegerField(min_value=0, max_value=100_000)
    seen = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, help_text="`version` of the ladder as you last read it."
    )


class ChangeLadder(LaddersEndpoint):
    """Put a ladder in place of the one you read; it holds for alarms that ring from now on."""

    takes = LadderIn

    def post(self, request: Request, level: int) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SET_WATCHING)
        if level not in SHIPPED:
            raise Http404
        sent = self.sent(request)
        steps = [Step(step["who"], step["minutes"] * 60, tuple(step["channels"])) for step in sent["steps"]]
        plan = LadderPlan(steps, sent["repeats"], sent["taken_minutes"] * 60)
        ladder_verbs.change(level, plan, seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_ladders()
