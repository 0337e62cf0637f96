"""Messages to people: rows first, delivery after, the same key at every attempt."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from cases import wording
from cases.models import Escalation, Notification, User

RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Told:
    """How many messages are new, and whom they can reach beside the app."""

    n_new: int
    reached: Sequence[User]
    unreached: Sequence[User]


def can_reach(person: User, *, level: int, now: datetime) -> bool:
    """Whether an alarm of this level comes to this person also when they do not look at the app."""
    return bool(person.email)


def notify(
    escalation: Escalation, recipients: Iterable[User], channels: Sequence[str], *, step: int, now: datetime
) -> Told:
    """Write one row per person and channel, in the caller's transaction.

    An in-app message is delivered by being there. Somebody without an address is told in the
    app only. The same step never gives a person the same message twice.
    """
    people = list(recipients)
    rows = [
        _row(escalation, recipient, channel, step=step, now=now)
        for recipient in people
        for channel in channels
        if channel == Notification.Channel.IN_APP
        or (channel == Notification.Channel.EMAIL and recipient.email)
    ]
    before = Notification.objects.filter(escalation=escalation).count()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    n_new = Notification.objects.filter(escalation=escalation).count() - before
    reached = [person for person in people if can_reach(person, level=escalation.level, now=now)]
    return Told(n_new, reached, [person for person in people if person not in reached])


def tell(
    recipients: Iterable[User],
    kind: Notification.Kind,
    about: str,
    *,
    facts: Mapping[str, Any],
    now: datetime,
    occasion: str = "",
    channels: Sequence[str] = (Notification.Channel.IN_APP, Notification.Channel.EMAIL),
) -> int:
    """Tell people what is of no alarm, in the app and by e-mail; returns how many messages are new.

    `about` is a subject of the trail ("query:3"). A person hears of one `occasion` once, however
    often this is called; the sentence is made from `facts` when it is read (`wording.notice`).
    """
    rows = [
        Notification(kind=kind, about=about, facts=dict(facts), **_to(recipient, channel, name=name, now=now))
        for recipient in recipients
        for channel in channels
        if channel == Notification.Channel.IN_APP or recipient.email
        for name in [f"{kind}/{about}/{occasion}/{recipient.pk}/{channel}"]
    ]
    keys = [row.key for row in rows]
    known = set(Notification.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [row for row in rows if row.key not in known]
    Notification.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def due_notifications(*, now: datetime) -> list[int]:
    due = Notification.objects.filter(delivered_at=None, due_at__lte=now)
    return list(due.order_by("due_at").values_list("pk", flat=True)[:200])


def deliver(notification_id: int, *, now: datetime) -> bool:
    """Deliver one due message; False when another worker has it or there is nothing to tell any more.

    A message is sent at least once: a crash after sending repeats it under the same key, which
    a mail reader recognises. Nobody is disturbed for an alarm that somebody has taken.
    """
    retry_at = now + min(RETRY, LONGEST_RETRY)
    due = Notification.objects.filter(pk=notification_id, delivered_at=None, due_at__lte=now)
    if not due.update(due_at=retry_at, n_attempts=F("n_attempts") + 1):
        return False
    message = Notification.objects.select_related("escalation__case__post", "recipient").get(
        pk=notification_id
    )
    if message.escalation and message.escalation.status != Escalation.Status.RUNNING:
        _settle(message, due_at=None, error="taken by somebody before it was sent")
        return False
    try:
        _email(message).send()
    except OSError as error:
        wait = min(RETRY * 2 ** min(message.n_attempts, 10), LONGEST_RETRY)
        _settle(message, due_at=now + wait, error=f"{type(error).__name__}: the mail server did not take it")
        return False
    _settle(message, due_at=None, delivered_at=now, error="")
    return True


def mark_read(notification: Notification, *, now: datetime) -> None:
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=now)


def _row(escalation: Escalation, recipient: User, channel: str, *, step: int, now: datetime) -> Notification:
    name = f"{escalation.pk}/{escalation.round}/{step}/{recipient.pk}/{channel}"
    return Notification(
        escalation=escalation,
        round=escalation.round,
        step=step,
        **_to(recipient, channel, name=name, now=now),
    )


def _to(recipient: User, channel: str, *, name: str, now: datetime) -> dict[str, Any]:
    """The half of a message that is the same for every kind. A message in the app is there at once."""
    in_app = channel == Notification.Channel.IN_APP
    return {
        "recipient": recipient,
        "channel": channel,
        "key": hashlib.sha256(name.encode()).hexdigest(),
        "created_at": now,
        "due_at": None if in_app else now,
        "delivered_at": now if in_app else None,
    }


def _email(message: Notification) -> EmailMessage:
    with translation.override(message.recipient.language):
        told = wording.notice(message)
        subject = _("Weerwoord: %(title)s") % {"title": told.title}
        link = {"link": settings.SITE_URL + told.path}
        asked = _("Take it, or see what is going on: %(link)s") if message.escalation else _("See: %(link)s")
        body = "\n\n".join([told.sentence, asked % link])
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    # Short enough for one line: not every mail server reads a Message-ID that was folded.
    headers = {"Message-ID": f"<{message.key[:32]}@{domain}>" if domain else make_msgid()}
    # A name that somebody gave may hold a line end, which no header may.
    return EmailMessage(
        " ".join(subject.split()),
        body,
        settings.DEFAULT_FROM_EMAIL,
        [message.recipient.email],
        headers=headers,
    )


def _settle(message: Notification, **changes: object) -> None:
    Notification.objects.filter(pk=message.pk).update(**changes)
