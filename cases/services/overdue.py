"""Cases that became overdue: the duty leads hear of each once, in one message an hour at most."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from cases import duty, targets
from cases.models import Case, Notification
from cases.services import notifications

EVERY = timedelta(hours=1)
MOST = 2000
"""Cases of one message. Those beyond are told of in the next: nothing is skipped."""

ABOUT = "cases:overdue"


def tell_leads(*, now: datetime) -> int:
    """Tell of the cases that became overdue since the last message; returns how many those are.

    A case whose clock starts again, or that gets more time and passes that too, is told of again.
    Without a duty lead the officers are told; without anybody it waits for somebody to tell.
    """
    told = duty.leads_or_officers()
    if not told or _is_too_soon(now=now):
        return 0
    with transaction.atomic():
        # Held in the order of their numbers, as everywhere: two sweeps never tell of the same case.
        untold = overdue(now=now).filter(Q(overdue_told_at=None) | Q(overdue_told_at__lt=F("due_at")))
        ids = list(untold.select_for_update().order_by("pk").values_list("pk", flat=True)[:MOST])
        if not ids:
            return 0
        Case.objects.filter(pk__in=ids).update(overdue_told_at=now)
        oldest = overdue(now=now).order_by("due_at", "pk").values("pk", "due_at")[0]
        facts = {
            "n": overdue(now=now).count(),
            "n_new": len(ids),
            "oldest": oldest["pk"],
            "due_at": oldest["due_at"].isoformat(),
        }
        hour = f"{now:%Y-%m-%dT%H}"
        notifications.tell(told, Notification.Kind.OVERDUE, ABOUT, facts=facts, now=now, occasion=hour)
    return len(ids)


def overdue(*, now: datetime) -> QuerySet[Case]:
    """Cases that still wait for an answer after it was due; putting one aside stops no clock."""
    return Case.objects.filter(due_at__lte=now, state__in=targets.UNANSWERED, responded_at=None)


def _is_too_soon(*, now: datetime) -> bool:
    recent = Notification.objects.filter(kind=Notification.Kind.OVERDUE, about=ABOUT)
    return recent.filter(created_at__gt=now - EVERY).exists()
