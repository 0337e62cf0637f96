"""Which claims cases carry, how those stand, and whether the words of a reply still hold for them.

All by reference: a copy carries what its lead carries, and a claim that was merged stands where the other one
stands. So nothing has to be written on ten thousand cases for a decision to count there at once.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import filling
from cases.models import Case, CaseClaim, Claim, FactSource, Response, VettedAnswer
from cases.rules import one_voice
from cases.rules.workflow import OPEN, State
from monitoring import bulk

NOTHING = 0
"""How the claims of a case stand that carries none."""

_LARGEST = 0x7FFFFFFF


def claims_of(case_ids: Collection[int]) -> dict[int, list[Claim]]:
    """The claims that cases carry, those linked first coming first; a case without one is left out."""
    leads = _leads_of(case_ids)
    linked = linked_to({leads.get(pk, pk) for pk in case_ids})
    carried = {pk: linked.get(leads.get(pk, pk)) for pk in case_ids}
    return {pk: list(claims) for pk, claims in carried.items() if claims}


def linked_to(case_ids: Collection[int]) -> dict[int, list[Claim]]:
    """As `claims_of`, of cases that are known to be no copies."""
    keys = [(pk,) for pk in case_ids]
    found = bulk.find(CaseClaim, ("id", "case_id", "claim_id"), by=("case_id",), keys=keys)
    rows = sorted((int(pk), int(case_id), int(claim_id)) for pk, case_id, claim_id in found)
    known = roots({claim_id for _id, _case, claim_id in rows})
    linked: dict[int, dict[int, Claim]] = {}
    for _id, case_id, claim_id in rows:
        claim = known[claim_id]
        linked.setdefault(case_id, {})[claim.pk] = claim
    return {pk: list(claims.values()) for pk, claims in linked.items()}


def roots(claim_ids: Collection[int]) -> dict[int, Claim]:
    """Where each of these claims stands: itself, or the one it was merged into."""
    found = Claim.objects.filter(pk__in=claim_ids).select_related("decided_by", "merged_into__decided_by")
    return {claim.pk: claim.merged_into or claim for claim in found}


def claims_on(case: Case) -> list[Claim]:
    """The claims that one case carries."""
    return claims_of([case.pk]).get(case.pk, [])


def family(claim_id: int) -> list[int]:
    """A claim and those that were merged into it: who carries one of them carries the claim."""
    return [claim_id, *Claim.objects.filter(merged_into=claim_id).order_by("pk").values_list("pk", flat=True)]


def carriers(claim_id: int) -> QuerySet[Case]:
    """The cases that carry a claim themselves; their copies do so through them."""
    linked = CaseClaim.objects.filter(claim__in=family(claim_id)).values("case")
    return Case.objects.filter(pk__in=linked).exclude(state=State.MERGED)


def open_carriers(claim_id: int) -> QuerySet[Case]:
    """Those that somebody still works on, or watches."""
    return carriers(claim_id).filter(state__in=OPEN)


def standing(claims: Iterable[Claim]) -> int:
    """How claims stand, as one number: another one as soon as one of them is decided, linked or merged.

    A fingerprint, so that a page can carry it; two that differ are alike once in two thousand million.
    """
    told = ",".join(f"{claim.pk}.{claim.revision}" for claim in sorted(claims, key=lambda claim: claim.pk))
    return (crc32(told.encode()) & _LARGEST or 1) if told else NOTHING


def standing_of(case: Case) -> int:
    return standing(claims_on(case))


def standings_of(case_ids: Collection[int]) -> dict[int, int]:
    """How the claims of many cases stand, for who begins many replies at once."""
    found = claims_of(case_ids)
    return {pk: standing(found.get(pk, ())) for pk in case_ids}


def changed(response: Response, *, read: int | None = None) -> list[str]:
    """What became known after somebody read the claims of a case (`read`; None: as the reply says)."""
    claims = claims_on(response.case)
    if standing(claims) == ((response.claim_revision or NOTHING) if read is None else read):
        return []
    if not claims:
        return [_("The claim that this reply was begun with was taken off the case. Read it and send again.")]
    return [
        _("What we know changed since this was begun. %(claims)s Read it and send again.")
        % {"claims": " ".join(sentence(claim) for claim in claims)}
    ]


def sentence(claim: Claim) -> str:
    """How a claim stands, in one sentence."""
    facts = {"claim": claim.statement, "time": "", "who": str(claim.decided_by or "")}
    if claim.decided_at:
        facts["time"] = f"{timezone.localtime(claim.decided_at):%H:%M}"
    return {
        Claim.Status.TRUE: _("“%(claim)s” is true (decided %(time)s by %(who)s)."),
        Claim.Status.FALSE: _("“%(claim)s” is not true (decided %(time)s by %(who)s)."),
        Claim.Status.UNKNOWN: _("Nobody can say whether “%(claim)s” is true (decided %(time)s by %(who)s)."),
        Claim.Status.UNVERIFIED: _("“%(claim)s” has not been checked."),
    }[Claim.Status(claim.status)] % facts


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that bear on a reply: those that may leave as they are, and those that are over."""

    in_force: list[VettedAnswer]
    over: list[VettedAnswer]


