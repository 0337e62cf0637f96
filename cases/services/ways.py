"""The ways a message can go to people now: their addresses, what fails, who sleeps and who works."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from cases import duty
from cases.models import Contact, Notification, User
from cases.rules import quiet
from cases.rules.quiet import QuietHours

FAILING = 3
"""After so many attempts in vain, who a message is for counts as not reached by it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to one person: by e-mail, or to a contact. `is_failing`: it does not arrive now."""

    channel: str
    contact: Contact | None = None
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """How to reach some people now; two queries, and one more for who has quiet hours."""

    mail_fails: Collection[int]
    contacts: Mapping[int, Sequence[Contact]]
    working: Collection[int]

    def of(self, person: User, *, level: int) -> list[Way]:
        """Every way that this person wants a message of this level to come; level 0 is no alarm."""
        found = []
        if person.email and (person.email_from <= level if person.email_from else True):
            found.append(Way(Notification.Channel.EMAIL, is_failing=person.pk in self.mail_fails))
        for contact in self.contacts.get(person.pk, ()):
            if contact.from_level <= level:
                found.append(Way(contact.kind, contact, contact.failing_since is not None))
        return found

    def due_at(self, person: User, *, level: int, now: datetime) -> datetime:
        """When a message may disturb this person: now, or when their quiet hours end."""
        is_working = person.pk in self.working
        return quiet.due_at(hours_of(person), level=level, is_working=is_working, now=now)


def ways_to(people: Iterable[User], *, now: datetime) -> Ways:
    by_id = {person.pk: person for person in people}
    failing = Notification.objects.filter(
        recipient__in=by_id,
        channel=Notification.Channel.EMAIL,
        delivered_at=None,
        due_at__isnull=False,
        n_attempts__gte=FAILING,
    )
    contacts: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(person__in=by_id, is_active=True).order_by("pk"):
        contacts.setdefault(contact.person_id or 0, []).append(contact)
    sleepers = [pk for pk, person in by_id.items() if person.quiet_from is not None]
    at_work = duty.shifts_now(now=now).filter(person__in=sleepers, is_on_call=False)
    working = set(at_work.values_list("person", flat=True)) if sleepers else set()
    return Ways(set(failing.values_list("recipient", flat=True)), contacts, working)


def team_ways(people: Iterable[User], *, level: int, now: datetime) -> list[tuple[User, Contact]]:
    """The channels of the posts that these people are at now, each once, with whom it is for."""
    contacts: dict[int, list[Contact]] = {}
    found = Contact.objects.filter(post__isnull=False, is_active=True, from_level__lte=level)
    for contact in found.order_by("pk"):
        contacts.setdefault(contact.post_id or 0, []).append(contact)
    if not contacts:
        return []
    by_id = {person.pk: person for person in people}
    turns = duty.shifts_now(now=now).filter(person__in=by_id, post__in=contacts).order_by("pk")
    first: dict[int, User] = {}
    for post, person in turns.values_list("post", "person"):
        first.setdefault(post, by_id[person])
    return [(person, contact) for post, person in first.items() for contact in contacts[post]]


def hours_of(person: User) -> QuietHours | None:
    if person.quiet_from is None or person.quiet_until is None:
        return None
    return QuietHours(person.quiet_from, person.quiet_until, person.zone or settings.TIME_ZONE)
