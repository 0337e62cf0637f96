"""Cases come into a situation and leave it through the API: by a query, by a story, or by hand."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, query_for, situation_for
from cases.api.base import Endpoint
from cases.api.fields import MomentField, Shape
from cases.api.situation_outputs import MovedCasesOut
from cases.api.situations import SituationEndpoint, number_field
from cases.reads import situations as read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import closing, inflows, joining

MOST = 200
"""Cases named in one request: they are held together."""


class AddInflowIn(Shape):
    """A query, or a case whose story belongs here."""

    query = number_field(required=False, default=None, allow_null=True)
    case = number_field(required=False, default=None, allow_null=True)
    since = MomentField(required=False, default=None, help_text="Of before too, from then on; left out: now.")


class AddInflow(SituationEndpoint):
    """Let what a query hears, or a story, join by itself."""

    takes, gives_status = AddInflowIn, 201

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        query = query_for(officer, sent["query"]) if sent["query"] else None
        story = case_for(officer, sent["case"]) if sent["case"] else None
        inflows.add(found, query=query, story=story, since=sent["since"] or now, by=officer, now=now)
        return self.answer_situation(request, situation_id, status=201)


class StopInflowIn(Shape):
    inflow = number_field()
    take_out = serializers.BooleanField(default=False, help_text="What it brought leaves again, bit by bit.")


class StopInflow(SituationEndpoint):
    """Let it bring nothing more; what it brought stays, or leaves when you say so."""

    takes = StopInflowIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        inflow = read.inflow_of(found, sent["inflow"])
        if inflow is None:
            raise ValidationError({"inflow": ["This situation has no such inflow."]})
        inflows.stop(inflow, by=officer, now=now)
        if sent["take_out"]:
            closing.take_out(inflow, by=officer, now=now)
        return self.answer_situation(request, situation_id)


class CasesIn(Shape):
    cases = serializers.ListField(child=number_field(), min_length=1, max_length=MOST)


class MovingEndpoint(Endpoint):
    """Cases come into a situation or leave it; the answer is which did."""

    takes, gives = CasesIn, MovedCasesOut


class JoinCases(MovingEndpoint):
    """Bring cases into a situation with their copies; those of another one move over."""

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.JUDGE)
        joined = joining.join(found, self.sent(request)["cases"], by=officer, now=timezone.now())
        return self.answer({"cases": joined})


class LeaveCases(MovingEndpoint):
    """Take cases out of a situation with their copies; each has its ordinary clock again."""

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.JUDGE)
        asked = self.sent(request)["cases"]
        return self.answer({"cases": joining.leave(asked, by=officer, now=timezone.now(), of=found.pk)})
