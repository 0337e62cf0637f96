"""The rules that divide new cases, in their order."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, duty_post_for, require, rule_for
from cases.api.base import Endpoint
from cases.api.fields import PersonOut, Shape
from cases.reads.division import categories, division
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.reads.sources import PLATFORMS
from cases.rules.permissions import Need
from cases.services import routing
from cases.services.routing import RulePlan


class RuleOut(Shape):
    """One rule. `n_fitting`: of the last hundred cases those that it would decide."""

    id = serializers.IntegerField(source="rule.pk")
    name = serializers.CharField(source="rule.name")
    words = serializers.CharField(source="rule.words")
    languages = serializers.ListField(source="rule.languages", child=serializers.CharField())
    platforms = serializers.ListField(source="rule.platforms", child=serializers.CharField())
    categories = serializers.ListField(source="rule.categories", child=serializers.CharField())
    to_person = PersonOut(source="rule.to_person", allow_null=True)
    to_post = serializers.IntegerField(source="rule.to_post_id", allow_null=True)
    by_load = serializers.BooleanField(source="rule.by_load")
    is_active = serializers.BooleanField(source="rule.is_active")
    edition = serializers.CharField(source="rule.edition", help_text="Send it back as `seen`.")
    n_fitting = serializers.IntegerField()


class TriedOut(Shape):
    case = serializers.IntegerField(source="case.pk")
    rule = serializers.CharField()
    to = serializers.CharField(help_text="Empty: nobody whom the rule means is on duty.")


class DivisionOut(Shape):
    """The rules in their order, and the last hundred cases as they would have divided them."""

    results = RuleOut(source="lines", many=True)
    tried = TriedOut(many=True)
    n_tried = serializers.IntegerField()
    n_nobody = serializers.IntegerField()


def _words(most: int = 20) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, default=list, max_length=most
    )


class RuleIn(Shape):
    """A rule; what is left empty fits every post. To one of `to_person` (username) and `to_post`."""

    name = serializers.CharField(max_length=100)
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    languages = _words()
    platforms = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PLATFORMS)), required=False, default=list, max_length=20
    )
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=categories()), required=False, default=list, max_length=20
    )
    to_person = serializers.CharField(max_length=150, required=False, default=None)
    to_post = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    by_load = serializers.BooleanField(required=False, default=False)
    is_active = serializers.BooleanField(required=False, default=True)


class ChangeRuleIn(RuleIn):
    seen = serializers.CharField(max_length=16, help_text="`edition` of the rule as you last read it.")


class RulesEndpoint(Endpoint):
    """A verb on a rule; the answer is all rules as they are now."""

    gives = DivisionOut

    def answer_rules(self, *, status: int = 200) -> Response:
        return self.answer(division(now=timezone.now()), status=status)


class ListRules(RulesEndpoint):
    """The rules in their order, tried on the last hundred cases."""

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer_rules()


class AddRule(RulesEndpoint):
    """Add a rule behind all others."""

    takes, gives_status = RuleIn, 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.RUN_TEAM)
        routing.add_rule(_plan(self.sent(request), officer), by=officer, now=timezone.now())
        return self.answer_rules(status=201)


class ChangeRule(RulesEndpoint):
    """Change a rule; it stays in its place."""

    takes = ChangeRuleIn

    def post(self, request: Request, rule_id: int) -> Response:
        officer = officer_of(request.user)
        found = rule_for(officer, rule_id)
        sent = self.sent(request)
        seen = sent.pop("seen")
        routing.change_rule(found.pk, _plan(sent, officer), by=officer, now=timezone.now(), seen=seen)
        return self.answer_rules()


class RemoveRule(RulesEndpoint):
    """Remove a rule; what it assigned stays."""

    def post(self, request: Request, rule_id: int) -> Response:
        officer = officer_of(request.user)
        routing.remove_rule(rule_for(officer, rule_id).pk, by=officer, now=timezone.now())
        return self.answer_rules()


class RaiseRule(RulesEndpoint):
    """Let a rule come one place earlier."""

    def post(self, request: Request, rule_id: int) -> Response:
        officer = officer_of(request.user)
        routing.raise_rule(rule_for(officer, rule_id).pk, by=officer, now=timezone.now())
        return self.answer_rules()


def _plan(sent: dict[str, Any], officer: Any) -> RulePlan:
    person, post = sent.pop("to_person"), sent.pop("to_post")
    return RulePlan(
        **sent,
        to_person=person_named(person, Need.JUDGE) if person else None,
        to_post=duty_post_for(officer, post) if post else None,
    )
