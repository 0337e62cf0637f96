"""The audit trail as a list: newest first, filtered, page by page behind a number."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cases.access import LARGEST_ID
from cases.models import AuditEvent, case_subject
from cases.reads.pages import Paged, Span

OF_CASES = ("case:",)


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """Which events: of a subject ("case:7", or "7" for short), by a person's name, of a kind, in a period."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def events_page(wanted: EventsWanted, span: Span) -> Paged[AuditEvent]:
    """One page, newest number first: what comes in meanwhile shifts nothing."""
    found = _filtered(wanted)
    if span.before is not None:
        found = found.filter(pk__lt=min(span.before, LARGEST_ID))
    rows = list(found.order_by("-pk")[: span.limit + 1])
    more = len(rows) > span.limit
    rows = rows[: span.limit]
    return Paged(rows, rows[-1].pk if more else None)


def _filtered(wanted: EventsWanted) -> QuerySet[AuditEvent]:
    subject = case_subject(int(wanted.subject)) if wanted.subject.isdecimal() else wanted.subject
    asked = {"subject": subject, "action": wanted.action}
    also = {"at__gte": wanted.since, "at__lt": wanted.until}
    found = AuditEvent.objects.filter(**{name: value for name, value in asked.items() if value})
    found = found.filter(**{name: value for name, value in also.items() if value})
    if wanted.actor:
        found = found.filter(Q(actor_name__icontains=wanted.actor))
    return found
