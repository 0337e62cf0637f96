"""When to come back after a platform said "too often", from whatever headers it sent. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WITHOUT_HEADER = timedelta(minutes=15)
AT_LEAST = timedelta(minutes=1)  # a reset in the past: their clock or ours is off
AT_MOST = timedelta(days=1)  # a reset further away is a mistake, or nothing a poll can wait for


def resume_at(values: Iterable[str], *, now: datetime) -> datetime:
    """The latest moment that the header values name, at least a minute and at most a day ahead.

    A value may be seconds to wait, an epoch, an ISO time or an HTTP date. Without a readable value:
    15 minutes, the longest window of the platforms we know.
    """
    moments = [moment for moment in (_moment(value.strip(), now) for value in values) if moment]
    if not moments:
        return now + WITHOUT_HEADER
    return min(max([*moments, now + AT_LEAST]), now + AT_MOST)


def answered_at(date: str) -> datetime | None:
    """When a platform answered by its own clock: the value of its Date header; None when unreadable."""
    try:
        found = parsedate_to_datetime(date)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(value: str, now: datetime) -> datetime | None:
    """One header value as a moment; None when it cannot be read."""
    for read in (_number, datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
            if isinstance(found, datetime):
                return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
            # Numbers below a hundred million are seconds to wait: as an epoch they lie before 1974.
            return now + timedelta(seconds=found) if found < 1e8 else datetime.fromtimestamp(found, UTC)
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            continue
    return None


def _number(value: str) -> float:
    """A number of seconds; milliseconds since 1970 are recognised by their size."""
    number = float(value)
    return number / 1000 if number > 1e11 else number
