"""How people are reached, and what became of every message that left the app."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.conf import settings
from django.db.models import Q, QuerySet

from cases.models import Contact, DutyPost, Notification, User
from cases.rules.permissions import Need, may

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Reaching:
    """What the page of preferences shows about being reached; of an address only its name."""

    contacts: Sequence[Contact]
    team: Sequence[Contact]
    posts: Sequence[DutyPost]
    zones: Sequence[str]
    zone: str


def reaching(user: User) -> Reaching:
    runs_team = may(user.role, Need.RUN_TEAM)
    team = Contact.objects.filter(post__isnull=False).select_related("post").defer("address")
    return Reaching(
        contacts=list(Contact.objects.filter(person=user).defer("address").order_by("pk")),
        team=list(team.order_by("post__name", "pk")) if runs_team else [],
        posts=list(DutyPost.objects.filter(is_active=True).order_by("name")) if runs_team else [],
        zones=sorted(name for name in available_timezones() if "/" in name or name == "UTC"),
        zone=user.zone or settings.TIME_ZONE,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of the log are asked for."""

    failing: bool = False
    channel: str = ""
    person: int | None = None
    escalation: int | None = None


def deliveries(wanted: Wanted) -> list[Notification]:
    """The newest messages that leave the app, each with its attempts, newest first."""
    found: QuerySet[Notification] = Notification.objects.filter(~Q(channel=Notification.Channel.IN_APP))
    if wanted.failing:
        found = found.filter(delivered_at=None).filter(~Q(error=""))
    if wanted.channel:
        found = found.filter(channel=wanted.channel)
    if wanted.person:
        found = found.filter(recipient=wanted.person)
    if wanted.escalation:
        found = found.filter(escalation=wanted.escalation)
    found = found.select_related("recipient", "escalation", "contact").prefetch_related("attempts")
    return list(found.order_by("-pk")[:SHOWN])
