"""The queue: the next best case, a case back in sight, and what is known of the account behind it."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, require
from cases.api.base import Endpoint
from cases.api.fields import Shape
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.rules.signs import Role
from cases.services import assignment, triage


class TakeNext(Endpoint):
    """Take the best case that nobody is at; of two who ask at once each gets another one."""

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.JUDGE)
        return self.answer_case(request, assignment.take_next(by=officer, now=timezone.now()).pk)


class WakeCase(Endpoint):
    """Bring a case back in sight that was put aside for later."""

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        triage.wake(case_for(officer, case_id, Need.JUDGE), by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class PressIn(Shape):
    is_press = serializers.BooleanField(
        required=False, help_text="Whether the account speaks for a newsroom; `standing` says more."
    )
    standing = serializers.ChoiceField(
        choices=[role.value for role in Role],
        required=False,
        allow_blank=True,
        help_text="What is known of the account; empty: nothing in particular.",
    )


class MarkPress(Endpoint):
    """Say what is known of the account behind a post: press, an authority, a politician, or nothing."""

    takes = PressIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent, now = self.sent(request), timezone.now()
        if "standing" in sent:
            triage.set_standing(case, sent["standing"], by=officer, now=now)
        else:
            triage.mark_press(case, is_press=sent.get("is_press", False), by=officer, now=now)
        return self.answer_case(request, case_id)
