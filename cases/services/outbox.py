"""The outbox: queued replies leave here, exactly once each."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import carried, policy
from cases.models import Case, PublicMessage, Response
from cases.rules.workflow import State
from cases.services import audit, drafts, pacing, promises
from cases.services.transitions import lock, move
from monitoring import replies, usage

RETRY = timedelta(seconds=30)
LIMITED = timedelta(minutes=5)
"""How long to wait when a platform says "too often" and not until when."""
MAX_ATTEMPTS = 40
"""After so many tries in the dark a person must look: the case may not stay in sending for ever."""


def due_responses(*, now: datetime) -> list[int]:
    statuses = [Response.Status.QUEUED, Response.Status.SENDING, Response.Status.UNKNOWN]
    due = Response.objects.filter(status__in=statuses, send_at__lte=now)
    return list(due.order_by("send_at", "pk").values_list("pk", flat=True)[:100])


def deliver(response_id: int, *, now: datetime) -> bool:
    """Send one due reply; False when another worker has it or it did not arrive.

    The row is taken before the network is touched. A reply whose earlier attempt ended in
    the dark (a crash, a time-out) is first looked for on the platform under its key, and
    only sent when it is not there. What nobody foresaw is written down like a time-out and raised.
    """
    response = _lease(response_id, now=now)
    if response is None:
        return False
    try:
        outcome = _send(response, now=now)
    except Exception:
        # Nobody foresaw this, and it may have arrived: it stays here, where the tries are counted.
        reason = _("Something went wrong in sending. It is tried again by itself.")
        _settle(response, replies.NotNow(reason), now=now)
        raise
    return _settle(response, outcome, now=now)


def _send(response: Response, *, now: datetime) -> replies.Outcome:
    """Into the platform, while the mandate holds under which it was let go.

    Who was alone on duty let it go with a reason instead. After a try in the dark it may stand there
    already: then it is looked for, whatever ended since, and not sent again.
    """
    is_first, stopped = response.n_attempts == 1, _stopped(response, now=now)
    if is_first and stopped:
        return replies.Failed(stopped)
    outcome = replies.send(
        response.case.post,
        response.text,
        response.visibility,
        key=response.key,
        look_first=not is_first,
        may_publish=not stopped,
        now=now,
    )
    return replies.Failed(stopped) if stopped and isinstance(outcome, replies.Failed) else outcome


def _stopped(response: Response, *, now: datetime) -> str:
    """Why a reply that was let go may not leave any more, as things stand at this moment; "" = it may."""
    if not response.solo_reason and not policy.still_holds(response.mandate_id, now=now):
        return _("The mandate under which this was let go has ended. Ask for approval again.")
    if response.message and response.message.replies_to == PublicMessage.RepliesTo.NOBODY:
        return _("Sending replies of their own was stopped. The message answers this case.")
    let_go_by = response.approved_by or (response.mandate.holder if response.mandate else None)
    reasons = carried.changed(response) + carried.answer_is_over(response, now=now)
    return " ".join(reasons + drafts.one_voice(response, response.case, by=let_go_by, now=now))


def _lease(response_id: int, *, now: datetime) -> Response | None:
    """Take a due reply by a conditional UPDATE; `send_at` moves ahead as the lease.

    One that goes with a message takes the next turn of its account as well.
    """
    lease = now + timedelta(seconds=settings.LEASE_S)
    due = Response.objects.filter(
        pk=response_id,
        status__in=[Response.Status.QUEUED, Response.Status.SENDING, Response.Status.UNKNOWN],
        send_at__lte=now,
    )
    with transaction.atomic():
        account = pacing.account_of(response_id)
        # Only the reply itself: PostgreSQL holds no rows of an outer join, and a post may have no source.
        held = due.select_for_update(of=("self",))
        response = held.select_related("case__post__source__credential", "message").first()
        if response is None:
            return None
        if account and response.send_at:
            pacing.take_next_turn(account, response, was_due=response.send_at, now=now)
        response.status, response.send_at = Response.Status.SENDING, lease
        response.n_attempts += 1
        response.save(update_fields=["status", "send_at", "n_attempts"])
    return response


def _settle(response: Response, outcome: replies.Outcome, *, now: datetime) -> bool:
    """Write down how sending ended, on the reply and on the case, in one transaction."""
    with transaction.atomic():
        case = lock(response.case)
        held = Response.objects.filter(
            pk=response.pk, status=Response.Status.SENDING, send_at=response.send_at
        )
        if response.message_id:  # the case was answered already: by the message that this goes with
            return _settle_beside(response, outcome, held, now=now)
        if isinstance(outcome, replies.Arrived):
            if held.update(status=Response.Status.SENT, sent_at=now, permalink=outcome.url, error=""):
                Case.objects.filter(pk=case.pk).update(outcome="replied")
                _pay(response, outcome, now=now)
                promises.on_delivered(response, case, now=now)
                move(
                    case, State.RESPONDED, by=None, now=now, facts={"link": outcome.url, "key": response.key}
                )
                return True
        elif isinstance(outcome, replies.NotNow) and not outcome.is_dark:
            _wait(response, outcome, held, now=now)
        elif isinstance(outcome, replies.NotNow) and response.n_attempts < MAX_ATTEMPTS:
            again = outcome.until or now + RETRY
            held.update(status=Response.Status.UNKNOWN, send_at=again, error=str(outcome.reason)[:500])
        elif held.update(
            status=Response.Status.DRAFT,
            send_at=None,
            error=outcome.reason[:500],
            # After more than one try an earlier one may have arrived: then look first, next time too.
            n_attempts=min(response.n_attempts - 1, 1),
        ):
            move(case, State.DRAFTING, by=None, now=now, reason=outcome.reason)
    return False


def _settle_beside(
    response: Response, outcome: replies.Outcome, held: QuerySet[Response], *, now: datetime
) -> bool:
    """As `_settle`, for a reply that goes with a message: its case stays as it is, whatever comes of it."""
    if isinstance(outcome, replies.Arrived):
        if not held.update(status=Response.Status.SENT, sent_at=now, permalink=outcome.url, error=""):
            return False
        _pay(response, outcome, now=now)
        facts = {"link": outcome.url, "key": response.key, "message": response.message_id}
        audit.append(audit.subject_of(response.case_id), "reply sent", by=None, now=now, facts=facts)
        return True
    if isinstance(outcome, replies.NotNow) and not outcome.is_dark:
        _wait(response, outcome, held, now=now)
        pacing.push_back(response, outcome.until or now + LIMITED, by_least=RETRY, now=now)
    elif isinstance(outcome, replies.NotNow) and response.n_attempts < MAX_ATTEMPTS:
        again = outcome.until or now + RETRY
        held.update(status=Response.Status.UNKNOWN, send_at=again, error=outcome.reason[:500])
    else:
        held.update(status=Response.Status.WITHDRAWN, send_at=None, error=outcome.reason[:500])
    return False


def _pay(response: Response, outcome: replies.Arrived, *, now: datetime) -> None:
    """What the reply cost stands with its source, beside what reading costs there."""
    source = response.case.post.source
    if outcome.cost and source:
        usage.count(source, {"dollars": outcome.cost}, now=now)


def _wait(response: Response, outcome: replies.NotNow, held: QuerySet[Response], *, now: datetime) -> None:
    """The platform asked us to wait: this was no attempt. Never tried before, it can still be taken back."""
    n_before = response.n_attempts - 1
    held.update(
        status=Response.Status.UNKNOWN if n_before else Response.Status.QUEUED,
        send_at=max(outcome.until or now + LIMITED, now + RETRY),
        error=outcome.reason[:500],
        n_attempts=n_before,
    )
