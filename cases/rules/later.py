"""When a post that is put aside comes back: the moments that are offered."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

EVENING, MORNING = time(18, 0), time(9, 0)
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Moments that people send lie in between: nothing can be reckoned with the ends of the calendar."""


class Later(StrEnum):
    HOUR = "hour"
    EVENING = "evening"
    TOMORROW = "tomorrow"
    WORKING_DAY = "working_day"


def moments(now: datetime, *, working_day: datetime) -> Mapping[Later, datetime]:
    """The moments that can be chosen now, in the order in which they come. `now`: in the time of the desk.

    This evening is offered until it is evening, the next working day when that is not tomorrow.
    """
    tomorrow = _at(now, 1, MORNING)
    found = {
        Later.HOUR: now + timedelta(hours=1),
        Later.EVENING: _at(now, 0, EVENING),
        Later.TOMORROW: tomorrow,
    }
    found[Later.WORKING_DAY] = working_day
    if now >= found[Later.EVENING]:
        del found[Later.EVENING]
    if working_day.date() == tomorrow.date():
        del found[Later.WORKING_DAY]
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _at(now: datetime, days: int, moment: time) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), moment, now.tzinfo)
