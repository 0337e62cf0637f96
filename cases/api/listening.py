"""Listening: queries with their grounds, what one would bring, and the privacy officer's word."""

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, query_for, require
from cases.api.base import Endpoint, next_page
from cases.api.fields import MomentField, PageIn, PersonOut, Shape
from cases.reads import listening as reads
from cases.reads import pages
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import listening
from cases.services.listening import QueryPlan, Verdict

QUERY_STATES = ["active", "not yet", "ended", "waits", "refused"]


class QueryOut(Shape):
    """What is listened for. `waits`: for the privacy officer; send `edition` back as `seen`."""

    id = serializers.IntegerField(source="query.pk")
    state = serializers.ChoiceField(choices=QUERY_STATES)
    name = serializers.CharField(source="query.name")
    terms = serializers.CharField(source="query.terms")
    purpose = serializers.CharField(source="query.purpose")
    legal_basis = serializers.ChoiceField(source="query.legal_basis", choices=reads.LEGAL_BASES)
    owner = PersonOut(source="query.owner")
    starts_at = serializers.DateTimeField(source="query.starts_at")
    ends_at = serializers.DateTimeField(source="query.ends_at")
    is_on_person = serializers.BooleanField(source="query.is_on_person")
    approved_by = PersonOut(source="query.approved_by", allow_null=True)
    approved_at = serializers.DateTimeField(source="query.approved_at", allow_null=True)
    refused_at = serializers.DateTimeField(source="query.refused_at", allow_null=True)
    decision_reason = serializers.CharField(source="query.decision_reason")
    sources = serializers.ListField(source="source_ids", child=serializers.IntegerField())
    edition = serializers.CharField(source="query.edition")


class QueryListOut(Shape):
    next = serializers.URLField(allow_null=True)
    results = QueryOut(many=True)


def _sources_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        default=list,
        max_length=100,
        help_text="Numbers of the sources to ask.",
    )


class QueryIn(Shape):
    """A query with its grounds; all are required."""

    name = serializers.CharField(max_length=100)
    terms = serializers.CharField(max_length=2000, trim_whitespace=False)
    purpose = serializers.CharField(max_length=500)
    legal_basis = serializers.ChoiceField(choices=reads.LEGAL_BASES)
    owner = serializers.CharField(max_length=150, required=False, help_text="Username; left out: you.")
    starts_at = MomentField(required=False, default=None, help_text="Left out: now.")
    ends_at = MomentField(help_text="At most a year ahead.")
    is_on_person = serializers.BooleanField(
        help_text="About a person: listened for only once the privacy officer has approved it."
    )
    sources = _sources_field()


class SeenQueryIn(Shape):
    seen = serializers.CharField(max_length=32, help_text="`edition` of the query as you last read it.")


class ChangeQueryIn(SeenQueryIn, QueryIn):
    """The whole query as it must be from now on; its start is not changed."""


class VerdictIn(SeenQueryIn):
    reason = serializers.CharField(max_length=500, help_text="Kept with the query.")


class PreviewIn(Shape):
    terms = serializers.CharField(max_length=2000, trim_whitespace=False)
    sources = _sources_field()
    may_pay = serializers.BooleanField(
        required=False, default=False, help_text="Also ask sources that cost money; `price` says how much."
    )


class HitOut(Shape):
    platform = serializers.CharField()
    author = serializers.CharField()
    posted_at = serializers.DateTimeField()
    url = serializers.CharField()
    language = serializers.CharField()
    text = serializers.SerializerMethodField()

    def get_text(self, hit: Any) -> str:
        return "".join(piece for piece, _is_found in hit.pieces)


class SourcePreviewOut(Shape):
    """What one source showed; per day, null means that it cannot be said."""

    source_id = serializers.IntegerField()
    name = serializers.CharField()
    connector = serializers.CharField()
    said = serializers.CharField(help_text="`answered`, or why there is no answer.")
    n_read = serializers.IntegerField()
    n_hits = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True)
    hits_per_day = serializers.FloatField(allow_null=True)
    is_at_least = serializers.BooleanField()
    dollars_per_day = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    units_per_day = serializers.IntegerField(allow_null=True)


