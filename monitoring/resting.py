"""How long a source rests after trouble, and how it stands meanwhile."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from monitoring.connectors.errors import Ended, NothingToRead, RateLimited, Refused
from monitoring.connectors.registry import UnknownConnector
from monitoring.models import Source
from monitoring.usage import BudgetSpent

WITHOUT_WORD = timedelta(minutes=15)
"""How long a source rests after a 429 that names no time, and the most after any failure."""

ONE_DAY = timedelta(days=1)


def health_after(error: Exception, source: Source, *, now: datetime) -> tuple[Source.Health, datetime]:
    """How a source stands after an error, and when it is tried again."""
    if isinstance(error, NothingToRead):
        return Source.Health.WAITING, now + jittered(timedelta(seconds=source.interval_s))
    if isinstance(error, BudgetSpent):
        return Source.Health.LIMITED, error.until
    if isinstance(error, RateLimited):
        return Source.Health.LIMITED, limited_until(error, now=now)
    if isinstance(error, Ended):
        return Source.Health.ENDED, now + ONE_DAY
    if isinstance(error, Refused | UnknownConnector):
        return Source.Health.REFUSED, now + ONE_DAY
    wait = min(timedelta(seconds=15 * 2 ** min(source.n_failures, 10)), WITHOUT_WORD)
    return Source.Health.FAILING, now + jittered(wait)


def jittered(wait: timedelta, chance: Callable[[], float] = random.random) -> timedelta:
    """Up to a tenth longer, so that sources that failed together do not come back together."""
    return wait * (1 + 0.1 * chance())


def limited_until(limited: RateLimited, *, now: datetime) -> datetime:
    """When a platform may be asked again, within reason: no moment, one in the past and one far ahead too."""
    until = limited.until if limited.until and limited.until > now else now + WITHOUT_WORD
    return min(until, now + ONE_DAY)
