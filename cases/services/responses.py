"""Replies: drafted, checked against the mandate, queued, and sent exactly once."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import policy
from cases.models import Case, Response, User
from cases.rules.mandate import Covered, NotCovered
from cases.rules.scheme import Action, Advice, Option
from cases.rules.workflow import MOVES, State
from cases.services import drafts
from cases.services.drafts import NOTHING
from cases.services.drafts import CannotSend as CannotSend
from cases.services.drafts import Draft as Draft
from cases.services.drafts import ReplyChanged as ReplyChanged
from cases.services.drafts import Seen as Seen
from cases.services.transitions import MoveRefused, lock, move

ANSWERED_BY_HAND = frozenset({State.ASSESSED, State.DRAFTING, State.COMMS})

TYPED = ("text", "fact_source", "inquiry", "what_we_do", "audience", "holding_until")

SKIPPED = "skipped"
"""A core element that the author did not tick: recorded as such, and never a reason to block."""


def start_draft(case: Case, option: Option, *, by: User, now: datetime) -> Response:
    """Open a reply for an option of the advice, in the caller's transaction.

    A reply left waiting by an earlier round (communications sent the case back) is put aside. What was
    typed for another option of the same judgement is taken along.
    """
    withdraw(case)
    direct = option.action is Action.REPLY_DIRECT
    begun = Response(
        option=option.id,
        visibility=Response.Visibility.DIRECT if direct else Response.Visibility.PUBLIC,
        medium="direct message" if direct else "public reply",
        requires=list(option.requires),
        **_words_before(case),
    )
    return _begin(begun, case, by=by, now=now)


def follow_up(case: Case, *, by: User, now: datetime, seen: State | None = None) -> Response:
    """Begin the answer that a holding reply promised, in the same way and with all that it needs.

    Raises MoveRefused when the last thing said was no holding reply.
    """
    with transaction.atomic():
        held = lock(case, seen=seen)
        last = held.responses.filter(sent_at__isnull=False).order_by("-pk").first()
        state = State(held.state)
        if state is not State.RESPONDED or last is None or last.holding_until is None:
            raise MoveRefused(case.pk, state, State.DRAFTING, allowed=MOVES[state] - {State.DRAFTING})
        begun = Response(
            option=last.option, visibility=last.visibility, medium=last.medium, requires=last.requires
        )
        response = _begin(begun, held, by=by, now=now)
        move(held, State.DRAFTING, by=by, now=now, reason="follow up as promised")
    case.state = held.state
    return response


def save_draft(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Keep what was typed; nothing is checked yet, so nothing can be lost.

    Raises ReplyChanged when somebody else saved after the page was opened.
    """
    with transaction.atomic():
        _hold(response, Response.Status.DRAFT, state=State.DRAFTING, seen=seen)
        if draft.text != response.text:
            response.written_by = by
        for name in TYPED:
            setattr(response, name, getattr(draft, name))
        elements = policy.scheme_of(response.case).elements
        response.elements = {e.id: draft.elements.get(e.id) or SKIPPED for e in elements}
        if seen.version is not None:
            response.post_version = seen.version
        response.revision += 1
        response.save()


