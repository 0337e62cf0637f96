"""What nearly says the same, for who asked: claims that a post may make, posts that may make a claim."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import carried
from cases.models import Case, CaseClaim, Claim
from cases.reads.claims import open_claims
from cases.rules.workflow import OPEN, State
from cases.suggestions.near import NEAR, Words, nearest, nearness, words_of

SAMPLE = 20
"""Posts that carry a claim and are compared with, the newest."""

LOOKED_AT, SHOWN, WINDOW = 3000, 200, timedelta(hours=72)
"""How many open topics are looked through, the newest first; how many are shown; how far back."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A claim that a case may be linked to. `key`: the digit that does it, "" after the ninth."""

    claim: Claim
    is_near: bool
    is_linked: bool
    key: str


def claims_for(case: Case) -> list[Proposal]:
    """The claims of the register for one case: those whose words it nearly says first, then the newest.

    Those of the situation of the case come before the others.
    """
    claims = open_claims()
    said = _said_by([claim.pk for claim in claims])
    asked = [(claim.pk, words_of(claim.statement), said.get(claim.pk, [])) for claim in claims]
    near = [number for _near, number in nearest(words_of(case.post.text), asked)]
    linked = {claim.pk for claim in carried.claims_on(case)}
    ordered = sorted(
        claims,
        key=lambda claim: (
            near.index(claim.pk) if claim.pk in near else len(near),
            claim.situation_id != case.situation_id,
            -claim.pk,
        ),
    )
    return [
        Proposal(claim, claim.pk in near, claim.pk in linked, str(n) if n <= 9 else "")
        for n, claim in enumerate(ordered, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """Open cases that nearly say what a claim says. `looked_at`: how many were compared."""

    cases: list[Case]
    looked_at: int

    @property
    def n_posts(self) -> int:
        return sum(case.n_copies + 1 for case in self.cases)


def cases_near(claim: Claim, *, now: datetime) -> Found:
    """The open cases of the last days that do not carry a claim and nearly say the same, nearest first."""
    leads = Case.objects.filter(state__in=OPEN, posted_at__gt=now - WINDOW).exclude(state=State.MERGED)
    if claim.situation_id:
        leads = leads.filter(situation=claim.situation_id)
    leads = leads.exclude(pk__in=carried.carriers(claim.pk).values("pk"))
    rows = list(leads.order_by("-posted_at", "-pk").values_list("pk", "post__text")[:LOOKED_AT])
    statement, said = words_of(claim.statement), _said_by([claim.pk]).get(claim.pk, [])
    told = [(nearness(words_of(text), statement, said), pk) for pk, text in rows]
    best = [pk for near, pk in sorted(told, key=lambda one: (-one[0], one[1])) if near >= NEAR][:SHOWN]
    found = Case.objects.filter(pk__in=best).select_related("post__author").in_bulk()
    return Found([found[pk] for pk in best if pk in found], len(rows))


def _said_by(claim_ids: Collection[int]) -> dict[int, list[Words]]:
    """What posts that carry these claims say: the newest of each."""
    links = CaseClaim.objects.filter(claim__in=claim_ids).order_by("-pk")
    said: dict[int, list[Words]] = {}
    for claim_id, text in links.values_list("claim", "case__post__text")[: SAMPLE * 50]:
        words = said.setdefault(claim_id, [])
        if len(words) < SAMPLE and text:
            words.append(words_of(text))
    return said
