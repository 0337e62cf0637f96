"""Approval: a reply is handed in, and leaves when a colleague with a mandate agrees."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import wording
from cases.models import Response, User
from cases.rules.mandate import NotCovered
from cases.rules.workflow import State
from cases.services import drafts
from cases.services.drafts import (
    NOTHING,
    CannotSend,
    Draft,
    Seen,
    enqueue,
    facts_of,
    hold,
    save_draft,
)
from cases.services.transitions import move


def submit(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Hand a reply in for approval: the choice is a proposal until somebody with a mandate agrees."""
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        reasons = drafts.missing(response, now=now) + drafts.too_long(response)
        if reasons:
            raise CannotSend(reasons)
        response.status, response.submitted_by = Response.Status.SUBMITTED, by
        response.save(update_fields=["status", "submitted_by"])
        move(case, State.APPROVAL, by=by, now=now, facts=facts_of(response))


def approve(response: Response, *, by: User, now: datetime, text: str = "", seen: Seen = NOTHING) -> None:
    """Let a colleague's reply go, as it is or edited; the earlier text stays in the audit trail.

    Raises ReplyChanged when it is not the text that the approver read.
    """
    with transaction.atomic():
        case = hold(response, Response.Status.SUBMITTED, state=State.APPROVAL, seen=seen)
        reasons = []
        if by.pk in response.writers:
            reasons.append(_("Nobody approves their own text; ask a colleague."))
        covered = drafts.mandate_for(response, case, by=by, now=now)
        if isinstance(covered, NotCovered):
            reasons.append(wording.why_not(covered))
        before = response.text
        response.text = text.strip() or response.text
        reasons += drafts.no_way_out(response, case) + drafts.too_long(response)
        reasons += drafts.post_changed(response, case, seen)
        if reasons:
            raise CannotSend(reasons)
        enqueue(response, covered, now=now)
        edited = {"text before": before} if before != response.text else {}
        move(case, State.SENDING, by=by, now=now, facts=facts_of(response) | edited)


def give_back(response: Response, *, comment: str, by: User, now: datetime) -> None:
    """Return a submitted reply to its author with a comment, or withdraw one's own."""
    with transaction.atomic():
        case = hold(response, Response.Status.SUBMITTED, state=State.APPROVAL)
        response.status, response.error = Response.Status.DRAFT, comment[:500]
        response.revision += 1
        response.save(update_fields=["status", "error", "revision"])
        move(case, State.DRAFTING, by=by, now=now, reason=comment)
