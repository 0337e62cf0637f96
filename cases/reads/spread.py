"""How a claim spread over time: posts that make it in each hour, copies counted, and what we did about it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDay, TruncHour

from cases import carried
from cases.models import Case, Claim
from cases.reads.claims import first_answer
from cases.rules.workflow import State

IN_HOURS, MOST_DAYS = timedelta(hours=72), 60
"""A claim that goes round longer than this is counted by day, and as far back as so many of them."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Posts per hour or day, oldest first, none left out; when three things happened, None = not yet."""

    step: timedelta
    counts: list[tuple[datetime, int]]
    first_at: datetime | None
    decided_at: datetime | None
    answered_at: datetime | None

    @property
    def n_posts(self) -> int:
        return sum(n for _at, n in self.counts)

    @property
    def busiest(self) -> tuple[datetime, int] | None:
        return max(self.counts, key=lambda each: each[1], default=None)


def spread(claim: Claim, *, now: datetime) -> Spread:
    """The posts that carry a claim over time, up to `now`."""
    leads = carried.carriers(claim.pk)
    copies = Case.objects.filter(lead__in=leads.values("pk"), state=State.MERGED)
    first = leads.order_by("posted_at").values_list("posted_at", flat=True).first()
    if first is None:
        return Spread(timedelta(hours=1), [], None, claim.decided_at, None)
    is_long = now - first > IN_HOURS
    step, cut = (timedelta(days=1), TruncDay) if is_long else (timedelta(hours=1), TruncHour)
    since = max(first, now - timedelta(days=MOST_DAYS))
    counts: Counter[datetime] = Counter()
    for cases in (leads, copies):
        told = cases.filter(posted_at__gte=since, posted_at__lte=now).order_by()
        for at, n in told.annotate(at=cut("posted_at")).values_list("at").annotate(n=Count("pk")):
            counts[at] += n
    return Spread(step, _without_gaps(counts, step), first, claim.decided_at, first_answer(claim))


def _without_gaps(counts: Counter[datetime], step: timedelta) -> list[tuple[datetime, int]]:
    """Every hour or day between the first and the last, also those in which nothing was posted."""
    if not counts:
        return []
    at, last = min(counts), max(counts)
    filled: list[tuple[datetime, int]] = []
    while at <= last and len(filled) < IN_HOURS // timedelta(hours=1) + MOST_DAYS:
        filled.append((at, counts.get(at, 0)))
        at += step
    return filled
