"""Claims: a statement that posts make, opened by anybody who judges, decided on sources by communications.

Whoever changes a claim says which revision was on the page: the second of two officers is refused. Rows are
asked for in one order, cases before the claim (docs/architecture.md, "Who waits for whom").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases.models import Case, CaseClaim, Claim, ClaimDecision, FactSource, Situation, User, VettedAnswer
from cases.rules.workflow import State
from cases.services import audit, telling
from cases.services.transitions import lock

LONGEST, LONGEST_REASON = 500, 2000
Status = Claim.Status
NEED_SOURCES = frozenset({Status.TRUE, Status.FALSE})


class ClaimRefused(Exception):
    """Something about a claim that cannot be done like this, with every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


class ClaimChanged(Exception):
    """Somebody else was first."""

    def __init__(self, claim_id: int, statement: str) -> None:
        super().__init__(claim_id, statement)
        self.claim_id, self.statement = claim_id, statement

    def __str__(self) -> str:
        return _(
            "A colleague changed “%(claim)s” after you opened the page. Nothing was kept; look again."
        ) % {"claim": self.statement}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides about a claim, why, and on which of its sources (their numbers)."""

    status: str
    reason: str
    sources: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """Where a fact comes from: a report, a person who confirmed it, an address, and what it says."""

    title: str
    url: str = ""
    says: str = ""


def open_claim(
    statement: str, *, by: User, now: datetime, case: Case | None = None, situation: Situation | None = None
) -> Claim:
    """Put a statement into the register; the case it comes from carries it, and gives it its situation.

    Raises ClaimRefused without a statement, and for a copy: it carries what its lead carries.
    """
    statement = _said(statement)
    with transaction.atomic():
        held = lock(case) if case else None
        refuse_copy(held)
        claim = Claim.objects.create(
            statement=statement,
            situation=situation or (held.situation if held else None),
            opened_by=by,
            opened_at=now,
        )
        note(claim, "claim opened", by=by, now=now, facts={"case": case.pk if case else None})
        if held:
            carry(claim, held, by=by, now=now)
    return claim


def refuse_copy(held: Case | None) -> None:
    """A link stands on a lead. Raises ClaimRefused for a copy, naming the case that it follows."""
    if held and held.state == State.MERGED:
        facts = {"lead": held.lead_id or 0}
        raise ClaimRefused([_("This post is a copy. Link case %(lead)d, which it follows.") % facts])


def carry(claim: Claim, held: Case, *, by: User, now: datetime) -> bool:
    """Write that a case, which the caller holds, carries a claim; False when it did so already."""
    _link, is_new = CaseClaim.objects.get_or_create(case=held, claim=claim, defaults={"by": by, "at": now})
    if is_new:
        facts = {"claim": claim.pk, "statement": claim.statement, "status": claim.status}
        audit.append(audit.subject_of(held.pk), "claim linked", by=by, now=now, facts=facts)
    return is_new


def reword(claim: Claim, statement: str, *, by: User, now: datetime, seen: int) -> None:
    """Say a claim in better words. Raises ClaimRefused, ClaimChanged."""
    before, statement = claim.statement, _said(statement)
    if statement == before:
        return
    _change(claim, {"statement": statement}, "statement", by=by, now=now, seen=seen, facts={"before": before})


def decide(claim: Claim, verdict: Verdict, *, by: User, now: datetime, seen: int) -> ClaimDecision:
    """Decide how a claim stands; every open case that carries it is told.

    The answers that were vetted while it stood otherwise are over by it. Raises ClaimRefused without a
    reason, or true or false without a source; ClaimChanged when a colleague was first.
    """
    sources = _grounds(claim, verdict)
    with transaction.atomic():
        return _decided(claim, verdict, sources, by=by, now=now, seen=seen)


def decide_on(
    claim: Claim, verdict: Verdict, fact: SourcePlan, *, by: User, now: datetime, seen: int
) -> ClaimDecision:
    """Decide, also on a source that is named in the same breath: it is added, and is one of the grounds."""
    if not (fact.title.strip() or fact.url.strip() or fact.says.strip()):
        return decide(claim, verdict, by=by, now=now, seen=seen)
    if not verdict.reason.strip():
        raise ClaimRefused([_("Say in a few words why.")])
    with transaction.atomic():
        made = _source(claim, fact, by=by, now=now)
        verdict = Verdict(verdict.status, verdict.reason, [*verdict.sources, made.pk])
        return _decided(claim, verdict, _grounds(claim, verdict), by=by, now=now, seen=seen)


def add_source(claim: Claim, plan: SourcePlan, *, by: User, now: datetime) -> FactSource:
    """Add where a fact about a claim comes from. Raises ClaimRefused."""
    with transaction.atomic():
        facts = {"title": plan.title.strip(), "url": plan.url}
        _change(claim, {}, "sources", by=by, now=now, seen=None, facts=facts, action="source added")
        return _source(claim, plan, by=by, now=now)


def _source(claim: Claim, plan: SourcePlan, *, by: User, now: datetime) -> FactSource:
    if not plan.title.strip():
        raise ClaimRefused([_("Say what the source is: a report, an address, or who confirmed it and when.")])
    if plan.url and not plan.url.startswith(("https://", "http://")):
        raise ClaimRefused([_("An address begins with https:// or http://.")])
    return FactSource.objects.create(
        claim=claim,
        title=plan.title.strip()[:300],
        url=plan.url[:2000],
        says=plan.says.strip(),
        by=by,
        at=now,
    )


def withdraw_source(source: FactSource, *, reason: str, by: User, now: datetime, seen: int) -> None:
    """A source does not hold. A claim that was decided on this one alone is unverified again by it."""
    claim = source.claim
    if not reason.strip():
        raise ClaimRefused([_("Say why the source does not hold.")])
    with transaction.atomic():
        if not _rests_on_others(claim, source):
            verdict = Verdict(
                Status.UNVERIFIED, _("Its last source was withdrawn: %(why)s") % {"why": reason}
            )
            _decided(claim, verdict, [], by=by, now=now, seen=seen)
        else:
            facts = {"title": source.title, "reason": reason}
            _change(claim, {}, "sources", by=by, now=now, seen=seen, facts=facts, action="source withdrawn")
        if not FactSource.objects.filter(pk=source.pk, withdrawn_at=None).update(withdrawn_at=now):
            raise ClaimChanged(claim.pk, claim.statement)


def note(claim: Claim, action: str, *, by: User, now: datetime, facts: dict[str, Any] | None = None) -> None:
    """Write an event on the trail of a claim, whose row the caller holds."""
    told = {"statement": claim.statement, "status": claim.status, "revision": claim.revision}
    audit.append(f"claim:{claim.pk}", action, by=by, now=now, facts=told | (facts or {}))


def held(claim: Claim, *, seen: int | None = None, **changes: Any) -> None:
    """Hold a claim until the transaction ends, its revision one higher. Raises ClaimChanged.

    By an UPDATE: a FOR UPDATE would keep everybody waiting who writes that a case carries it.
    """
    rows = Claim.objects.filter(pk=claim.pk, merged_into=None)
    rows = rows if seen is None else rows.filter(revision=seen)
    if not rows.update(revision=F("revision") + 1, **changes):
        raise ClaimChanged(claim.pk, claim.statement)
    claim.refresh_from_db()


def still(claim: Claim, *, seen: int | None = None) -> None:
    """Hold the row of a claim that stands on its own (`seen`: as it was read). Raises ClaimChanged."""
    rows = Claim.objects.select_for_update(no_key=True).filter(pk=claim.pk, merged_into=None)
    rows = rows if seen is None else rows.filter(revision=seen)
    if not rows.values_list("pk").first():
        raise ClaimChanged(claim.pk, claim.statement)


def _change(
    claim: Claim,
    changes: dict[str, Any],
    what: str,
    *,
    by: User,
    now: datetime,
    seen: int | None,
    facts: dict[str, Any],
    action: str = "claim changed",
) -> None:
    """Change a claim and tell its cases: cases first, then the claim."""
    with transaction.atomic():
        telling.tell(_as_it_will_be(claim, changes), what, by=by, now=now)
        held(claim, seen=seen, **changes)
        note(claim, action, by=by, now=now, facts=facts)


def _decided(
    claim: Claim, verdict: Verdict, sources: list[int], *, by: User, now: datetime, seen: int
) -> ClaimDecision:
    before = claim.status
    changes = {"status": verdict.status, "decided_by": by, "decided_at": now}
    reason = verdict.reason.strip()[:LONGEST_REASON]
    facts = {"before": before, "reason": reason, "sources": sources}
    if before != verdict.status:
        over = VettedAnswer.objects.filter(claim=claim, vetted_at__isnull=False, withdrawn_at=None)
        facts["answers over"] = list(over.values_list("pk", flat=True))
    _change(claim, changes, "status", by=by, now=now, seen=seen, facts=facts, action="claim decided")
    if before != verdict.status:
        over.update(withdrawn_at=now)
    return ClaimDecision.objects.create(
        claim=claim, status=verdict.status, reason=reason, sources=sources, by=by, at=now
    )


def _as_it_will_be(claim: Claim, changes: dict[str, Any]) -> Claim:
    return Claim(
        pk=claim.pk,
        statement=changes.get("statement", claim.statement),
        status=changes.get("status", claim.status),
        revision=claim.revision + 1,
    )


def _grounds(claim: Claim, verdict: Verdict) -> list[int]:
    """The sources a decision rests on. Raises ClaimRefused with every reason why it cannot be taken."""
    reasons = []
    if verdict.status not in Status.values:
        raise ClaimRefused([_("Choose one of: unverified, true, false, unknown.")])
    if not verdict.reason.strip():
        reasons.append(_("Say in a few words why."))
    standing = set(claim.sources.filter(withdrawn_at=None).values_list("pk", flat=True))
    sources = sorted(standing & set(verdict.sources))
    if verdict.status in NEED_SOURCES and not sources:
        reasons.append(_("True and false rest on a source: add one, or tick the one it rests on."))
    if reasons:
        raise ClaimRefused(reasons)
    return sources


def _rests_on_others(claim: Claim, source: FactSource) -> bool:
    """Whether a claim stands as it was decided when one source is gone."""
    if claim.status not in NEED_SOURCES:
        return True
    newest = claim.decisions.first()
    cited = set(newest.sources) if newest else set()
    others = claim.sources.filter(withdrawn_at=None).exclude(pk=source.pk)
    return others.filter(pk__in=cited).exists()


def _said(statement: str) -> str:
    """A statement as it is kept. Raises ClaimRefused."""
    words = " ".join(statement.split())
    if not words:
        raise ClaimRefused([_("Write down what is claimed, in one sentence that can be true or false.")])
    if len(words) > LONGEST:
        raise ClaimRefused([_("Say it in at most 500 characters: one sentence that can be true or false.")])
    return words