class PreviewOut(Shape):
    """What a query would bring. `stored`: among posts that are here already; nothing else is kept."""

    hits_per_day = serializers.FloatField(allow_null=True)
    is_at_least = serializers.BooleanField()
    dollars_per_day = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    price = serializers.DecimalField(max_digits=12, decimal_places=4, help_text="Of what was not asked.")
    dollars = serializers.DecimalField(max_digits=12, decimal_places=4, help_text="What this preview cost.")
    n_stored = serializers.IntegerField(help_text="Of the last thirty days.")
    sources = SourcePreviewOut(many=True)
    hits = HitOut(many=True)
    stored = HitOut(many=True)


class ListQueries(Endpoint):
    """Queries, newest number first."""

    takes, gives = PageIn, QueryListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_SOURCES)
        wanted = self.sent(request)
        span = pages.Span(wanted["before"], wanted["limit"])
        rows, before = reads.queries_page(span, now=timezone.now())
        return self.answer({"next": next_page(request, before), "results": rows})


class QueryEndpoint(Endpoint):
    """A verb on a query; the answer is the query as it is now."""

    gives = QueryOut

    def answer_query(self, request: Request, query_id: int, *, status: int = 200) -> Response:
        found = query_for(officer_of(request.user), query_id)
        return self.answer(reads.query_line(found, now=timezone.now()), status=status)


class ReadQuery(QueryEndpoint):
    """One query."""

    def get(self, request: Request, query_id: int) -> Response:
        return self.answer_query(request, query_id)


class StartQuery(QueryEndpoint):
    """Start listening; a query on a person waits for the privacy officer."""

    takes, gives_status = QueryIn, 201

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.LISTEN)
        sent = self.sent(request)
        owner = pages.person_named(sent.get("owner", officer.username), Need.LISTEN)
        plan = _plan(sent, starts_at=sent["starts_at"] or now)
        started = listening.start_query(plan, owner=owner, by=officer, now=now)
        return self.answer_query(request, started.pk, status=201)


class ChangeQuery(QueryEndpoint):
    """Change a running query; other words or grounds of one on a person need a new approval."""

    takes = ChangeQueryIn

    def post(self, request: Request, query_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        found = query_for(officer, query_id, Need.LISTEN)
        sent = self.sent(request)
        owner = pages.person_named(sent.get("owner", found.owner.username), Need.LISTEN)
        plan = _plan(sent, starts_at=found.starts_at)
        listening.change_query(query_id, plan, owner=owner, by=officer, now=now, seen=sent["seen"])
        return self.answer_query(request, query_id)


class EndQuery(QueryEndpoint):
    """Stop listening now; a query that had ended stays as it was."""

    def post(self, request: Request, query_id: int) -> Response:
        officer = officer_of(request.user)
        query_for(officer, query_id, Need.LISTEN)
        listening.end_query(query_id, by=officer, now=timezone.now())
        return self.answer_query(request, query_id)


class DecisionEndpoint(QueryEndpoint):
    """The privacy officer's word about a query on a person, never about their own."""

    takes = VerdictIn
    is_approval: ClassVar[bool]

    def post(self, request: Request, query_id: int) -> Response:
        officer = officer_of(request.user)
        query_for(officer, query_id, Need.APPROVE_QUERY)
        sent = self.sent(request)
        verdict = Verdict(self.is_approval, sent["reason"], sent["seen"])
        listening.decide_query(query_id, verdict, by=officer, now=timezone.now())
        return self.answer_query(request, query_id)


class ApproveQuery(DecisionEndpoint):
    """Approve listening for a person, for this purpose and until this day."""

    is_approval = True


class RefuseQuery(DecisionEndpoint):
    """Refuse listening for a person, or take an approval back."""

    is_approval = False


class PreviewQuery(Endpoint):
    """What a query would bring: one page of every source, asked now and not kept; at most 15 seconds."""

    takes, gives = PreviewIn, PreviewOut

    def post(self, request: Request) -> Response:
        require(officer_of(request.user), Need.LISTEN)
        sent = self.sent(request)
        now = timezone.now()
        return self.answer(reads.preview(sent["terms"], sent["sources"], now=now, may_pay=sent["may_pay"]))


def _plan(sent: dict[str, Any], *, starts_at: Any) -> QueryPlan:
    names = ("name", "terms", "purpose", "legal_basis", "ends_at", "is_on_person")
    return QueryPlan(starts_at=starts_at, source_ids=sent["sources"], **{name: sent[name] for name in names})
