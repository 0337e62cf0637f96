"""Whether alarms reach people: what the newest test alarms say of the chain, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import ChainBeat

LATE = timedelta(minutes=3)
"""Test alarms start every minute; one that is not delivered after this long shows a broken chain."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """`is_well`: alarms are delivered. `since`: the last proof, or the first test alarm that waits.

    `age_s`: how long ago a test alarm was delivered; None before the first.
    """

    is_well: bool
    since: datetime | None
    age_s: float | None


def pulse(*, now: datetime) -> Pulse:
    """How the chain is, in two queries. Before the first test alarm nothing is said against it."""
    beats = ChainBeat.objects.filter(due_at__lte=now)
    last = beats.filter(delivered_at__isnull=False).order_by("-due_at").first()
    waiting = beats.filter(delivered_at=None).order_by("due_at")
    if last is None:
        first = waiting.first()
        is_well = first is None or now - first.due_at < LATE
        return Pulse(is_well, first.due_at if first else None, None)
    age = now - last.due_at
    return Pulse(age < LATE, last.delivered_at, round(age.total_seconds(), 1))
