"""How much time is left to respond."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_TARGET = timedelta(hours=24)
DEFAULT_APPROVAL = timedelta(hours=1)

SOON_AT_MOST = timedelta(hours=2)

SOON_SHARE = 3  # the last third of a short target is "soon": 20 minutes of an hour

MINUTE, NOTHING = timedelta(minutes=1), timedelta(0)


class Pace(StrEnum):
    OK = "ok"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """`minutes` is never negative: whole minutes left, or whole minutes late (counted up).

    `worked`: the same in hours of duty, None where the clock on the wall counts.
    """

    state: Pace
    minutes: int
    worked: int | None = None


def due_at(start: datetime, *, target: timedelta = DEFAULT_TARGET) -> datetime:
    """When a response is due. `start`: when we heard the post, or when its clock restarted."""
    return start + target


def left(
    due_at: datetime, *, now: datetime, target: timedelta = DEFAULT_TARGET, worked: timedelta | None = None
) -> TimeLeft:
    """The time left until `due_at`, or how much too late it is.

    "Soon" is the last third of the target, and never more than two hours; of the hours of duty
    (`worked`, negative when late) where those count.
    """
    remaining = due_at - now
    duty = None if worked is None else _whole(worked)
    if remaining < NOTHING:
        return TimeLeft(Pace.LATE, _whole(remaining), duty)
    counted = remaining if worked is None else worked
    soon = counted <= min(SOON_AT_MOST, target / SOON_SHARE)
    return TimeLeft(Pace.SOON if soon else Pace.OK, _whole(remaining), duty)


def _whole(span: timedelta) -> int:
    """Whole minutes: rounded down when left, up when late."""
    return span // MINUTE if span >= NOTHING else -(span // MINUTE)
