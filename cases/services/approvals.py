"""Approval: a reply is handed in, and leaves when a colleague with a mandate agrees.

Nobody approves words they wrote any of. Who is alone on duty and may approve lets their own go with a
reason, also without a mandate of their own, and a colleague looks at it on the next working day.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import duty, targets, wording
from cases.models import Case, Notification, Response, User
from cases.policy import who_may_answer
from cases.rules.levels import Level
from cases.rules.mandate import NotCovered
from cases.rules.permissions import MAY, Need, Role
from cases.rules.worddiff import edits
from cases.rules.workflow import State
from cases.services import audit, drafts, notifications
from cases.services.drafts import NOTHING, CannotSend, Draft, Seen, enqueue, facts_of, hold, save_draft
from cases.services.escalation import OVERDUE_APPROVAL, Alarm, raise_escalation
from cases.services.transitions import lock, move

Kind = Notification.Kind


def able(response: Response, *, now: datetime) -> list[User]:
    """Who may let this reply go now: those at hand first, then the others; none who wrote any of it."""
    case = response.case
    at_hand = duty.approvers(now=now)
    others = User.objects.filter(is_active=True, role__in=MAY[Need.APPROVE]).order_by("pk")
    people = [*at_hand, *others.exclude(pk__in=[person.pk for person in at_hand])]
    free = [person for person in people if person.pk not in response.writers]
    if drafts.one_voice(response, case, by=None, now=now):
        free = [person for person in free if person.role == Role.LEAD]
    return who_may_answer(free, drafts.categories_of(case), now=now, ask=drafts.ask_of(response, case))


def submit(
    response: Response,
    draft: Draft,
    *,
    by: User,
    now: datetime,
    seen: Seen = NOTHING,
    approver: User | None = None,
) -> None:
    """Hand a reply in for approval: the choice is a proposal until somebody with a mandate agrees.

    `approver` is asked; without one the first who is at hand and may. Raises CannotSend, the typed text
    kept, when that person may not approve this.
    """
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        reasons = drafts.missing(response, now=now) + drafts.too_long(response)
        reasons += drafts.claims_changed(response, now=now)
        response.submitted_by, response.submitted_at = by, now
        found = able(response, now=now)
        if approver and approver not in found:
            sentence = _(
                "%(who)s cannot approve this now: without a mandate for it, or as one of its authors."
            )
            reasons.append(sentence % {"who": approver})
        if reasons:
            raise CannotSend(reasons)
        response.approver = approver or (found[0] if found else None)
        response.approval_due_at = targets.approval_due(
            start=now, category=case.category, priority="urgent" if case.is_urgent else "normal"
        )
        response.status = Response.Status.SUBMITTED
        response.save()
        facts = {"approver": str(response.approver or ""), "due": response.approval_due_at.isoformat()}
        move(case, State.APPROVAL, by=by, now=now, facts=facts_of(response) | facts)
        _ask(response, by=by, now=now)
    response.case.state = case.state


def approve(response: Response, *, by: User, now: datetime, text: str = "", seen: Seen = NOTHING) -> None:
    """Let a colleague's reply go, as it is or edited; what was changed stays on record, word by word.

    Raises ReplyChanged when it is not the text that the approver read, and CannotSend with every
    reason why it may not leave.
    """
    with transaction.atomic():
        case = hold(response, Response.Status.SUBMITTED, state=State.APPROVAL, seen=seen)
        reasons = []
        if by.pk in response.writers:
            reasons.append(_("Nobody approves their own text; ask a colleague."))
        facts = _edited(response, text, by=by)
        _let_go(response, case, reasons, by=by, now=now, seen=seen)
        move(case, State.SENDING, by=by, now=now, facts=facts_of(response) | {"approved": True} | facts)
        _answer(response, "changed" if facts else "approved", by=by, now=now)
    response.case.state = case.state


def release_alone(
    response: Response, *, reason: str, by: User, now: datetime, text: str = "", seen: Seen = NOTHING
) -> None:
    """Let one's own words go when nobody else is there to approve them, with the reason.

    A colleague looks at it by the end of the next working day. A mandate that is lacking keeps nothing
    back here, and is written down. Raises CannotSend while somebody else is on duty who may approve.
    """
    with transaction.atomic():
        case = hold(response, Response.Status.SUBMITTED, state=State.APPROVAL, seen=seen)
        reasons = []
        if not reason.strip():
            reasons.append(_("Say why this cannot wait for a colleague."))
        if by.pk not in response.writers:
            reasons.append(_("These are not your words: approve them, or give them back."))
        if not duty.is_alone(by, now=now):
            reasons.append(_("You are not alone on duty; ask the colleague who may approve."))
        facts = _edited(response, text, by=by)
        response.solo_reason, response.review_due_at = reason.strip()[:500], targets.next_working_day(now)
        lacking = _let_go(response, case, reasons, by=by, now=now, seen=seen)
        alone = {"released alone": response.solo_reason, "review due": response.review_due_at.isoformat()}
        if lacking:
            alone["without a mandate"] = wording.why_not(lacking)
        move(case, State.SENDING, by=by, now=now, facts=facts_of(response) | alone | facts)
        others = User.objects.filter(is_active=True, role__in=MAY[Need.APPROVE]).exclude(pk=by.pk)
        _say(others, Kind.REVIEW_WAITS, response, "waits", {"said": response.solo_reason}, by=by, now=now)
    response.case.state = case.state


def review(response: Response, *, note: str, by: User, now: datetime) -> None:
    """Look at what somebody let go alone. Raises CannotSend for its own authors, or when it was looked at."""
    note = note.strip()[:500]
    with transaction.atomic():
        case = lock(response.case)
        response.refresh_from_db()
        reasons = []
        if not response.solo_reason or response.sent_at is None:
            reasons.append(_("There is nothing to look at here: it was not sent by somebody alone."))
        if response.reviewed_at:
            reasons.append(_("A colleague looked at this already; read the note with the case."))
        if by.pk in response.writers | {response.approved_by_id}:
            reasons.append(_("You wrote this yourself; a colleague looks at it."))
        if not note:
            reasons.append(_("Say in a few words what you think of it."))
        if reasons:
            raise CannotSend(reasons)
        response.reviewed_by, response.reviewed_at, response.review_note = by, now, note
        response.save(update_fields=["reviewed_by", "reviewed_at", "review_note"])
        facts = {"response": response.pk, "note": note, "released by": str(response.approved_by or "")}
        audit.append(audit.subject_of(case.pk), "release reviewed", by=by, now=now, facts=facts)
        released = [response.approved_by] if response.approved_by else []
        _say(released, Kind.REVIEW_WAITS, response, "reviewed", {"said": note}, by=by, now=now)


def give_back(response: Response, *, comment: str, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Return a submitted reply to its author with a comment, or withdraw one's own."""
    with transaction.atomic():
        case = hold(response, Response.Status.SUBMITTED, state=State.APPROVAL, seen=seen)
        if not comment.strip() and by.pk not in response.writers:
            raise CannotSend([_("Say what should be different, so that the author can go on.")])
        response.status, response.error = Response.Status.DRAFT, comment.strip()[:500]
        response.approver, response.approval_due_at = None, None
        response.revision += 1
        response.save()
        move(case, State.DRAFTING, by=by, now=now, reason=comment)
        _answer(response, "returned", by=by, now=now)
    response.case.state = case.state


