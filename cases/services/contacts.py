"""How people are reached: quiet hours, from which level by mail, and their phones and chats.

An address is sealed as it comes in and never shown again: who has it can send in our name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from cases.models import Contact, DutyPost, Notification, User
from cases.outcomes import Outcome, said
from cases.rules.permissions import Need, may
from cases.services import audit, notifications
from cases.services.channels import chat, push
from monitoring import fetch
from monitoring.sealing import seal

MOST = 10
"""Contacts of one person or post: more are forgotten by whoever made them."""
HIGHEST = 4
LONGEST = 2000
"""Of an address."""


class ContactRefused(Exception):
    """A way of reaching somebody that cannot be, in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Reach:
    """When somebody may be disturbed. `email_from` 0: all mail; else alarms of that level and higher."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    zone: str = ""
    email_from: int = 0


@dataclass(frozen=True, slots=True)
class NewContact:
    """An address as it was typed or as a browser gave it; `post`: of a duty post and not of a person."""

    kind: str
    name: str
    address: str
    from_level: int = 2
    post: DutyPost | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test message went, in plain words."""

    is_delivered: bool
    sentence: str


def set_reach(user: User, wanted: Reach, *, now: datetime) -> None:
    """Keep when and how somebody wants to be disturbed. Raises ContactRefused."""
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        raise ContactRefused(_("Quiet hours need a beginning and an end; leave both empty for none."))
    if wanted.zone and wanted.zone not in available_timezones():
        raise ContactRefused(_("This time zone is not known."))
    if not 0 <= wanted.email_from <= HIGHEST:
        raise ContactRefused(_("Choose one of the levels that are offered."))
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        held.quiet_from, held.quiet_until = wanted.quiet_from, wanted.quiet_until
        held.zone, held.email_from = wanted.zone, wanted.email_from
        held.save(update_fields=["quiet_from", "quiet_until", "zone", "email_from"])
        facts = {
            "quiet from": str(wanted.quiet_from or ""),
            "quiet until": str(wanted.quiet_until or ""),
            "zone": wanted.zone,
            "mail from level": wanted.email_from,
        }
        audit.append(f"user:{user.pk}", "way of being reached changed", by=user, now=now, facts=facts)
    user.quiet_from, user.quiet_until = wanted.quiet_from, wanted.quiet_until
    user.zone, user.email_from = wanted.zone, wanted.email_from


def add(wanted: NewContact, *, by: User, now: datetime) -> Contact:
    """Keep a phone, browser, chat or number. The same address replaces itself. Raises ContactRefused."""
    address, name = _checked(wanted)
    with _held(wanted.post, by) as subject:
        owner = {"post": wanted.post} if wanted.post else {"person": by}
        fingerprint = salted_hmac("contact", address, algorithm="sha256").hexdigest()
        others = Contact.objects.filter(**owner)
        if not others.filter(fingerprint=fingerprint).exists() and others.count() >= MOST:
            raise ContactRefused(_("There are %(n)d already; remove one first.") % {"n": MOST})
        values = {
            "kind": wanted.kind,
            "name": name,
            "address": seal(address, whose=f"contact:{fingerprint}"),
            "from_level": wanted.from_level,
            "is_active": True,
            "created_at": now,
            "failing_since": None,
            "error": "",
        }
        contact, _new = Contact.objects.update_or_create(**owner, fingerprint=fingerprint, defaults=values)
        facts = {"kind": wanted.kind, "name": name, "from level": wanted.from_level}
        audit.append(subject, "contact added", by=by, now=now, facts=facts)
    return contact


def change(contact: Contact, *, name: str, from_level: int, by: User, now: datetime) -> None:
    """Give a contact another name or level; an empty name stays as it is. Raises ContactRefused."""
    if not 1 <= from_level <= HIGHEST:
        raise ContactRefused(_("Choose one of the levels that are offered."))
    with _held(contact.post, by) as subject:
        contact.name, contact.from_level = name.strip()[:100] or contact.name, from_level
        contact.save(update_fields=["name", "from_level"])
        facts = {"name": contact.name, "from level": from_level}
        audit.append(subject, "contact changed", by=by, now=now, facts=facts)


