"""Which cases carry which claims, and which claims are one and the same: written, and taken back."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from cases import carried
from cases.models import Case, CaseClaim, Claim, User
from cases.rules.workflow import State
from cases.services import audit, claims, telling
from cases.services.claims import ClaimChanged, ClaimRefused
from cases.services.transitions import hold, lock

MOST = 200
"""Cases linked in one act: what somebody can still look through."""


def link(case: Case, claim: Claim, *, by: User, now: datetime) -> bool:
    """A case carries a claim; False when it did already. A copy carries what its lead carries.

    Raises ClaimRefused for a copy, and for a claim that was merged.
    """
    with transaction.atomic():
        held = lock(case)
        claims.refuse_copy(held)
        return _carry([held], claim, by=by, now=now) == 1


def unlink(case: Case, claim: Claim, *, by: User, now: datetime) -> bool:
    """A case does not carry a claim after all, nor any that was merged into it."""
    with transaction.atomic():
        held = lock(case)
        gone, _rows = CaseClaim.objects.filter(case=held, claim__in=carried.family(claim.pk)).delete()
        if gone:
            facts = {"claim": claim.pk, "statement": claim.statement}
            audit.append(audit.subject_of(held.pk), "claim unlinked", by=by, now=now, facts=facts)
            claims.still(claim)
            claims.note(claim, "case unlinked", by=by, now=now, facts={"case": held.pk})
    return bool(gone)


def link_many(claim: Claim, case_ids: Collection[int], *, by: User, now: datetime) -> int:
    """Link the cases that somebody chose from a list; returns how many are new.

    Those that became copies meanwhile carry it through their lead, and are left out.
    """
    if len(case_ids) > MOST:
        raise ClaimRefused([_("At most %(most)d cases at once; choose fewer.") % {"most": MOST}])
    with audit.acting_on_many(get_random_string(12)), transaction.atomic():
        rows = [case for case in hold(case_ids).values() if case.state != State.MERGED]
        return _carry(rows, claim, by=by, now=now)


def merge(claim: Claim, into: Claim, *, by: User, now: datetime, seen: int) -> None:
    """The same statement twice: from now on the first stands where the other one stands.

    No link is rewritten, so that it can be taken back (`part`). What had been merged into it comes along.
    Raises ClaimRefused, ClaimChanged.
    """
    if into.pk == claim.pk or into.merged_into_id:
        raise ClaimRefused([_("Choose another claim, one that was not merged itself.")])
    with transaction.atomic():
        telling.tell(into, "merged", by=by, now=now, of=claim.pk)
        for each in sorted((claim, into), key=lambda one: one.pk):  # always in the order of their numbers
            claims.held(each, seen=seen) if each is claim else claims.still(each)
        Claim.objects.filter(merged_into=claim).update(merged_into=into)
        Claim.objects.filter(pk=claim.pk).update(merged_into=into)
        claim.merged_into = into
        claims.note(claim, "claim merged", by=by, now=now, facts={"into": into.pk})
        claims.note(into, "claim took in", by=by, now=now, facts={"claim": claim.pk})


def part(claim: Claim, *, by: User, now: datetime) -> None:
    """A claim that was merged stands on its own again, with the cases that were linked to it."""
    into = claim.merged_into
    if into is None:
        raise ClaimChanged(claim.pk, claim.statement)
    with transaction.atomic():
        telling.tell(claim, "merged", by=by, now=now)
        rows = Claim.objects.filter(pk=claim.pk, merged_into=into)
        if not rows.update(merged_into=None):
            raise ClaimChanged(claim.pk, claim.statement)
        claim.refresh_from_db()
        claims.held(claim)
        claims.note(claim, "claim parted", by=by, now=now, facts={"from": into.pk})


def _carry(rows: list[Case], claim: Claim, *, by: User, now: datetime) -> int:
    """Link cases that the caller holds to a claim that stands on its own."""
    new = [case.pk for case in rows if claims.carry(claim, case, by=by, now=now)]
    if new:
        claims.still(claim)
        claims.note(claim, "cases linked", by=by, now=now, facts={"cases": new})
    return len(new)