def overdue(*, now: datetime) -> list[int]:
    late = Response.objects.filter(status=Response.Status.SUBMITTED, approval_due_at__lte=now)
    return list(late.order_by("approval_due_at").values_list("pk", flat=True)[:100])


def escalate_overdue(response_id: int, *, now: datetime) -> bool:
    """Nobody approved in time: communications decides. The draft is kept; False when it was not late."""
    with transaction.atomic():
        response = Response.objects.select_related("approver", "submitted_by").get(pk=response_id)
        case = lock(Case(pk=response.case_id), with_lead=False)
        late = Response.objects.filter(
            pk=response_id, status=Response.Status.SUBMITTED, approval_due_at__lte=now
        )
        if not late.update(approval_due_at=None) or case.state != State.APPROVAL:
            return False
        evidence = {
            "response": response_id,
            "approver": str(response.approver or ""),
            "author": str(response.submitted_by or ""),
            "submitted": response.submitted_at.isoformat() if response.submitted_at else "",
        }
        raise_escalation(case, Alarm(Level.WORSENING, OVERDUE_APPROVAL, evidence), by=None, now=now)
        move(case, State.COMMS, by=None, now=now, reason=OVERDUE_APPROVAL)
    return True


def _edited(response: Response, text: str, *, by: User) -> dict[str, Any]:
    """Put the approver's words in place of the author's; what was changed, for the trail."""
    before, after = response.text, text.strip().replace("\r\n", "\n")
    if not after or after == before.strip().replace("\r\n", "\n"):
        return {}
    response.text = after
    drafts.rewritten(response, by)
    return {"text before": before, "edit": [list(piece) for piece in edits(before, after)]}


def _let_go(
    response: Response, case: Case, reasons: list[str], *, by: User, now: datetime, seen: Seen
) -> NotCovered | None:
    """Queue the reply under the mandate of who lets it go. Raises CannotSend with every reason.

    Returns the mandate that was lacking, where somebody alone let it go all the same.
    """
    covered = drafts.mandate_for(response, case, by=by, now=now)
    lacking = covered if isinstance(covered, NotCovered) else None
    if lacking and not response.solo_reason:
        reasons.append(wording.why_not(lacking))
    reasons += drafts.missing(response, now=now) + drafts.no_way_out(response, case, now=now)
    reasons += drafts.too_long(response) + drafts.post_changed(response, case, seen)
    reasons += drafts.thread_changed(response, case, seen)
    reasons += drafts.one_voice(response, case, by=by, now=now)
    reasons += drafts.claims_changed(response, now=now, seen=seen)
    if reasons:
        raise CannotSend(reasons)
    response.approved_by, response.approval_due_at = by, None
    if seen.claims is not None:
        response.claim_revision = seen.claims
    enqueue(response, covered, now=now)
    return lacking


def _ask(response: Response, *, by: User, now: datetime) -> None:
    """Tell the approver; where nobody may approve, who answers for the duty must know."""
    asked = [response.approver] if response.approver else duty.leads()
    due = response.approval_due_at.isoformat() if response.approval_due_at else ""
    what = "waits" if response.approver else "nobody"
    _say(asked, Kind.APPROVAL_WAITS, response, what, {"due": due}, by=by, now=now)


def _answer(response: Response, what: str, *, by: User, now: datetime) -> None:
    """Tell whoever handed the reply in; not of what they did themselves."""
    author = response.submitted_by
    if author and author.pk != by.pk:
        _say([author], Kind.APPROVAL_WAITS, response, what, {"said": response.error}, by=by, now=now)


def _say(
    people: Iterable[User],
    kind: Kind,
    response: Response,
    what: str,
    facts: Mapping[str, str],
    *,
    by: User,
    now: datetime,
) -> None:
    told = {"what": what, "case": response.case_id, "by": str(by), **facts}
    occasion = f"{response.pk}/{response.revision}/{what}"
    notifications.tell(
        people, kind, audit.subject_of(response.case_id), facts=told, now=now, occasion=occasion
    )
