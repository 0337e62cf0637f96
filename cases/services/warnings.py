"""Warnings that are of no alarm: a query that ends, a source that stands still. Each is given once."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from cases.models import AuditEvent, Notification, User
from cases.rules.permissions import Role
from cases.services import notifications, promises
from monitoring.models import Credential, Query, Source

DAYS_AHEAD = 14
FORGOTTEN = timedelta(days=7)
"""A query that ended longer ago, while nothing ran here, is no news."""

FAILURES = 5
"""A source that failed so often in a row seldom mends by itself in the next minutes."""

MENDED = "source switched on"
STOPPED = Notification.Kind.SOURCE_STOPPED


def warn(*, now: datetime) -> int:
    """Tell everybody what they must know by now; returns how many messages are new."""
    n_new = _warn_of_ends(now=now) + _warn_of_sources(now=now) + _warn_of_credentials(now=now)
    return n_new + promises.warn(now=now)


def _warn_of_ends(*, now: datetime) -> int:
    """Tell owners that a query ends within two weeks, and that it has ended.

    `warned_at` before the end: its owner knows that it will; at or after it: that it has. Days are
    those of the calendar here, whatever the clocks did in between.
    """
    last_day = timezone.localdate(now) + timedelta(days=DAYS_AHEAD + 1)
    horizon = datetime.combine(last_day, time.min, tzinfo=timezone.get_current_timezone())
    soon = Q(warned_at=None, ends_at__gt=now, ends_at__lt=horizon)
    unknown = Q(warned_at=None) | Q(warned_at__lt=F("ends_at"))
    over = unknown & Q(ends_at__lte=now, ends_at__gt=now - FORGOTTEN)
    n_new = 0
    with transaction.atomic():
        found = Query.objects.select_for_update(of=("self",)).select_related("owner")
        for query in found.filter(soon | over).order_by("pk"):
            n_new += _tell_owner(query, now=now)
            Query.objects.filter(pk=query.pk).update(warned_at=now)
    return n_new


def _tell_owner(query: Query, *, now: datetime) -> int:
    is_over, ends_at = query.ends_at <= now, query.ends_at.isoformat()
    return notifications.tell(
        [query.owner],
        Notification.Kind.QUERY_ENDING,
        f"query:{query.pk}",
        facts={"name": query.name, "ends_at": ends_at, "is_over": is_over},
        now=now,
        occasion=f"{ends_at} {'over' if is_over else 'soon'}",
    )


def _warn_of_sources(*, now: datetime) -> int:
    """Tell of sources that stand still: once until they work again, or somebody starts them anew."""
    health = Source.Health
    stopped = Q(health=health.FAILING, n_failures__gte=FAILURES) | Q(health=health.REFUSED)
    # Keys that are refused are told of once, not for each of their sources.
    found = Source.objects.filter(Q(is_enabled=True) & stopped | Q(health=health.ENDED)).exclude(
        Q(credential__refused_at__isnull=False) | Q(connector="import")
    )
    subjects = {f"source:{source.pk}": source for source in found.order_by("pk")}
    mended = AuditEvent.objects.filter(subject__in=subjects, action=MENDED)
    n_mended = dict(mended.values_list("subject").annotate(n=Count("pk")))
    return sum(
        notifications.tell(
            _menders(),
            STOPPED,
            subject,
            facts={"name": source.name, "health": source.health, "n_failures": source.n_failures},
            now=now,
            occasion=f"{source.last_success_at} {n_mended.get(subject, 0)}",
        )
        for subject, source in subjects.items()
    )


def _warn_of_credentials(*, now: datetime) -> int:
    return sum(
        notifications.tell(
            _menders(),
            STOPPED,
            f"credential:{credential.pk}",
            facts={"name": credential.name, "health": "credential"},
            now=now,
            occasion=str(credential.refused_at),
        )
        for credential in Credential.objects.exclude(refused_at=None).order_by("pk")
    )


def _menders() -> list[User]:
    """Who keeps the sources running, and who must know what is not seen."""
    return list(User.objects.filter(is_active=True, role__in=(Role.ADMINISTRATOR, Role.LEAD)).order_by("pk"))
