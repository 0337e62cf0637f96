"""Many cases at once: who would be done and who not, then the act; and searches kept under a name."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, require, view_for
from cases.api.base import Endpoint
from cases.api.fields import LONG, STATES, SearchedField, Shape, reason_field
from cases.reads.many import matching, views_of
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.reads.searching import filter_from
from cases.rules.alike import MOST
from cases.rules.permissions import Need
from cases.rules.workflow import State
from cases.services import many, views
from cases.services.many import Act, Verb

NEEDS = {Verb.DISMISS: Need.JUDGE, Verb.JUDGE: Need.JUDGE, Verb.ASSIGN: Need.ASSIGN, Verb.SNOOZE: Need.JUDGE}


class SeenCase(Shape):
    """A case with the state that was seen of it."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    state = serializers.ChoiceField(choices=STATES)


class LeftOut(Shape):
    """A case that is left as it is, and why."""

    id = serializers.IntegerField(source="case_id")
    why = serializers.CharField()


class ProposeManyIn(Shape):
    verb = serializers.ChoiceField(choices=[verb.value for verb in Verb])
    cases = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST, required=False
    )
    matching = serializers.DictField(
        child=SearchedField(max_length=LONG, allow_blank=True),
        required=False,
        help_text="Instead of `cases`: a search, as the page of cases asks it.",
    )


class ProposeManyOut(Shape):
    n = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="More match than one act may hold.")
    cases = SeenCase(many=True)
    left = LeftOut(many=True)
    routes = serializers.ListField(
        child=serializers.CharField(), help_text="Judgements that can be given to all of them."
    )


class ProposeMany(Endpoint):
    """Who would be done and who is left out, with the count; nothing is done."""

    takes, gives = ProposeManyIn, ProposeManyOut

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.JUDGE)
        sent = self.sent(request)
        verb = Verb(sent["verb"])
        require(officer, NEEDS[verb])
        ids, is_cut = list(sent.get("cases") or []), False
        if "matching" in sent:
            ids, is_cut = matching(officer, filter_from(sent["matching"]), now=now)
        found = many.propose(ids, verb, by=officer, now=now)
        answer: dict[str, Any] = {"n": len(found.seen), "is_cut": is_cut, "left": found.left}
        answer["cases"] = [{"id": pk, "state": state} for pk, state in found.seen.items()]
        answer["routes"] = [route.id for route in many.routes_offered()]
        return self.answer(answer)


class DoManyIn(Shape):
    verb = serializers.ChoiceField(choices=[verb.value for verb in Verb])
    cases = serializers.ListField(child=SeenCase(), max_length=MOST)
    reason = reason_field("Why; dismissing needs it.")
    route = serializers.CharField(max_length=300, required=False, default="", help_text="For `judge`.")
    to = serializers.CharField(max_length=150, required=False, allow_null=True, default=None)
    hours = serializers.IntegerField(min_value=1, max_value=24 * 14, required=False, default=None)


class DoManyOut(Shape):
    batch = serializers.CharField(help_text="The word in the trail of every case that was done.")
    done = serializers.ListField(child=serializers.IntegerField())
    left = LeftOut(many=True)


class DoMany(Endpoint):
    """Do one act on many cases, each as it was seen; those that changed meanwhile are named and left."""

    takes, gives = DoManyIn, DoManyOut

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.JUDGE)
        sent = self.sent(request)
        verb = Verb(sent["verb"])
        require(officer, NEEDS[verb])
        seen = {int(case["id"]): State(case["state"]) for case in sent["cases"]}
        until = now + timedelta(hours=sent["hours"]) if sent["hours"] else None
        to = person_named(sent["to"], Need.JUDGE) if sent["to"] else None
        act = Act(verb, reason=sent["reason"], route=sent["route"], assignee=to, until=until)
        return self.answer(many.carry_out(seen, act, by=officer, now=now))


class ViewOut(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    wanted = serializers.DictField()
    is_shared = serializers.BooleanField()
    owner = serializers.CharField()


class ViewListOut(Shape):
    results = ViewOut(many=True)


class ListViews(Endpoint):
    """Your own views and those that colleagues share."""

    gives = ViewListOut

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SEE)
        return self.answer({"results": views_of(officer)})


class KeepViewIn(Shape):
    name = serializers.CharField(max_length=60)
    wanted = serializers.DictField(
        child=SearchedField(max_length=LONG, allow_blank=True),
        help_text="A search, as the page of cases asks it.",
    )
    is_shared = serializers.BooleanField(required=False, default=False)


class KeepView(Endpoint):
    """Keep a search under a name; your own view of that name is replaced."""

    takes, gives = KeepViewIn, ViewOut

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SEE)
        sent = self.sent(request)
        wanted = filter_from(sent["wanted"]).kept()
        kept = views.save(sent["name"], wanted, by=officer, now=timezone.now(), is_shared=sent["is_shared"])
        return self.answer(kept)


class ChangeViewIn(Shape):
    name = serializers.CharField(max_length=60)
    is_shared = serializers.BooleanField()


class ChangeView(Endpoint):
    """Rename your own view, or share it or not."""

    takes, gives = ChangeViewIn, ViewOut

    def post(self, request: Request, view_id: int) -> Response:
        officer = officer_of(request.user)
        view = view_for(officer, view_id)
        return self.answer(views.change(view.pk, **self.sent(request), by=officer, now=timezone.now()))


class RemoveView(Endpoint):
    """Remove your own view; answers with those that are left."""

    gives = ViewListOut

    def post(self, request: Request, view_id: int) -> Response:
        officer = officer_of(request.user)
        views.remove(view_for(officer, view_id).pk, by=officer, now=timezone.now())
        return self.answer({"results": views_of(officer)})
