"""What comes in on a situation: by story in the last quarters of an hour, and in all over the last hours."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from cases.models import Case, Situation

RECENT = timedelta(minutes=15)

MANY = 5
"""So many copies within a quarter of an hour, and more than in the one before: it grows."""

MOST_GROWING = 200

QUARTERS, QUARTER_S = 16, 900
"""Bars in the figure of the last four hours."""


@dataclass(slots=True)
class Growth:
    """How often each story was told in the last quarter of an hour, in the one before, and last when."""

    recent: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    last_at: dict[int, datetime] = field(default_factory=dict)

    @property
    def growing(self) -> list[int]:
        found = [pk for pk, n in self.recent.items() if n >= MANY and n > self.before.get(pk, 0)]
        return sorted(found, key=lambda pk: -self.recent[pk])[:MOST_GROWING]


def growth_of(situation: Situation, *, now: datetime) -> Growth:
    """Copies by story over the last half hour, from the index of a situation by time alone.

    Counted are entries of that index alone: for the numbers of cases SQLite would read every row.
    """
    since = now - 2 * RECENT
    copies = Case.objects.filter(situation=situation, opened_at__gt=since, lead__isnull=False)
    rows = (
        copies.order_by()
        .values_list("lead")
        .annotate(
            n=Count("*"),
            recent=Count("opened_at", filter=Q(opened_at__gt=now - RECENT)),
            last=Max("opened_at"),
        )
    )
    growth = Growth()
    for lead_id, n, recent, last_at in rows:
        growth.recent[lead_id], growth.before[lead_id] = recent, n - recent
        growth.last_at[lead_id] = last_at
    return growth


def quarters(situation: Situation, *, now: datetime) -> list[tuple[datetime, int]]:
    """Posts by quarter of an hour, the last four hours, by when we heard them.

    Grouped by the moment, which the posts of a page share: the index of a situation by time is in that order.
    """
    end_s = int(now.timestamp()) // QUARTER_S * QUARTER_S
    counted = dict.fromkeys((end_s - n * QUARTER_S for n in range(QUARTERS - 1, -1, -1)), 0)
    since, until = (now.fromtimestamp(at, tz=now.tzinfo) for at in (min(counted), end_s + QUARTER_S))
    cases = Case.objects.filter(situation=situation, opened_at__gte=since, opened_at__lt=until)
    for at, n in cases.values_list("opened_at").annotate(n=Count("*")).order_by():
        counted[int(at.timestamp()) // QUARTER_S * QUARTER_S] += n
    return [(now.fromtimestamp(start, tz=now.tzinfo), n) for start, n in counted.items()]