def queue(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Send after the undo window, if everything holds: text, duties, mandate, thread, length.

    Raises CannotSend with every reason; the typed text is kept all the same.
    """
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = _hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        covered = policy.mandate_of(by, _categories(case), now=now)
        reasons = (
            drafts.no_way_out(response, case) + drafts.missing(response, now=now) + drafts.too_long(response)
        )
        if isinstance(covered, NotCovered):
            reasons.append(_("You have no mandate for this category now; submit it for approval instead."))
        reasons += drafts.thread_changed(response, case, seen) + drafts.post_changed(response, case)
        if reasons:
            raise CannotSend(reasons)
        _enqueue(response, covered, now=now)
        move(case, State.SENDING, by=by, now=now, facts=_facts(response))
    response.case.state = case.state


def submit(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Hand a reply in for approval: the choice is a proposal until somebody with a mandate agrees."""
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = _hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        reasons = drafts.missing(response, now=now) + drafts.too_long(response)
        if reasons:
            raise CannotSend(reasons)
        response.status, response.submitted_by = Response.Status.SUBMITTED, by
        response.save(update_fields=["status", "submitted_by"])
        move(case, State.APPROVAL, by=by, now=now, facts=_facts(response))


def approve(response: Response, *, by: User, now: datetime, text: str = "", seen: Seen = NOTHING) -> None:
    """Let a colleague's reply go, as it is or edited; the earlier text stays in the audit trail.

    Raises ReplyChanged when it is not the text that the approver read.
    """
    with transaction.atomic():
        case = _hold(response, Response.Status.SUBMITTED, state=State.APPROVAL, seen=seen)
        reasons = []
        if by.pk in response.writers:
            reasons.append(_("Nobody approves their own text; ask a colleague."))
        covered = policy.mandate_of(by, _categories(case), now=now)
        if isinstance(covered, NotCovered):
            reasons.append(_("You have no mandate for this category now."))
        before = response.text
        response.text = text.strip() or response.text
        reasons += drafts.no_way_out(response, case) + drafts.too_long(response)
        reasons += drafts.post_changed(response, case, seen)
        if reasons:
            raise CannotSend(reasons)
        _enqueue(response, covered, now=now)
        edited = {"text before": before} if before != response.text else {}
        move(case, State.SENDING, by=by, now=now, facts=_facts(response) | edited)


def give_back(response: Response, *, comment: str, by: User, now: datetime) -> None:
    """Return a submitted reply to its author with a comment, or withdraw one's own."""
    with transaction.atomic():
        case = _hold(response, Response.Status.SUBMITTED, state=State.APPROVAL)
        response.status, response.error = Response.Status.DRAFT, comment[:500]
        response.revision += 1
        response.save(update_fields=["status", "error", "revision"])
        move(case, State.DRAFTING, by=by, now=now, reason=comment)


def take_back(response: Response, *, by: User, now: datetime) -> bool:
    """Stop a queued reply within the undo window; False when it is already on its way."""
    with transaction.atomic():
        case = lock(response.case)
        queued = Response.objects.filter(pk=response.pk, status=Response.Status.QUEUED)
        if not queued.update(status=Response.Status.DRAFT, send_at=None, revision=F("revision") + 1):
            return False
        move(case, State.DRAFTING, by=by, now=now, reason="taken back before sending")
    return True


def change_option(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Go back to the advice to choose again; the draft is put aside and its text kept for the next one.

    Raises CannotSend when no advice was reached (a question, or a decision of communications before
    anybody had judged): there is nothing else to choose.
    """
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = _hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        if not isinstance(policy.judgement(case).step, Advice):
            raise CannotSend([_("There is no other option to choose here.")])
        withdraw(case)
        newest = case.assessments.latest("n")
        newest.chosen_at, newest.option, newest.follows_advice = None, "", None
        newest.save(update_fields=["chosen_at", "option", "follows_advice"])
        judged_at = case.assessed_at
        move(case, State.ASSESSED, by=by, now=now, reason="another option", facts=_facts(response))
        Case.objects.filter(pk=case.pk).update(assessed_at=judged_at)  # judged when it was judged
    response.case.state = case.state


def withdraw(case: Case) -> None:
    """Put an unsent reply aside, in the caller's transaction, when another option is chosen."""
    Response.objects.filter(case=case, status__in=[Response.Status.DRAFT, Response.Status.SUBMITTED]).update(
        status=Response.Status.WITHDRAWN
    )


def record_elsewhere(
    case: Case, *, medium: str, note: str, by: User, now: datetime, seen: State | None = None
) -> Response:
    """Write down that the answer was given by hand: by phone, in person, on another channel.

    Raises MoveRefused before the case was judged, and while a reply of ours is on its way.
    """
    if not note.strip():
        raise CannotSend([_("Say where or how it was answered, or give the link.")])
    with transaction.atomic():
        held = lock(case, seen=seen)
        state = State(held.state)
        if state not in ANSWERED_BY_HAND:
            raise MoveRefused(case.pk, state, State.RESPONDED, allowed=MOVES[state] - {State.RESPONDED})
        withdraw(held)
        response = Response.objects.create(
            case=held,
            status=Response.Status.ELSEWHERE,
            option="elsewhere",
            medium=medium,
            text=note,
            author=by,
            key=secrets.token_hex(16),
            created_at=now,
            sent_at=now,
        )
        Case.objects.filter(pk=held.pk).update(outcome="answered elsewhere")
        move(held, State.RESPONDED, by=by, now=now, facts={"medium": medium, "note": note})
    case.state = held.state
    return response


def _hold(response: Response, status: Response.Status, *, state: State, seen: Seen = NOTHING) -> Case:
    """The case with its row held, and the reply as it is stored now.

    Raises CaseChanged; CannotSend when this reply was put aside for another one meanwhile; and
    ReplyChanged when it is not the revision that was seen.
    """
    case = lock(response.case, seen=state)
    response.refresh_from_db()
    if response.status != status:
        raise CannotSend([_("This reply was put aside meanwhile; open the case again.")])
    if seen.revision is not None and seen.revision != response.revision:
        raise ReplyChanged(case.pk)
    return case


def _begin(response: Response, case: Case, *, by: User, now: datetime) -> Response:
    response.case, response.author, response.created_at = case, by, now
    response.key = secrets.token_hex(16)
    response.post_version, response.n_thread_posts = case.post.version, drafts.thread_size(case)
    response.save()
    return response


def _words_before(case: Case) -> dict[str, Any]:
    """What was typed for an option of this judgement that was given up for another one."""
    newest, judged = case.responses.order_by("-pk").first(), case.assessments.order_by("-n").first()
    if newest is None or judged is None or newest.status != Response.Status.WITHDRAWN:
        return {}
    if judged.completed_at is None or newest.created_at < judged.completed_at:
        return {}
    return {name: getattr(newest, name) for name in (*TYPED, "elements", "written_by")}


def _enqueue(response: Response, covered: Covered | NotCovered, *, now: datetime) -> None:
    response.status = Response.Status.QUEUED
    response.send_at = now + timedelta(seconds=settings.UNDO_WINDOW_S)
    response.error = ""
    response.revision += 1
    response.mandate_id = covered.grant.number if isinstance(covered, Covered) else None
    response.save()


def _categories(case: Case) -> list[str]:
    return policy.answered_categories(case.assessments.order_by("-n").first())


def _facts(response: Response) -> dict[str, Any]:
    return {
        "response": response.pk,
        "text": response.text,
        "option": response.option,
        "fact source": response.fact_source,
        "elements": response.elements,
        "by mandate": response.mandate_id,
    }
