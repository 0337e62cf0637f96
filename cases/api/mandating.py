"""Mandates through the API: who may say what until when, granting, handing on and ending."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, mandate_for, require, situation_for
from cases.api.base import Endpoint
from cases.api.fields import MomentField, PersonOut, Shape, words_field
from cases.reads import mandates as reads
from cases.reads.people import officer_of
from cases.rules.mandate import ALL, PRIORITIES
from cases.rules.permissions import Need
from cases.services import mandates
from cases.services.mandates import MandateRefused, Terms


def _names(what: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=60), default=lambda: [ALL], max_length=50, help_text=what
    )


class NamesOut(serializers.ListField):
    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        return sorted(data)


class MandateOut(Shape):
    """Who may say what. What was handed on holds as far as the mandate it came from; `*` is all."""

    id = serializers.IntegerField(source="mandate.pk")
    state = serializers.ChoiceField(choices=["valid", "not yet", "ended"])
    ends_soon = serializers.BooleanField(help_text="Within two weeks.")
    holder = PersonOut(source="mandate.holder")
    categories = NamesOut(source="grant.categories")
    options = NamesOut(source="grant.options")
    accounts = NamesOut(source="grant.accounts")
    visibilities = NamesOut(source="grant.visibilities")
    highest_priority = serializers.ChoiceField(source="grant.highest_priority", choices=PRIORITIES)
    valid_from = serializers.DateTimeField(source="grant.valid_from")
    valid_until = serializers.DateTimeField(source="grant.valid_until")
    may_delegate = serializers.BooleanField(source="mandate.may_delegate")
    delegated_from = serializers.IntegerField(source="mandate.delegated_from_id", allow_null=True)
    situation = serializers.IntegerField(
        source="mandate.situation_id", allow_null=True, help_text="Only for its cases; null: for all."
    )
    granted_by = PersonOut(source="mandate.granted_by", allow_null=True)


class MandateListOut(Shape):
    results = MandateOut(many=True)


class MandateIn(Shape):
    """A mandate; a part that is left out holds for all of its kind."""

    holder = serializers.CharField(max_length=150, help_text="Username.")
    categories = _names("Categories of the scheme.")
    options = _names("`reply_public`, `reply_direct`.")
    accounts = _names("A platform, or `credential:7`.")
    visibilities = _names("`public`, `direct`.")
    highest_priority = serializers.ChoiceField(choices=PRIORITIES, default=PRIORITIES[-1])
    valid_from = MomentField(required=False, default=None, help_text="Left out: now.")
    valid_until = MomentField()
    may_delegate = serializers.BooleanField(default=False)
    situation = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        allow_null=True,
        default=None,
        help_text="Only for the cases of this situation.",
    )


class ListMandates(Endpoint):
    """Every mandate that holds or will, and those that ended last."""

    gives = MandateListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer({"results": reads.mandates(now=timezone.now())})


class MandateEndpoint(Endpoint):
    """A verb on mandates; the answer is the mandate as it holds now."""

    takes = MandateIn
    gives = MandateOut
    gives_status = 201

    def asked(self, request: Request) -> tuple[Any, Terms]:
        """For whom, and what. Raises MandateRefused for a name that nobody has."""
        sent = self.sent(request)
        name, since = sent.pop("holder"), sent.pop("valid_from") or timezone.now()
        holder = next((person for person in reads.able_to_hold() if person.username == name), None)
        if holder is None:
            raise MandateRefused([_("Choose who gets the mandate.")])
        number = sent.pop("situation")
        situation = situation_for(officer_of(request.user), number, Need.SEE_TEAM) if number else None
        return holder, Terms(valid_from=since, situation=situation, **sent)

    def answer_mandate(self, mandate_id: int) -> Response:
        lines = reads.mandates(now=timezone.now())
        line = next(line for line in lines if line.mandate.pk == mandate_id)
        return self.answer(line, status=self.gives_status)


class GrantMandate(MandateEndpoint):
    """Let somebody answer in the organisation's name."""

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.GRANT_MANDATE)
        holder, terms = self.asked(request)
        made = mandates.grant(holder, terms, by=officer, now=timezone.now())
        return self.answer_mandate(made.pk)


class DelegateMandate(MandateEndpoint):
    """Hand a mandate of your own on, as a whole or in part."""

    def post(self, request: Request, mandate_id: int) -> Response:
        officer = officer_of(request.user)
        mandate = mandate_for(officer, mandate_id, Need.DRAFT)
        holder, terms = self.asked(request)
        made = mandates.delegate(mandate.pk, holder, terms, by=officer, now=timezone.now())
        return self.answer_mandate(made.pk)


class EndMandateIn(Shape):
    reason = words_field("Why it ends.", most=500)


class EndMandate(Endpoint):
    """End a mandate now, with all that was handed on from it; `done` is false when it was over already."""

    class Done(Shape):
        done = serializers.BooleanField()

    takes = EndMandateIn
    gives = Done

    def post(self, request: Request, mandate_id: int) -> Response:
        officer = officer_of(request.user)
        mandate = mandate_for(officer, mandate_id)
        reason = self.sent(request)["reason"]
        done = mandates.end(mandate.pk, by=officer, now=timezone.now(), reason=reason)
        return self.answer({"done": done})
