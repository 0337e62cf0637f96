"""The audit trail and the file of a case: to read, and to seal for publication."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, require
from cases.api.base import Endpoint, next_page
from cases.api.case_outputs import AssessmentOut, CaseRowOut, DecisionOut, EventOut
from cases.api.fields import MomentField, PageIn, PersonOut, Shape
from cases.api.outputs import EscalationOut, PostVersionOut, ResponseOut, WatchOut
from cases.reads.casefile import CaseFile, case_file
from cases.reads.pages import Span
from cases.reads.people import officer_of
from cases.reads.trail import EventsWanted, events_page
from cases.rules.chain import Head
from cases.rules.names import without_handles
from cases.rules.permissions import Need
from cases.services import audit
from cases.services.exporting import note_case_file


class TrailIn(PageIn):
    subject = serializers.CharField(max_length=60, required=False, help_text='"case:7", or "7" for short.')
    actor = serializers.CharField(max_length=200, required=False, help_text="Part of a person's name.")
    action = serializers.CharField(max_length=40, required=False)
    since = MomentField(required=False)
    until = MomentField(required=False, help_text="Only what came before it.")


class TrailEventOut(Shape):
    """One event: who did what to which subject, when, from where and with which result."""

    id = serializers.IntegerField(source="pk")
    subject = serializers.CharField()
    seq = serializers.IntegerField()
    action = serializers.CharField()
    result = serializers.CharField()
    origin = serializers.CharField()
    actor = serializers.CharField(source="actor_name")
    at = serializers.DateTimeField()
    hash = serializers.CharField()


class TrailOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = TrailEventOut(many=True)


class ListTrail(Endpoint):
    """The audit trail, newest first; what somebody wrote stays with the case."""

    takes, gives = TrailIn, TrailOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_AUDIT)
        sent = self.sent(request)
        words = {name: sent.get(name, "") for name in ("subject", "actor", "action")}
        wanted = EventsWanted(**words, since=sent.get("since"), until=sent.get("until"))
        found = events_page(wanted, Span(sent["before"], sent["limit"] or 40))
        return self.answer({"next": next_page(request, found.before), "results": found.rows})


class HeadOut(Shape):
    """What can be published of the trail; all empty while nothing was sealed yet."""

    events = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)
    hash = serializers.CharField()
    text = serializers.CharField(help_text="The line to publish.")


class ReadHead(Endpoint):
    """The head of the trail as it was sealed last."""

    gives = HeadOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_AUDIT)
        return self.answer(_facts(audit.newest_head()))


class SealTrail(Endpoint):
    """Seal everything up to now, and answer with the new head."""

    gives = HeadOut

    def post(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_AUDIT)
        return self.answer(_facts(audit.head(now=timezone.now())))


def _facts(head: Head | None) -> dict[str, Any]:
    if head is None:
        return {"events": 0, "at": None, "hash": "", "text": ""}
    return {"events": head.n_events, "at": head.at, "hash": head.hash, "text": str(head)}


class JudgedByOut(Shape):
    """The version that the case was judged by."""

    id = serializers.CharField(source="scheme_id")
    version = serializers.CharField()
    checksum = serializers.CharField()


class MadePromiseOut(Shape):
    what = serializers.CharField()
    due_at = serializers.DateTimeField()
    assignee = PersonOut(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    is_dropped = serializers.BooleanField()
    note = serializers.CharField()


class ChainFindingOut(Shape):
    seq = serializers.IntegerField()
    what = serializers.CharField()


class CaseFileOut(Shape):
    """Why we did or did not reply: all that was decided about a case, and what of it can be proved.

    `head_hash` seals the `n_events` of its history; `findings` is empty when its chain holds.
    """

    case = CaseRowOut()
    scheme = JudgedByOut(source="case.scheme")
    earlier_texts = PostVersionOut(many=True)
    assessments = serializers.SerializerMethodField()
    responses = ResponseOut(many=True)
    watches = WatchOut(many=True)
    escalations = EscalationOut(many=True)
    decisions = DecisionOut(many=True)
    promises = MadePromiseOut(source="tasks", many=True)
    history = EventOut(many=True)
    n_events = serializers.IntegerField()
    head_hash = serializers.CharField(source="head.hash", default="")
    findings = ChainFindingOut(many=True)
    made_by = PersonOut(source="printed_by")
    made_at = serializers.DateTimeField(source="printed_at")

    @extend_schema_field(AssessmentOut(many=True))
    def get_assessments(self, file: CaseFile) -> list[dict[str, Any]]:
        return [dict(AssessmentOut(judged.assessment).data) for judged in file.judged]


class CaseFileIn(Shape):
    names = serializers.BooleanField(
        required=False, default=False, help_text="With the handles that texts mention; it is written down."
    )


class ReadCaseFile(Endpoint):
    """The file of a case; that it was made is written into its history first."""

    takes, gives = CaseFileIn, CaseFileOut

    def get(self, request: Request, case_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        case = case_for(officer, case_id)
        names = self.sent(request)["names"]
        note_case_file(case, by=officer, now=now, form="JSON", names=names)
        record = CaseFileOut(case_file(case, by=officer, now=now)).data
        return Response(record if names else without_handles(record))
