"""Our messages to everybody leave here, exactly once each, as replies leave the outbox."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases import policy
from cases.models import PublicMessage
from cases.services import audit, messages, speaking
from monitoring import replies, usage

RETRY = timedelta(seconds=30)
LIMITED = timedelta(minutes=5)
MAX_ATTEMPTS = 40
"""After so many tries in the dark a person must look."""

Status = PublicMessage.Status


def due(*, now: datetime) -> list[int]:
    """Messages that a worker must send or look for."""
    waiting = [Status.QUEUED, Status.SENDING, Status.UNKNOWN]
    found = PublicMessage.objects.filter(status__in=waiting, send_at__lte=now)
    return list(found.order_by("send_at").values_list("pk", flat=True)[:20])


def deliver(message_id: int, *, now: datetime) -> bool:
    """Send one due message; False when another worker has it or it did not arrive.

    As with replies: taken before the network is touched, and after a try in the dark first looked for.
    """
    message = _lease(message_id, now=now)
    if message is None:
        return False
    try:
        outcome = _send(message, now=now)
    except Exception:
        reason = _("Something went wrong in sending. It is tried again by itself.")
        _settle(message, replies.NotNow(reason), now=now)
        raise
    return _settle(message, outcome, now=now)


def _lease(message_id: int, *, now: datetime) -> PublicMessage | None:
    waiting = [Status.QUEUED, Status.SENDING, Status.UNKNOWN]
    with transaction.atomic():
        rows = PublicMessage.objects.select_for_update(of=("self",)).select_related("source", "situation")
        message = rows.filter(pk=message_id, status__in=waiting, send_at__lte=now).first()
        if message is None:
            return None
        message.status, message.send_at = Status.SENDING, now + timedelta(seconds=settings.LEASE_S)
        message.n_attempts += 1
        message.save(update_fields=["status", "send_at", "n_attempts"])
    return message


def _send(message: PublicMessage, *, now: datetime) -> replies.Outcome:
    if message.source is None:
        return replies.Failed(_("Choose the account that says it, or give the address where it stands."))
    is_first, barred = message.n_attempts == 1, _barred(message, now=now)
    if is_first and barred:
        return replies.Failed(barred)
    outcome = replies.post(
        message.source,
        message.text,
        key=message.key,
        since=message.created_at,
        look_first=not is_first,
        may_publish=not barred,
        now=now,
    )
    return replies.Failed(barred) if barred and isinstance(outcome, replies.Failed) else outcome


def _barred(message: PublicMessage, *, now: datetime) -> str:
    """Why a message that was let go may not leave any more; "" = it may.

    After a try in the dark it may stand there already: it is looked for all the same, and not sent again.
    """
    if not policy.still_holds(message.mandate_id, now=now):
        return _("The mandate under which this was let go has ended.")
    holder = message.mandate.holder if message.mandate else None
    bars = messages.one_voice_bars(message, by=holder, now=now) + messages.claim_bars(message)
    return " ".join(bars)


def _settle(message: PublicMessage, outcome: replies.Outcome, *, now: datetime) -> bool:
    """Write down how it ended, unless another worker has it by now."""
    with transaction.atomic():
        held = PublicMessage.objects.select_for_update().filter(
            pk=message.pk, status=Status.SENDING, send_at=message.send_at
        )
        if not held.exists():
            return False
        if isinstance(outcome, replies.Arrived):
            held.update(status=Status.PUBLISHED, url=outcome.url, published_at=now, send_at=None, error="")
            if outcome.cost and message.source:
                usage.count(message.source, {"dollars": outcome.cost}, now=now)
            facts = {"link": outcome.url, "key": message.key}
            audit.append(messages.subject_of(message.pk), "message published", by=None, now=now, facts=facts)
            if message.situation_id:
                speaking.spoke(message.situation_id, now=now)
            return True
        if isinstance(outcome, replies.NotNow) and not outcome.is_dark:
            n_before = message.n_attempts - 1
            held.update(
                status=Status.UNKNOWN if n_before else Status.QUEUED,
                send_at=max(outcome.until or now + LIMITED, now + RETRY),
                error=outcome.reason[:500],
                n_attempts=n_before,
            )
        elif isinstance(outcome, replies.NotNow) and message.n_attempts < MAX_ATTEMPTS:
            held.update(
                status=Status.UNKNOWN, send_at=outcome.until or now + RETRY, error=outcome.reason[:500]
            )
        else:
            held.update(
                status=Status.FAILED,
                send_at=None,
                error=outcome.reason[:500],
                # An earlier try may have arrived: then look first, next time too.
                n_attempts=min(message.n_attempts - 1, 1),
            )
            facts = {"why": outcome.reason}
            audit.append(messages.subject_of(message.pk), "message failed", by=None, now=now, facts=facts)
    return False
