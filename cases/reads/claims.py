"""The claim register as it is read: every claim with how far it goes, and one claim with all it has.

Numbers say both: the topics (leads) that carry a claim, and the posts in them, copies counted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from cases import carried
from cases.carried import claims_of as claims_of
from cases.models import (
    AuditEvent,
    Case,
    CaseClaim,
    Claim,
    ClaimDecision,
    FactSource,
    PublicMessage,
    Response,
    Situation,
    VettedAnswer,
)
from cases.rules.workflow import OPEN, State

MOST, MOST_CASES, MOST_EVENTS = 100, 20, 50


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a claim goes: topics and posts that carry it, how many are still open, and since when."""

    topics: int = 0
    posts: int = 0
    open_topics: int = 0
    open_posts: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A claim in the register. `until`: when the first of its answers is over; `waiting`: answers to vet."""

    claim: Claim
    reach: Reach
    answers: int = 0
    until: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims are asked for; None and "" ask for all."""

    status: str = ""
    situation: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Register:
    rows: list[Row]
    situations: list[Situation]
    before: int | None
    life: "Life"


@dataclass(frozen=True, slots=True)
class Life:
    """How long rumours lived: claims found false, those corrected, the median from first seen to that."""

    false: int = 0
    corrected: int = 0
    median_s: float | None = None


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One claim with all that belongs to it."""

    claim: Claim
    reach: Reach
    sources: list[FactSource]
    decisions: list[ClaimDecision]
    answers: list[VettedAnswer]
    merged: list[Claim]
    cases: list[Case]
    history: list[AuditEvent]
    answered_at: datetime | None
    corrected_at: datetime | None


def register(wanted: Wanted, *, now: datetime) -> Register:
    """The claims that stand on their own: whose answers end first come first, then the newest."""
    claims = Claim.objects.filter(merged_into=None).select_related("decided_by", "situation")
    if wanted.status in Claim.Status.values:
        claims = claims.filter(status=wanted.status)
    if wanted.situation is not None:
        claims = claims.filter(situation=wanted.situation)
    if wanted.before is not None:
        claims = claims.filter(pk__lt=wanted.before)
    found = list(claims.order_by("-pk")[: MOST + 1])
    shown = found[:MOST]
    rows = rows_of(shown, now=now)
    rows.sort(key=lambda row: (row.until is None, row.until.timestamp() if row.until else 0, -row.claim.pk))
    situations = Situation.objects.filter(claims__isnull=False).distinct().order_by("-pk")[:MOST]
    return Register(rows, list(situations), shown[-1].pk if len(found) > MOST else None, rumour_life())


def rows_of(claims: Sequence[Claim], *, now: datetime) -> list[Row]:
    """Claims with their numbers, in as many queries for a hundred as for one."""
    ids = [claim.pk for claim in claims]
    reach = reach_of(ids)
    valid = VettedAnswer.objects.in_force(now=now).filter(claim__in=ids).values("claim")
    in_force: dict[int, tuple[int, datetime | None]] = {
        row["claim"]: (row["n"], row["until"])
        for row in valid.annotate(n=Count("pk"), until=Min("valid_until"))
    }
    proposed = VettedAnswer.objects.filter(claim__in=ids, vetted_at=None, withdrawn_at=None)
    waiting = dict(proposed.values("claim").annotate(n=Count("pk")).values_list("claim", "n"))
    return [
        Row(
            claim,
            reach.get(claim.pk, Reach()),
            *in_force.get(claim.pk, (0, None)),
            waiting=waiting.get(claim.pk, 0),
        )
        for claim in claims
    ]


def reach_of(claim_ids: Collection[int]) -> dict[int, Reach]:
    """How far claims that stand on their own go, copies and merged claims counted with them."""
    links = CaseClaim.objects.filter(Q(claim__in=claim_ids) | Q(claim__merged_into__in=claim_ids))
    links = links.exclude(case__state=State.MERGED).annotate(root=_ROOT)
    # A case may carry two claims that were merged: it counts once.
    earlier = CaseClaim.objects.annotate(root=_ROOT).filter(
        case=OuterRef("case"), root=OuterRef("root"), pk__lt=OuterRef("pk")
    )
    is_open = Q(case__state__in=OPEN)
    told = links.filter(~Exists(earlier)).values("root").order_by("root")
    told = told.annotate(
        topics=Count("pk"),
        copies=Sum("case__n_copies"),
        open_topics=Count("pk", filter=is_open),
        open_copies=Coalesce(Sum("case__n_copies", filter=is_open), 0),
        first_at=Min("case__posted_at"),
        last_at=Max("case__posted_at"),
    )
    return {
        row["root"]: Reach(
            row["topics"],
            row["topics"] + row["copies"],
            row["open_topics"],
            row["open_topics"] + row["open_copies"],
            row["first_at"],
            row["last_at"],
        )
        for row in told
    }


_ROOT = Coalesce("claim__merged_into", "claim")


def claim_page(claim: Claim, *, now: datetime) -> ClaimPage:
    """The whole page of a claim that stands on its own, or of one that was merged."""
    reach = reach_of([claim.pk]).get(claim.pk, Reach())
    cases = carried.carriers(claim.pk).select_related("post__author").order_by("-n_copies", "pk")
    answers = claim.answers.select_related("written_by", "vetted_by").order_by("language", "channel", "-n")
    trail = AuditEvent.objects.filter(subject=f"claim:{claim.pk}").order_by("-seq")
    return ClaimPage(
        claim,
        reach,
        list(claim.sources.select_related("by")),
        list(claim.decisions.select_related("by")[:MOST_CASES]),
        list(answers[:MOST]),
        list(claim.merged.order_by("pk")),
        list(cases[:MOST_CASES]),
        list(trail[:MOST_EVENTS]),
        first_answer(claim),
        first_answer(claim, after=claim.decided_at) if claim.status == Claim.Status.FALSE else None,
    )


def first_answer(claim: Claim, *, after: datetime | None = None) -> datetime | None:
    """When something was first said about a claim: in a reply to who carries it, or in a message to many."""
    since = {"sent_at__gte": after} if after else {"sent_at__isnull": False}
    replied = Response.objects.filter(case__in=carried.carriers(claim.pk), **since)
    told = PublicMessage.objects.filter(claim__in=carried.family(claim.pk), published_at__isnull=False)
    told = told.filter(published_at__gte=after) if after else told
    moments = [replied.aggregate(at=Min("sent_at"))["at"], told.aggregate(at=Min("published_at"))["at"]]
    return min((at for at in moments if at), default=None)


def rumour_life() -> Life:
    """The claims that stand as false, and how long each went round before we corrected it."""
    false = Claim.objects.filter(merged_into=None, status=Claim.Status.FALSE, decided_at__isnull=False)
    ids = list(false.order_by("-pk").values_list("pk", flat=True)[:MOST])
    links = CaseClaim.objects.exclude(case__state=State.MERGED).annotate(root=_ROOT).filter(root__in=ids)
    seen = dict(links.values("root").annotate(at=Min("case__posted_at")).values_list("root", "at"))
    replied = links.filter(case__responses__sent_at__gte=_DECIDED).values("root")
    corrected = dict(replied.annotate(first=Min("case__responses__sent_at")).values_list("root", "first"))
    told = PublicMessage.objects.annotate(root=_ROOT).filter(root__in=ids)
    said = told.filter(published_at__gte=_DECIDED).values("root").annotate(first=Min("published_at"))
    for root, at in said.values_list("root", "first"):
        corrected[root] = min(at, corrected.get(root, at))
    lives = [(corrected[pk] - seen[pk]).total_seconds() for pk in ids if pk in corrected and pk in seen]
    return Life(len(ids), len(lives), median(lives) if lives else None)


_DECIDED = Coalesce("claim__merged_into__decided_at", "claim__decided_at")


def open_claims(situation: Situation | None = None) -> list[Claim]:
    """The claims that stand on their own, of a situation or all, newest first."""
    claims = Claim.objects.filter(merged_into=None).select_related("decided_by")
    claims = claims.filter(situation=situation) if situation else claims
    return list(claims.order_by("-pk")[:MOST])


def carrying(claim: Claim) -> QuerySet[Case]:
    """The cases that carry a claim themselves, for who answers them all: their copies follow by reference."""
    return carried.open_carriers(claim.pk)


@dataclass(frozen=True, slots=True)
class Card:
    """A claim as it stands on the page of a case, with the sources it rests on and the answers in force."""

    claim: Claim
    reach: Reach
    sources: list[FactSource]
    answers: list[VettedAnswer]


def cards(case: Case, *, now: datetime) -> list[Card]:
    """The claims that a case carries, with the answers in force: what fits the post best comes first."""
    lead = (case.state == State.MERGED and case.lead_id) or case.pk
    claims = carried.linked_to([lead]).get(lead)
    if not claims:
        return []
    ids = [claim.pk for claim in claims]
    reach = reach_of(ids)
    sources = FactSource.objects.filter(claim__in=ids, withdrawn_at=None)
    answers = VettedAnswer.objects.in_force(now=now).filter(claim__in=ids)
    usable = fitting(list(answers), language=case.post.language, platform=case.post.platform)
    return [
        Card(
            claim,
            reach.get(claim.pk, Reach()),
            [source for source in sources if source.claim_id == claim.pk],
            [answer for answer in usable if answer.claim_id == claim.pk],
        )
        for claim in claims
    ]


def fitting(answers: Sequence[VettedAnswer], *, language: str, platform: str) -> list[VettedAnswer]:
    """The answers for a platform: in this language first, those made for the platform before the others."""
    usable = [answer for answer in answers if answer.channel in ("", platform)]
    return sorted(
        usable, key=lambda one: (one.language != language, one.channel != platform, one.language, one.pk)
    )


def answer_numbered(number: int | None, *, now: datetime) -> VettedAnswer | None:
    return VettedAnswer.objects.in_force(now=now).filter(pk=number).first() if number else None


def situation_numbered(number: int | None) -> Situation | None:
    return Situation.objects.filter(pk=number).first() if number else None
