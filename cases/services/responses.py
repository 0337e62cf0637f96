"""Replies: drafted, checked against the mandate, queued, and sent exactly once."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import carried, policy, wording
from cases.models import Case, Response, User
from cases.rules.mandate import NotCovered
from cases.rules.scheme import Action, Advice, Option
from cases.rules.workflow import MOVES, State
from cases.services import drafts, promises
from cases.services.drafts import NOTHING, enqueue, facts_of, hold
from cases.services.drafts import TYPED as TYPED
from cases.services.drafts import CannotSend as CannotSend
from cases.services.drafts import Draft as Draft
from cases.services.drafts import ReplyChanged as ReplyChanged
from cases.services.drafts import Seen as Seen
from cases.services.drafts import save_draft as save_draft
from cases.services.transitions import MoveRefused, lock, move

_KEPT = (*TYPED, "elements", "written_by", "wrote", "vetted", "claim_revision")
ANSWERED_BY_HAND = frozenset({State.ASSESSED, State.DRAFTING, State.COMMS})


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
    """Begin the answer that was promised, in the way of the last one and with all that it needs.

    Raises MoveRefused when the last thing said was no holding reply and nothing else is promised.
    """
    with transaction.atomic():
        held = lock(case, seen=seen)
        last = held.responses.filter(sent_at__isnull=False).order_by("-pk").first()
        state = State(held.state)
        may_follow = state is State.RESPONDED and last is not None
        if last is None or not may_follow or not (last.holding_until or promises.holds_open(held)):
            raise MoveRefused(case.pk, state, State.DRAFTING, allowed=MOVES[state] - {State.DRAFTING})
        begun = Response(
            option=last.option, visibility=last.visibility, medium=last.medium, requires=last.requires
        )
        response = _begin(begun, held, by=by, now=now)
        move(held, State.DRAFTING, by=by, now=now, reason="follow up as promised")
    case.state = held.state
    return response


def queue(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Send after the undo window, if everything holds: text, duties, mandate, thread, length.

    Raises CannotSend with every reason; the typed text is kept all the same.
    """
    save_draft(response, draft, by=by, now=now, seen=seen)
    with transaction.atomic():
        case = hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        covered = drafts.mandate_for(response, case, by=by, now=now)
        reasons = (
            drafts.no_way_out(response, case, now=now)
            + drafts.missing(response, now=now)
            + drafts.too_long(response)
        )
        if isinstance(covered, NotCovered):
            reasons.append(_("%(why)s Submit it for approval instead.") % {"why": wording.why_not(covered)})
        reasons += drafts.thread_changed(response, case, seen) + drafts.post_changed(response, case)
        reasons += drafts.one_voice(response, case, by=by, now=now)
        reasons += drafts.claims_changed(response, now=now)
        if reasons:
            raise CannotSend(reasons)
        enqueue(response, covered, now=now)
        move(case, State.SENDING, by=by, now=now, facts=facts_of(response))
    response.case.state = case.state


def take_back(response: Response, *, by: User, now: datetime) -> bool:
    """Stop a queued reply within the undo window; False when it is already on its way."""
    with transaction.atomic():
        case = lock(response.case)
        if response.message_id:  # its case was answered by the message, and stays so
            return _put_beside_aside(case)
        queued = Response.objects.filter(pk=response.pk, status=Response.Status.QUEUED)
        if not queued.update(
            status=Response.Status.DRAFT,
            send_at=None,
            revision=F("revision") + 1,
            approved_by=None,  # who let it go, let go another text than the one that leaves now
            solo_reason="",
            review_due_at=None,
        ):
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
        case = hold(response, Response.Status.DRAFT, state=State.DRAFTING)
        if not isinstance(policy.judgement(case).step, Advice):
            raise CannotSend([_("There is no other option to choose here.")])
        withdraw(case)
        newest = case.assessments.latest("n")
        newest.chosen_at, newest.option, newest.follows_advice = None, "", None
        newest.save(update_fields=["chosen_at", "option", "follows_advice"])
        judged_at = case.assessed_at
        move(case, State.ASSESSED, by=by, now=now, reason="another option", facts=facts_of(response))
        Case.objects.filter(pk=case.pk).update(assessed_at=judged_at)  # judged when it was judged
    response.case.state = case.state


def withdraw(case: Case) -> None:
    """Put an unsent reply aside, in the caller's transaction, when another option is chosen."""
    Response.objects.filter(case=case, status__in=[Response.Status.DRAFT, Response.Status.SUBMITTED]).update(
        status=Response.Status.WITHDRAWN
    )
    _put_beside_aside(case)


def _put_beside_aside(case: Case) -> bool:
    """Whether a reply that goes with a message stays here, since somebody answers in person.

    Raises CannotSend while it is on its way: they would read two answers that do not know of each other.
    """
    beside = Response.objects.filter(case=case, message__isnull=False)
    queued = beside.filter(status=Response.Status.QUEUED)
    n = queued.update(status=Response.Status.WITHDRAWN, send_at=None)
    if beside.filter(status__in=[Response.Status.SENDING, Response.Status.UNKNOWN]).exists():
        raise CannotSend(
            [
                _(
                    "A reply that goes with one of our messages is on its way to case %(case)d now. "
                    "Wait until it says that it arrived, then answer."
                )
                % {"case": case.pk}
            ]
        )
    return n > 0


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
        promises.keep_answered(held, by=by, now=now)
        move(held, State.RESPONDED, by=by, now=now, facts={"medium": medium, "note": note})
    case.state = held.state
    return response


def _begin(response: Response, case: Case, *, by: User, now: datetime) -> Response:
    _put_beside_aside(case)
    response.case, response.author, response.created_at = case, by, now
    response.key = secrets.token_hex(16)
    response.post_version, response.n_thread_posts = case.post.version, drafts.thread_size(case)
    if response.claim_revision is None:  # words from before were written by what was known before
        response.claim_revision = carried.standing_of(case)
    drafts.cite(response)
    response.save()
    return response


def _words_before(case: Case) -> dict[str, Any]:
    """What was typed for an option of this judgement that was given up for another one."""
    newest, judged = case.responses.order_by("-pk").first(), case.assessments.order_by("-n").first()
    if newest is None or judged is None or newest.status != Response.Status.WITHDRAWN:
        return {}
    if judged.completed_at is None or newest.created_at < judged.completed_at:
        return {}
    return {name: getattr(newest, name) for name in _KEPT}
