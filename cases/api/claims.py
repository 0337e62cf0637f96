"""The claim register: read it, decide claims on sources, vet answers, and say which cases carry what."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import carried
from cases.access import case_for, claim_for, fact_for, require
from cases.api.base import Endpoint
from cases.api.claim_outputs import CaseClaimsOut, ClaimPageOut, ClaimRowOut, NearOut, SpreadOut
from cases.api.fields import Shape
from cases.reads import claims as claims_read
from cases.reads import nearness
from cases.reads.people import officer_of
from cases.reads.spread import spread
from cases.rules.permissions import Need
from cases.services import claims, linking
from cases.services.claims import SourcePlan, Verdict

STATUSES = list(claims.Status.values)


class ClaimsIn(Shape):
    status = serializers.ChoiceField(choices=STATUSES, required=False, default="")
    situation = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)
    before = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)


class ClaimsOut(Shape):
    rows = ClaimRowOut(many=True)
    before = serializers.IntegerField(allow_null=True, help_text="Ask again with this for older claims.")


class ListClaims(Endpoint):
    """The claims of the register, those whose answers end first coming first."""

    takes = ClaimsIn
    gives = ClaimsOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        wanted = claims_read.Wanted(**self.sent(request))
        return self.answer(claims_read.register(wanted, now=timezone.now()))


class ClaimEndpoint(Endpoint):
    """A verb on a claim; the answer is the claim as it is now."""

    gives = ClaimPageOut

    def answer_claim(self, request: Request, claim_id: int, *, status: int = 200) -> Response:
        claim = claim_for(officer_of(request.user), claim_id)
        return self.answer(claims_read.claim_page(claim, now=timezone.now()), status=status)


class ReadClaim(ClaimEndpoint):
    """One claim with its sources, decisions and answers."""

    def get(self, request: Request, claim_id: int) -> Response:
        return self.answer_claim(request, claim_id)


class ReadSpread(Endpoint):
    """Posts that carry a claim per hour, or per day when it goes round for long; copies counted."""

    gives = SpreadOut

    def get(self, request: Request, claim_id: int) -> Response:
        found = spread(claim_for(officer_of(request.user), claim_id), now=timezone.now())
        counts = [{"at": at, "posts": n} for at, n in found.counts]
        moments = {name: getattr(found, name) for name in ("first_at", "decided_at", "answered_at")}
        return self.answer({"step_s": int(found.step.total_seconds()), "counts": counts, **moments})


class NearClaim(Endpoint):
    """Open cases that nearly say what a claim says, for who asks; nothing is linked by it."""

    gives = NearOut

    def get(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        return self.answer(nearness.cases_near(claim_for(officer, claim_id, Need.JUDGE), now=timezone.now()))


class OpenClaimIn(Shape):
    statement = serializers.CharField(max_length=claims.LONGEST)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)
    situation = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)


class OpenClaim(ClaimEndpoint):
    """Put a statement into the register; the case it comes from carries it."""

    takes = OpenClaimIn
    gives_status = 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.JUDGE)
        sent = self.sent(request)
        case = case_for(officer, sent["case"], Need.JUDGE) if sent["case"] else None
        situation = claims_read.situation_numbered(sent["situation"])
        now = timezone.now()
        made = claims.open_claim(sent["statement"], by=officer, now=now, case=case, situation=situation)
        return self.answer_claim(request, made.pk, status=201)


class SeenClaimIn(Shape):
    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="`revision` of the claim as you last read it."
    )


class RewordClaimIn(SeenClaimIn):
    statement = serializers.CharField(max_length=claims.LONGEST)


class RewordClaim(ClaimEndpoint):
    """Say a claim in better words."""

    takes = RewordClaimIn

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.CHECK_CLAIM)
        sent = self.sent(request)
        claims.reword(claim, sent["statement"], by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer_claim(request, claim_id)


class DecideClaimIn(SeenClaimIn):
    status = serializers.ChoiceField(choices=STATUSES)
    reason = serializers.CharField(max_length=claims.LONGEST_REASON)
    sources = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, default=list
    )


class DecideClaim(ClaimEndpoint):
    """Decide how a claim stands and on which of its sources; every open case that carries it is told."""

    takes = DecideClaimIn

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.CHECK_CLAIM)
        sent = self.sent(request)
        verdict = Verdict(sent["status"], sent["reason"], sent["sources"])
        claims.decide(claim, verdict, by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer_claim(request, claim_id)


class FactIn(Shape):
    title = serializers.CharField(max_length=300)
    url = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    says = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")


class AddFact(ClaimEndpoint):
    """Add where a fact about a claim comes from."""

    takes = FactIn
    gives_status = 201

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.JUDGE)
        claims.add_source(claim, SourcePlan(**self.sent(request)), by=officer, now=timezone.now())
        return self.answer_claim(request, claim_id, status=201)


class WithdrawFactIn(SeenClaimIn):
    reason = serializers.CharField(max_length=500)


class WithdrawFact(ClaimEndpoint):
    """A source does not hold; a claim that was decided on this one alone is unverified again."""

    takes = WithdrawFactIn

    def post(self, request: Request, fact_id: int) -> Response:
        officer = officer_of(request.user)
        fact = fact_for(officer, fact_id)
        sent = self.sent(request)
        claims.withdraw_source(fact, reason=sent["reason"], by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer_claim(request, fact.claim_id)


class MergeClaimIn(SeenClaimIn):
    into = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class MergeClaim(ClaimEndpoint):
    """A claim is the same as another one; the answer is the other one."""

    takes = MergeClaimIn

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.CHECK_CLAIM)
        sent = self.sent(request)
        into = claim_for(officer, sent["into"], Need.CHECK_CLAIM)
        linking.merge(claim, into, by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer_claim(request, into.pk)


class PartClaim(ClaimEndpoint):
    """A merged claim stands on its own again."""

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        linking.part(claim_for(officer, claim_id, Need.CHECK_CLAIM), by=officer, now=timezone.now())
        return self.answer_claim(request, claim_id)


class LinkCasesIn(Shape):
    cases = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=linking.MOST
    )


class LinkCases(ClaimEndpoint):
    """Cases carry a claim, so do their copies; a copy itself is left out."""

    takes = LinkCasesIn

    def post(self, request: Request, claim_id: int) -> Response:
        officer = officer_of(request.user)
        claim = claim_for(officer, claim_id, Need.JUDGE)
        linking.link_many(claim, self.sent(request)["cases"], by=officer, now=timezone.now())
        return self.answer_claim(request, claim_id)


class CaseClaimIn(Shape):
    claim = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class LinkClaim(Endpoint):
    """A case carries a claim."""

    takes = CaseClaimIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        claim = claim_for(officer, self.sent(request)["claim"])
        linking.link(case, claim, by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class UnlinkClaim(Endpoint):
    """A case does not carry a claim after all."""

    takes = CaseClaimIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        claim = claim_for(officer, self.sent(request)["claim"])
        linking.unlink(case, claim, by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class ReadCaseClaims(Endpoint):
    """The claims that a case carries, and how they stand."""

    gives = CaseClaimsOut

    def get(self, request: Request, case_id: int) -> Response:
        cards = claims_read.cards(case_for(officer_of(request.user), case_id), now=timezone.now())
        standing = carried.standing([card.claim for card in cards])
        return self.answer({"standing": standing, "claims": cards})
