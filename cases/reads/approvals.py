"""Replies that wait for approval, and those that somebody alone let go, for a colleague to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import Response, User
from cases.rules.workflow import State

MOST = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that was handed in. `is_asked`: of this person; `is_own`: they wrote some of it."""

    response: Response
    is_asked: bool
    is_own: bool
    is_late: bool


def waiting(viewer: User, *, now: datetime) -> list[Waiting]:
    """What waits for approval: first what this person was asked, then the soonest due."""
    found = Response.objects.filter(status=Response.Status.SUBMITTED, case__state=State.APPROVAL)
    related = found.select_related("case__post__author", "submitted_by", "author", "approver")
    lines = [
        Waiting(
            response=response,
            is_asked=response.approver_id == viewer.pk,
            is_own=viewer.pk in response.writers,
            is_late=response.approval_due_at is not None and response.approval_due_at <= now,
        )
        for response in related.order_by("approval_due_at", "pk")[:MOST]
    ]
    return sorted(lines, key=lambda line: not line.is_asked)


def to_review() -> Sequence[Response]:
    """What somebody alone on duty let go and nobody has looked at yet, the soonest due first."""
    found = Response.objects.filter(
        review_due_at__isnull=False, reviewed_at__isnull=True, sent_at__isnull=False
    )
    related = found.select_related("case__post__author", "approved_by", "author")
    return list(related.order_by("review_due_at", "pk")[:MOST])
