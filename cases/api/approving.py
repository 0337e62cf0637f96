"""Approval through the API: what waits, letting one's own words go when alone, and looking at that later."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require, response_for
from cases.api.base import Endpoint
from cases.api.fields import PersonOut, Shape, words_field
from cases.api.outputs import ResponseOut
from cases.api.replying import ResponseEndpoint, SeenReplyIn, seen_reply
from cases.reads import approvals as reads
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import approvals


class WaitingOut(Shape):
    """A reply that waits for approval. `is_asked`: of you; `is_own`: you wrote some of it."""

    response = ResponseOut()
    submitted_by = PersonOut(source="response.submitted_by", allow_null=True)
    submitted_at = serializers.DateTimeField(source="response.submitted_at", allow_null=True)
    approver = PersonOut(source="response.approver", allow_null=True)
    due_at = serializers.DateTimeField(source="response.approval_due_at", allow_null=True)
    is_asked = serializers.BooleanField()
    is_own = serializers.BooleanField()
    is_late = serializers.BooleanField()


class WaitingListOut(Shape):
    results = WaitingOut(many=True)


class ListApprovals(Endpoint):
    """Replies that wait for approval; first what you were asked, then the soonest due."""

    gives = WaitingListOut

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.APPROVE)
        return self.answer({"results": reads.waiting(officer, now=timezone.now())})


class ReleasedOut(Shape):
    """A reply that somebody alone on duty let go, and nobody has looked at yet."""

    response = ResponseOut(source="*")
    released_by = PersonOut(source="approved_by", allow_null=True)
    reason = serializers.CharField(source="solo_reason")
    review_due_at = serializers.DateTimeField()


class ReleasedListOut(Shape):
    results = ReleasedOut(many=True)


class ListReviews(Endpoint):
    """Replies that somebody alone on duty let go, for a colleague to look at; the soonest due first."""

    gives = ReleasedListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.APPROVE)
        return self.answer({"results": reads.to_review()})


class ReleaseIn(SeenReplyIn):
    seen_thread = serializers.IntegerField(
        min_value=0, required=False, default=None, help_text="`n_thread` of the case as you last read it."
    )
    reason = words_field("Why this cannot wait for a colleague.", most=500)


class ReleaseResponse(ResponseEndpoint):
    """Let your own words go while nobody else is there to approve them; a colleague looks at it later."""

    takes = ReleaseIn

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.APPROVE)
        sent = self.sent(request)
        now, seen = timezone.now(), seen_reply(sent)
        approvals.release_alone(response, reason=sent["reason"], by=officer, now=now, seen=seen)
        return self.answer_response(request, response_id)


class ReviewIn(Shape):
    note = words_field("What you think of it; the sender reads it.", most=500)


class ReviewResponse(ResponseEndpoint):
    """Say what you think of a reply that somebody alone on duty let go."""

    takes = ReviewIn

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.APPROVE)
        approvals.review(response, note=self.sent(request)["note"], by=officer, now=timezone.now())
        return self.answer_response(request, response_id)
