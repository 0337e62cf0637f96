"""Vetted answers: written by one person, vetted by another, in force until a time, put into replies."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cases import duty, filling
from cases.carried import is_in_force
from cases.carried import is_unaltered as is_unaltered
from cases.models import Claim, Response, User, VettedAnswer
from cases.rules import one_voice, placeholders
from cases.services import claims, drafts, telling
from cases.services.claims import ClaimChanged, ClaimRefused
from cases.services.drafts import NOTHING, CannotSend, Draft, Seen

LONGEST = 5000


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """Words for a claim in a language, for one channel ("" = all), in force until a time if one is given."""

    text: str
    language: str
    channel: str = ""
    valid_until: datetime | None = None


def write(claim: Claim, plan: AnswerPlan, *, by: User, now: datetime) -> VettedAnswer:
    """Propose an answer; it may be used once a colleague has vetted it. Raises ClaimRefused."""
    _check(plan, now=now)
    with transaction.atomic():
        claims.still(claim)
        theirs = claim.answers.filter(language=plan.language, channel=plan.channel)
        last = theirs.aggregate(n=Max("n"))["n"] or 0
        answer = VettedAnswer.objects.create(
            claim=claim,
            language=plan.language,
            channel=plan.channel,
            n=last + 1,
            text=plan.text.strip(),
            valid_until=plan.valid_until,
            written_by=by,
            written_at=now,
        )
        claims.note(claim, "answer written", by=by, now=now, facts=_facts(answer))
    return answer


def vet(
    answer: VettedAnswer, *, by: User, now: datetime, solo_reason: str = "", seen: int | None = None
) -> None:
    """Put an answer in force; the one before it, in its language and channel, is over by it.

    Nobody vets their own words, except who is alone on duty and says why. Raises ClaimRefused, or
    ClaimChanged when the claim is not as it was read (`seen`: its revision).
    """
    solo_reason = solo_reason.strip()[:500]
    if reasons := _why_not(answer, solo_reason, by=by, now=now):
        raise ClaimRefused(reasons)
    claim = answer.claim
    with transaction.atomic():
        telling.tell(claim, "answer", by=by, now=now)
        claims.still(claim, seen=seen)
        before = claim.answers.filter(language=answer.language, channel=answer.channel, withdrawn_at=None)
        before.filter(vetted_at__isnull=False).update(withdrawn_at=now)
        waits = VettedAnswer.objects.filter(pk=answer.pk, vetted_at=None, withdrawn_at=None)
        is_own = answer.written_by_id == by.pk
        if not waits.update(vetted_by=by, vetted_at=now, solo_reason=solo_reason if is_own else ""):
            raise ClaimChanged(claim.pk, claim.statement)
        answer.refresh_from_db()
        claims.note(
            claim, "answer vetted", by=by, now=now, facts=_facts(answer) | {"alone": answer.solo_reason}
        )


def withdraw(answer: VettedAnswer, *, reason: str, by: User, now: datetime) -> None:
    """Take an answer, or a proposal for one, out of use. Raises ClaimRefused, ClaimChanged."""
    if not reason.strip():
        raise ClaimRefused([_("Say why the answer goes out of use.")])
    claim = answer.claim
    with transaction.atomic():
        if answer.vetted_at:
            telling.tell(claim, "answer", by=by, now=now)
        claims.still(claim)
        if not VettedAnswer.objects.filter(pk=answer.pk, withdrawn_at=None).update(withdrawn_at=now):
            raise ClaimChanged(claim.pk, claim.statement)
        facts = _facts(answer) | {"reason": reason}
        claims.note(claim, "answer withdrawn", by=by, now=now, facts=facts)
    answer.withdrawn_at = now


def use(
    response: Response, answer: VettedAnswer, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING
) -> None:
    """Begin a reply with a vetted answer: its words replace another answer, never what was typed.

    What was typed stays above it. Raises CannotSend for an answer that is over.
    """
    if not is_in_force(answer, now=now):
        raise CannotSend([_("This answer is not in force any more; choose another one.")])
    response.fact_source, response.holding_until = draft.fact_source, draft.holding_until
    drafts.cite(response)
    words = filling.filled(answer.text, response, officer=by)
    typed = draft.text.rstrip()
    if response.vetted and one_voice.is_same(
        typed, filling.filled(response.vetted.text, response, officer=response.written_by)
    ):
        typed = ""
    text = f"{typed}\n\n{words}" if typed and not one_voice.is_same(typed, words) else words
    with transaction.atomic():
        drafts.save_draft(response, replace(draft, text=text), by=by, now=now, seen=seen)
        Response.objects.filter(pk=response.pk).update(vetted=answer)
    response.vetted = answer


def _check(plan: AnswerPlan, *, now: datetime) -> None:
    reasons = []
    if not plan.text.strip():
        reasons.append(_("The answer is empty."))
    if len(plan.text) > LONGEST:
        reasons.append(_("The text is too long; use at most 5000 characters."))
    if not plan.language:
        reasons.append(_("Say in which language the answer is."))
    if plan.valid_until and plan.valid_until <= now:
        reasons.append(_("The answer would be over at once; choose a later time."))
    if unknown := placeholders.unknown(plan.text):
        known = ", ".join(f"{{{name}}}" for name in placeholders.PLACEHOLDERS)
        reasons.append(
            _("These gaps are not known: %(unknown)s. Use one of: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": known}
        )
    if reasons:
        raise ClaimRefused(reasons)


def _why_not(answer: VettedAnswer, solo_reason: str, *, by: User, now: datetime) -> list[str]:
    """What stands in the way of vetting an answer."""
    reasons = []
    if answer.valid_until and answer.valid_until <= now:
        reasons.append(_("The time until which this answer was to hold is over; write it again."))
    if answer.written_by_id == by.pk:
        if not duty.is_alone(by, now=now):
            reasons.append(_("Nobody vets their own answer; ask a colleague."))
        elif not solo_reason:
            reasons.append(_("You are alone on duty: say why this answer cannot wait for a colleague."))
    return reasons


def _facts(answer: VettedAnswer) -> dict[str, object]:
    until = answer.valid_until.isoformat() if answer.valid_until else ""
    return {
        "answer": answer.pk,
        "n": answer.n,
        "language": answer.language,
        "channel": answer.channel,
        "text": answer.text,
        "until": until,
    }
