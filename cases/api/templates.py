"""Texts to begin a reply with: the list, writing them, and putting one into a reply."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, require, response_for, template_for
from cases.api.base import Endpoint
from cases.api.fields import MomentField, Shape
from cases.api.outputs import ResponseOut
from cases.api.replying import SendIn, draft_of, seen_reply
from cases.reads import templates as templates_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import templates
from cases.services.templates import TemplatePlan


class TemplateOut(Shape):
    """A text; "" in `category`, `language` or `platform` is for all of them."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    category = serializers.CharField()
    language = serializers.CharField()
    platform = serializers.CharField()
    text = serializers.CharField()
    is_active = serializers.BooleanField()
    changed_at = serializers.DateTimeField()


class TemplatesIn(Shape):
    case = serializers.IntegerField(
        min_value=1, required=False, default=None, help_text="Only what fits this case, best first."
    )


class TemplatesOut(Shape):
    results = TemplateOut(many=True)


class ListTemplates(Endpoint):
    """Texts to begin a reply with."""

    takes = TemplatesIn
    gives = TemplatesOut

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.DRAFT)
        number = self.sent(request)["case"]
        if number is None:
            return self.answer({"results": templates_read.templates()})
        return self.answer({"results": templates_read.fitting(case_for(officer, number))})


class TemplateIn(Shape):
    name = serializers.CharField(max_length=100)
    text = serializers.CharField(max_length=templates.LONGEST, trim_whitespace=False)
    category = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    language = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")
    platform = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    is_active = serializers.BooleanField(required=False, default=True)


class WriteTemplate(Endpoint):
    """Add a text; gaps that are not known are refused."""

    takes = TemplateIn
    gives = TemplateOut
    gives_status = 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.WRITE_TEMPLATE)
        made = templates.write(_plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer(made, status=201)


class ChangeTemplateIn(TemplateIn):
    seen = MomentField(help_text="`changed_at` as you last read it.")


class ChangeTemplate(Endpoint):
    """Change a text, or take it out of use."""

    takes = ChangeTemplateIn
    gives = TemplateOut

    def post(self, request: Request, template_id: int) -> Response:
        officer = officer_of(request.user)
        template = template_for(officer, template_id)
        sent = self.sent(request)
        templates.rewrite(template, _plan(sent), by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer(template)


class PutInIn(SendIn):
    template = serializers.IntegerField(min_value=1)


class PutInTemplate(Endpoint):
    """Put a text into a reply; what was typed stays, and the text comes below it."""

    takes = PutInIn
    gives = ResponseOut

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.DRAFT)
        sent = self.sent(request)
        template = template_for(officer, sent["template"], Need.DRAFT)
        draft = draft_of(sent, response)
        templates.put_in(response, template, draft, by=officer, now=timezone.now(), seen=seen_reply(sent))
        return self.answer(response_for(officer, response_id, Need.SEE))


def _plan(sent: dict[str, Any]) -> TemplatePlan:
    return TemplatePlan(**{name: sent[name] for name in TemplatePlan.__dataclass_fields__})