def answers_for(response: Response, *, now: datetime) -> Answers:
    """The vetted answers to the claims of the case, and to the claim of the answer it began with."""
    claims = {claim.pk for claim in claims_on(response.case)}
    if response.vetted:
        claim = response.vetted.claim
        claims.add(claim.merged_into_id or claim.pk)
    if not claims:
        return Answers([], [])
    theirs = Q(claim__in=claims) | Q(claim__merged_into__in=claims)
    vetted = list(VettedAnswer.objects.filter(theirs, vetted_at__isnull=False).select_related("claim"))
    holding = [answer for answer in vetted if answer.claim_id in claims and is_in_force(answer, now=now)]
    kept = {answer.pk for answer in holding}
    return Answers(holding, [answer for answer in vetted if answer.pk not in kept])


def is_in_force(answer: VettedAnswer, *, now: datetime) -> bool:
    lasts = answer.valid_until is None or answer.valid_until > now
    return bool(answer.vetted_at) and answer.withdrawn_at is None and lasts


def is_unaltered(response: Response, *, now: datetime) -> bool:
    """Whether a reply is a vetted answer, word for word, to a claim that its case carries, and still holds.

    Only such a reply passes the one-voice lock of a situation without the duty lead.
    """
    answer = response.vetted
    if answer is None or not is_in_force(answer, now=now):
        return False
    if answer.claim_id not in {claim.pk for claim in claims_on(response.case)}:
        return False
    words = filling.filled(answer.text, response, officer=response.written_by)
    return one_voice.is_same(response.text, words)


def answer_is_over(response: Response, *, now: datetime) -> list[str]:
    """Why a reply may not leave that still says what was vetted once and holds no more."""
    answers = answers_for(response, now=now)
    holds = [answer.text for answer in answers.in_force]
    found = [a for a in answers.over if one_voice.holds_stale(response.text, [a.text], holds)]
    if not found:
        return []
    answer = max(found, key=lambda each: each.pk)
    facts = {"claim": answer.claim.statement, "time": ""}
    ended_at = answer.withdrawn_at or answer.valid_until
    if ended_at:
        facts["time"] = f"{timezone.localtime(ended_at):%H:%M}"
    return [
        _(
            "The answer to “%(claim)s” held until %(time)s and may not leave as it is. Put in the answer "
            "that holds now, change the words so that they are right now, or have the answer vetted again."
        )
        % facts
    ]


def cited(claims: Iterable[Claim]) -> tuple[str, str]:
    """What is not so, and the sources it was decided on, as the register has them; "" = not known there."""
    false = [claim for claim in claims if claim.status == Claim.Status.FALSE]
    if not false:
        return "", ""
    newest = FactSource.objects.filter(claim__in=false, withdrawn_at=None)
    titles = [f"{source.title} {source.url}".strip() for source in newest]
    return "\n".join(claim.statement for claim in false), "; ".join(titles)[:2000]


def _leads_of(case_ids: Collection[int]) -> Mapping[int, int]:
    """The lead of each of these cases that is a copy."""
    keys = [(pk,) for pk in case_ids]
    rows = bulk.find(Case, ("post_id", "lead_id", "state"), by=("post_id",), keys=keys)
    return {pk: lead_id for pk, lead_id, state in rows if state == State.MERGED and lead_id}