def remove(contact: Contact, *, by: User, now: datetime) -> None:
    """Take a contact away with its address; what was sent there stays in the log."""
    with _held(contact.post, by) as subject:
        audit.append(subject, "contact removed", by=by, now=now, facts={"name": contact.name})
        waiting = Notification.objects.filter(contact=contact, delivered_at=None, due_at__isnull=False)
        waiting.update(due_at=None, error=Outcome.REMOVED)
        contact.delete()


def try_out(
    contact: Contact | None, *, by: User, now: datetime, network: fetch.Network = fetch.INTERNET
) -> Tried:
    """Send a real test message now, by mail or to a contact, and say how it went."""
    if contact is None and not by.email:
        raise ContactRefused(_("You have no e-mail address here; ask an administrator to add it."))
    name = salted_hmac("test", f"{by.pk}/{contact.pk if contact else ''}/{now.isoformat()}").hexdigest()
    message = Notification.objects.create(
        kind=Notification.Kind.TEST,
        about=f"user:{by.pk}",
        recipient=by,
        channel=contact.kind if contact else Notification.Channel.EMAIL,
        contact=contact,
        key=name,
        created_at=now,
        due_at=now,
    )
    is_delivered = notifications.deliver(message.pk, now=now, network=network)
    message.refresh_from_db()
    # A test that failed is not sent hours later: who pressed the button is gone by then.
    Notification.objects.filter(pk=message.pk).update(due_at=None)
    if is_delivered:
        return Tried(True, _("The test message was handed over. Look whether it arrived."))
    return Tried(False, _("The test message did not go out: %(why)s") % {"why": said(message.error)})


def _checked(wanted: NewContact) -> tuple[str, str]:
    """The address and the name, when they can be used. What is refused is not repeated."""
    if not 1 <= wanted.from_level <= HIGHEST:
        raise ContactRefused(_("Choose one of the levels that are offered."))
    if wanted.kind == Contact.Kind.PUSH:
        return _subscription(wanted), wanted.name.strip()[:100] or _("This browser")
    if wanted.kind != Contact.Kind.CHAT:
        raise ContactRefused(_("This service is not one of those that can be used."))
    try:
        service = chat.service_of(wanted.address)
    except ValueError as refusal:
        raise ContactRefused(str(refusal)) from None
    return wanted.address.strip(), wanted.name.strip()[:100] or service


def _subscription(wanted: NewContact) -> str:
    if not push.is_ready() or wanted.post is not None:
        raise ContactRefused(_("Push messages cannot be used here."))
    try:
        return push.read_subscription(wanted.address)
    except ValueError:
        raise ContactRefused(
            _("The browser gave no address for push messages. Try again on this device.")
        ) from None


@contextmanager
def _held(post: DutyPost | None, by: User) -> Iterator[str]:
    """One at a time for one owner, in a transaction: the subject of the trail. Leads keep those of posts."""
    if post is not None and not may(by.role, Need.RUN_TEAM):
        raise ContactRefused(_("Only a lead keeps the channels of a post."))
    try:
        with transaction.atomic():
            owner = DutyPost if post else User
            list(owner.objects.select_for_update().filter(pk=post.pk if post else by.pk))
            yield f"duty-post:{post.pk}" if post else f"user:{by.pk}"
    except IntegrityError:
        raise ContactRefused(_("This address is here already.")) from None


def push_key() -> str:
    """What a browser needs to subscribe; "" where push messages cannot be used."""
    return push.public_key() if push.is_ready() else ""


def services() -> list[str]:
    """The chat and SMS services that can be used here, by name."""
    return chat.names()
