"""Vetted answers: proposed by one person, vetted by another, put into replies as they are."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import answer_for, claim_for, response_for
from cases.api.base import Endpoint
from cases.api.claim_outputs import VettedAnswerOut
from cases.api.fields import MomentField, Shape
from cases.api.outputs import ResponseOut
from cases.api.replying import SendIn, draft_of, seen_reply
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import answers
from cases.services.answers import AnswerPlan


class WriteAnswerIn(Shape):
    text = serializers.CharField(max_length=answers.LONGEST, trim_whitespace=False)
    language = serializers.CharField(max_length=10)
    channel = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    valid_until = MomentField(required=False, allow_null=True, default=None)


class WriteAnswer(Endpoint):
    """Propose an answer to a claim; a colleague vets it."""

    takes = WriteAnswerIn
    gives = VettedAnswerOut
    gives_status = 201

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.DRAFT)
        plan = AnswerPlan(**self.sent(request))
        made = answers.write(claim, plan, by=officer, now=timezone.now())
        return self.answer(made, status=201)


class VetAnswerIn(Shape):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="When you are alone on duty."
    )
    seen = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        default=None,
        help_text="`revision` of the claim as you last read it; it is refused when that changed.",
    )


class VetAnswer(Endpoint):
    """Put an answer in force; nobody vets their own words unless alone on duty."""

    takes = VetAnswerIn
    gives = VettedAnswerOut

    def post(self, request: Request, answer_id: int) -> Response:
        officer = officer_of(request.user)
        answer = answer_for(officer, answer_id)
        sent = self.sent(request)
        answers.vet(answer, by=officer, now=timezone.now(), solo_reason=sent["reason"], seen=sent["seen"])
        return self.answer(answer)


class WithdrawAnswerIn(Shape):
    reason = serializers.CharField(max_length=500)


class WithdrawAnswer(Endpoint):
    """Take an answer out of use; it cannot be sent unaltered any more."""

    takes = WithdrawAnswerIn
    gives = VettedAnswerOut

    def post(self, request: Request, answer_id: int) -> Response:
        officer = officer_of(request.user)
        answer = answer_for(officer, answer_id)
        answers.withdraw(answer, reason=self.sent(request)["reason"], by=officer, now=timezone.now())
        return self.answer(answer)


class UseAnswerIn(SendIn):
    answer = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class UseAnswer(Endpoint):
    """Put a vetted answer into a reply, with the claim and the source of the register."""

    takes = UseAnswerIn
    gives = ResponseOut

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.DRAFT)
        sent: dict[str, Any] = self.sent(request)
        answer = answer_for(officer, sent["answer"], Need.DRAFT)
        draft = draft_of(sent, response)
        answers.use(response, answer, draft, by=officer, now=timezone.now(), seen=seen_reply(sent))
        return self.answer(response_for(officer, response_id, Need.SEE))
