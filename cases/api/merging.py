"""Near-copies: letting one go, and merging a case into another by hand."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for
from cases.api.base import Endpoint
from cases.api.fields import SeenIn, seen_in
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import copies


class DetachCase(Endpoint):
    """Let a near-copy stand on its own: new, with a clock of its own."""

    takes = SeenIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        copies.detach(case, by=officer, now=timezone.now(), seen=seen_in(self.sent(request)))
        return self.answer_case(request, case_id)


class MergeIn(SeenIn):
    into = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="The number of the case that it becomes a part of."
    )


class MergeCase(Endpoint):
    """Make a case a copy of another, with the copies that it has itself."""

    takes = MergeIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        into = case_for(officer, sent["into"], Need.JUDGE)
        copies.merge(case, into, by=officer, now=timezone.now(), seen=seen_in(sent))
        return self.answer_case(request, case_id)
