"""Messages to people: rows first, delivery after, the same key at every attempt."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from cases import duty
from cases.models import Attempt, Contact, Escalation, Notification, User
from cases.outcomes import Outcome
from cases.services import giving_up, letters
from cases.services.channels import Kept, NotSent, chat, mail, push
from cases.services.ways import FAILING, Ways, team_ways, ways_to
from monitoring import fetch
from monitoring.sealing import CannotOpen, unseal

RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=15)
OUTSIDE = (Notification.Channel.PUSH, Notification.Channel.CHAT, Notification.Channel.EMAIL)
"""The ways out, each delivered by itself: one that is slow holds up no other."""


@dataclass(frozen=True, slots=True)
class Told:
    """How many messages are new, and whom they can reach beside the app: now, when they wake, or not."""

    n_new: int
    reached: Sequence[User]
    unreached: Sequence[User]
    asleep: Sequence[User] = ()


def can_reach(person: User, *, level: int, now: datetime) -> bool:
    """Whether an alarm of this level comes to this person now, also when they do not look at the app."""
    ways = ways_to([person], now=now)
    is_awake = ways.due_at(person, level=level, now=now) <= now
    return is_awake and _has_way(ways, person, OUTSIDE, level=level)


def notify(
    escalation: Escalation, recipients: Iterable[User], channels: Sequence[str], *, step: int, now: datetime
) -> Told:
    """Write one row per person and way, in the caller's transaction.

    An in-app message is delivered by being there. Who has no other way, or none that works, is not
    reached. The same step never gives a person the same message twice.
    """
    people, level = list(recipients), escalation.level
    ways = ways_to(people, now=now)
    rows = [
        _row(escalation, person, channel, contact, step=step, due_at=due_at, now=now)
        for person in people
        for due_at in [ways.due_at(person, level=level, now=now)]
        for channel, contact in _chosen(ways, person, channels, level=level)
    ]
    rows += [
        _row(escalation, person, contact.kind, contact, step=step, due_at=now, now=now)
        for person, contact in team_ways(people, level=level, now=now)
        if contact.kind in channels
    ]
    before = Notification.objects.filter(escalation=escalation).count()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    n_new = Notification.objects.filter(escalation=escalation).count() - before
    reachable = [person for person in people if _has_way(ways, person, channels, level=level)]
    reached = [person for person in reachable if ways.due_at(person, level=level, now=now) <= now]
    unreached = [person for person in people if person not in reachable]
    return Told(n_new, reached, unreached, [person for person in reachable if person not in reached])


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
    people = list(recipients)
    ways = ways_to(people, now=now)
    rows = [
        Notification(
            kind=kind,
            about=about,
            facts=dict(facts),
            **_to(person, channel, contact, name=name, due_at=ways.due_at(person, level=0, now=now), now=now),
        )
        for person in people
        for channel, contact in _chosen(ways, person, channels, level=0)
        for name in [f"{kind}/{about}/{occasion}/{person.pk}/{channel}"]
    ]
    keys = [row.key for row in rows]
    known = set(Notification.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [row for row in rows if row.key not in known]
    Notification.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def due_notifications(*, now: datetime, channel: str = "") -> list[int]:
    """Messages that are due, oldest first: of one way out, or of all."""
    due = Notification.objects.filter(delivered_at=None, due_at__lte=now)
    if channel:
        due = due.filter(channel=channel)
    return list(due.order_by("due_at").values_list("pk", flat=True)[:200])


def deliver(notification_id: int, *, now: datetime, network: fetch.Network = fetch.INTERNET) -> bool:
    """Deliver one due message; False when another worker has it or there is nothing to tell any more.

    A message is sent at least once: a crash after sending repeats it under the same key, which
    a mail reader recognises. Nobody is disturbed for an alarm that somebody has taken; what waited for
    the end of quiet hours comes as one, with what is over meanwhile.
    """
    due = Notification.objects.filter(pk=notification_id, delivered_at=None, due_at__lte=now)
    if not due.update(due_at=now + min(RETRY, LONGEST_RETRY), n_attempts=F("n_attempts") + 1):
        return False
    message = _whole().get(pk=notification_id)
    if not message.digest and letters.is_over(message):
        _settle([message], due_at=None, error=Outcome.TAKEN)
        return False
    waiting = [message, *_waiting_with(message, now=now)]
    outcome = Outcome.DELIVERED
    try:
        _send(message, waiting, now=now, network=network)
    except NotSent as trouble:
        _note_trouble(message, waiting, trouble, now=now)
        return False
    except Kept:
        outcome = Outcome.KEPT
    _note_delivered(message, waiting, outcome, now=now)
    return True


def mark_read(notification: Notification, *, now: datetime) -> None:
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=now)


def _chosen(
    ways: Ways, person: User, channels: Sequence[str], *, level: int
) -> list[tuple[str, Contact | None]]:
    """The ways that a message of this level takes to somebody, of those that are asked for."""
    in_app: list[tuple[str, Contact | None]] = [(Notification.Channel.IN_APP, None)]
    wanted = [(way.channel, way.contact) for way in ways.of(person, level=level) if way.channel in channels]
    return (in_app if Notification.Channel.IN_APP in channels else []) + wanted


def _has_way(ways: Ways, person: User, channels: Sequence[str], *, level: int) -> bool:
    """Whether one of these ways works for somebody."""
    return any(way.channel in channels and not way.is_failing for way in ways.of(person, level=level))


def _row(
    escalation: Escalation,
    recipient: User,
    channel: str,
    contact: Contact | None,
    *,
    step: int,
    due_at: datetime,
    now: datetime,
) -> Notification:
    name = f"{escalation.pk}/{escalation.round}/{step}/{recipient.pk}/{channel}"
    return Notification(
        escalation=escalation,
        round=escalation.round,
        step=step,
        **_to(recipient, channel, contact, name=name, due_at=due_at, now=now),
    )


def _to(
    recipient: User, channel: str, contact: Contact | None, *, name: str, due_at: datetime, now: datetime
) -> dict[str, Any]:
    """The half of a message that is the same for every kind. A message in the app is there at once."""
    in_app = channel == Notification.Channel.IN_APP
    name += f"/{contact.pk}" if contact else ""
    return {
        "recipient": recipient,
        "channel": channel,
        "contact": contact,
        "key": hashlib.sha256(name.encode()).hexdigest(),
        "created_at": now,
        "due_at": None if in_app else due_at,
        "digest": not in_app and due_at > now,
        "delivered_at": now if in_app else None,
    }


def _whole() -> Any:
    return Notification.objects.select_related(
        "escalation__case__post", "escalation__acknowledged_by", "recipient", "contact"
    )


def _waiting_with(message: Notification, *, now: datetime) -> list[Notification]:
    """The rest of a digest, claimed with it: what waited for the same person and way."""
    if not message.digest:
        return []
    rest = Notification.objects.filter(
        recipient=message.recipient_id,
        channel=message.channel,
        contact=message.contact_id,
        digest=True,
        delivered_at=None,
        due_at__lte=now,
    )
    found = list(_whole().filter(pk__in=rest.values_list("pk", flat=True)).order_by("pk"))
    claim = {"due_at": now + RETRY, "n_attempts": F("n_attempts") + 1}
    return [each for each in found if rest.filter(pk=each.pk).update(**claim)]


def _send(
    message: Notification, waiting: list[Notification], *, now: datetime, network: fetch.Network
) -> None:
    """By the way the message goes. Raises NotSent."""
    letter = letters.letter_of(message, waiting)
    if message.channel == Notification.Channel.EMAIL:
        mail.send(letter, message.recipient.email)
        return
    contact = message.contact
    if contact is None or not contact.is_active:
        raise NotSent(Outcome.NOT_IN_USE, is_gone=True)
    try:
        address = unseal(contact.address, whose=f"contact:{contact.fingerprint}")
    except CannotOpen:
        raise NotSent(Outcome.SEALED) from None
    if message.channel == Notification.Channel.PUSH:
        push.send(letter, address, now=now, network=network)
    else:
        chat.send(letter, address)


def _note_delivered(
    message: Notification, waiting: list[Notification], outcome: str, *, now: datetime
) -> None:
    with transaction.atomic():
        _settle(waiting, due_at=None, delivered_at=now, error="")
        _log(waiting, outcome, is_delivered=True, now=now)
        Contact.objects.filter(notifications=message.pk).update(last_ok_at=now, failing_since=None, error="")


def _note_trouble(
    message: Notification, waiting: list[Notification], trouble: NotSent, *, now: datetime
) -> None:
    """Try again later, ever less often; who answers for the duty hears of what keeps failing."""
    wait = min(RETRY * 2 ** min(message.n_attempts, 10), LONGEST_RETRY)
    with transaction.atomic():
        _settle(waiting, due_at=None if trouble.is_gone else now + wait, error=str(trouble)[:500])
        _log(waiting, str(trouble)[:500], is_delivered=False, now=now)
        failing = {"failing_since": Coalesce("failing_since", now), "error": str(trouble)[:500]}
        contact = Contact.objects.filter(notifications=message.pk)
        contact.update(**failing, **({"is_active": False} if trouble.is_gone else {}))
        if trouble.is_gone or (message.n_attempts == FAILING and message.escalation is not None):
            _tell_of_trouble(message, trouble, now=now)
    if trouble.is_gone or message.n_attempts >= FAILING:
        giving_up.hurry(message, now=now)


def _tell_of_trouble(message: Notification, trouble: NotSent, *, now: datetime) -> None:
    facts = {
        "who": str(message.recipient),
        "channel": message.contact.name if message.contact else message.channel,
        "why": str(trouble),
        "is_gone": trouble.is_gone,
    }
    own = [message.recipient] if trouble.is_gone else []
    told = list({person.pk: person for person in [*own, *duty.leads_or_officers()]}.values())
    about = f"case:{message.escalation.case_id}" if message.escalation else f"user:{message.recipient_id}"
    in_app = [Notification.Channel.IN_APP]
    tell(
        told,
        Notification.Kind.NOT_DELIVERED,
        about,
        facts=facts,
        now=now,
        occasion=str(message.pk),
        channels=in_app,
    )


def _log(waiting: list[Notification], outcome: str, *, is_delivered: bool, now: datetime) -> None:
    Attempt.objects.bulk_create(
        Attempt(notification=each, at=now, is_delivered=is_delivered, outcome=outcome) for each in waiting
    )


def _settle(waiting: list[Notification], **changes: object) -> None:
    Notification.objects.filter(pk__in=[each.pk for each in waiting]).update(**changes)
