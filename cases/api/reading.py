"""Reading: cases, posts, replies, watches and escalations."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, case_for, escalation_for, post_for, require, response_for, watch_for
from cases.api.base import Endpoint, next_page
from cases.api.case_outputs import CaseOut, CaseRowOut
from cases.api.fields import STATES, PageIn, Shape
from cases.api.outputs import EscalationOut, PostOut, PostRecordOut, ResponseOut, WatchOut, WatchRecordOut
from cases.reads import pages, records
from cases.reads.people import officer_of
from cases.rules.permissions import Need


class CaseListIn(PageIn):
    state = serializers.ChoiceField(choices=STATES, required=False)
    category = serializers.CharField(max_length=20, required=False)
    conversation = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    mine = serializers.BooleanField(
        required=False, default=False, help_text="Assigned to you or taken by you, and still to be done."
    )


class CaseListOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = CaseRowOut(many=True)


class ListCases(Endpoint):
    """Cases, newest number first."""

    takes, gives = CaseListIn, CaseListOut

    def get(self, request: Request) -> Response:
        officer, wanted = officer_of(request.user), self.sent(request)
        require(officer, Need.SEE)
        filters = pages.CasesWanted(
            wanted.get("state", ""), wanted.get("category", ""), wanted["mine"], wanted["conversation"]
        )
        found = pages.cases_page(officer, filters, _span(wanted), now=timezone.now())
        return self.answer({"next": next_page(request, found.before), "results": found.rows})


class ReadCase(Endpoint):
    """One case with its post, judgement, replies, watches, alarm and history."""

    gives = CaseOut

    def get(self, request: Request, case_id: int) -> Response:
        return self.answer_case(request, case_for(officer_of(request.user), case_id).pk)


class PostListIn(PageIn):
    platform = serializers.CharField(max_length=30, required=False)
    thread_id = serializers.CharField(max_length=500, required=False)


class PostListOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = PostOut(many=True)


class ListPosts(Endpoint):
    """Posts as heard, newest number first; a whole conversation by platform and thread."""

    takes, gives = PostListIn, PostListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        wanted = self.sent(request)
        found = pages.posts_page(
            _span(wanted), platform=wanted.get("platform", ""), thread_id=wanted.get("thread_id", "")
        )
        return self.answer({"next": next_page(request, found.before), "results": found.rows})


class ReadPost(Endpoint):
    """One post with its earlier texts."""

    gives = PostRecordOut

    def get(self, request: Request, post_id: int) -> Response:
        return self.answer(records.post_record(post_for(officer_of(request.user), post_id)))


class ReadResponse(Endpoint):
    """One reply."""

    gives = ResponseOut

    def get(self, request: Request, response_id: int) -> Response:
        return self.answer(response_for(officer_of(request.user), response_id, Need.SEE))


class WatchListIn(PageIn):
    mine = serializers.BooleanField(
        required=False, default=False, help_text="You are the watcher, or on duty at its post now."
    )
    open = serializers.BooleanField(
        required=False, default=None, allow_null=True, help_text="Only running, or only ended watches."
    )


class WatchListOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = WatchOut(many=True)


class ListWatches(Endpoint):
    """Watches, newest first."""

    takes, gives = WatchListIn, WatchListOut

    def get(self, request: Request) -> Response:
        officer, wanted = officer_of(request.user), self.sent(request)
        require(officer, Need.SEE)
        found = pages.watches_page(
            officer, _span(wanted), now=timezone.now(), is_mine=wanted["mine"], is_open=wanted["open"]
        )
        return self.answer({"next": next_page(request, found.before), "results": found.rows})


class ReadWatch(Endpoint):
    """One watch with what people saw."""

    gives = WatchRecordOut

    def get(self, request: Request, watch_id: int) -> Response:
        found = watch_for(officer_of(request.user), watch_id, Need.SEE)
        return self.answer(records.watch_record(found, now=timezone.now()))


class EscalationListIn(PageIn):
    status = serializers.ChoiceField(choices=pages.ESCALATION_STATUSES, required=False)
    case = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)


class EscalationListOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = EscalationOut(many=True)


class ListEscalations(Endpoint):
    """Alarms, newest first."""

    takes, gives = EscalationListIn, EscalationListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        wanted = self.sent(request)
        found = pages.escalations_page(_span(wanted), status=wanted.get("status", ""), case_id=wanted["case"])
        return self.answer({"next": next_page(request, found.before), "results": found.rows})


class ReadEscalation(Endpoint):
    """One alarm."""

    gives = EscalationOut

    def get(self, request: Request, escalation_id: int) -> Response:
        return self.answer(escalation_for(officer_of(request.user), escalation_id, Need.SEE))


def _span(wanted: dict[str, int | None]) -> pages.Span:
    return pages.Span(wanted["before"], wanted["limit"] or 40)
