"""How much time is left to respond."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_TARGET = timedelta(hours=24)

SOON_AT_MOST = timedelta(hours=2)

SOON_SHARE = 3  # the last third of a short target is "soon": 20 minutes of an hour


class Pace(StrEnum):
    OK = "ok"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """`minutes` is never negative: whole minutes left, or whole minutes late (counted up)."""

    state: Pace
    minutes: int


def due_at(start: datetime, *, target: timedelta = DEFAULT_TARGET) -> datetime:
    """When a response is due. `start`: when we heard the post, or when its clock restarted."""
    return start + target


def left(due_at: datetime, *, now: datetime, target: timedelta = DEFAULT_TARGET) -> TimeLeft:
    """The time left until `due_at`, or how much too late it is.

    "Soon" is the last third of the target, and never more than two hours.
    """
    remaining = due_at - now
    if remaining < timedelta(0):
        return TimeLeft(Pace.LATE, -(remaining // timedelta(minutes=1)))
    soon = remaining <= min(SOON_AT_MOST, target / SOON_SHARE)
    return TimeLeft(Pace.SOON if soon else Pace.OK, remaining // timedelta(minutes=1))
