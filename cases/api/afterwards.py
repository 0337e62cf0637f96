"""A case that was answered or rests: only watch it, or judge it again for something new."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for
from cases.api.base import Endpoint
from cases.api.fields import SeenIn, seen_in, words_field
from cases.api.plans import PlanIn, plan_from
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import afterwards


class OnlyWatchIn(PlanIn, SeenIn):
    pass


class OnlyWatch(Endpoint):
    """Let an answered case rest while somebody watches; who watches already goes on."""

    takes = OnlyWatchIn

    def post(self, request: Request, case_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        plan = plan_from(sent, request, now=now)
        afterwards.only_watch(case, by=officer, now=now, plan=plan, seen=seen_in(sent))
        return self.answer_case(request, case_id)


class TellNewIn(SeenIn):
    what = words_field("What is new.", most=500)


class TellNew(Endpoint):
    """Judge a watched case again because something new is known; the watch goes on."""

    takes = TellNewIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        now = timezone.now()
        afterwards.tell_new(case, what=sent["what"], by=officer, now=now, seen=seen_in(sent))
        return self.answer_case(request, case_id)
