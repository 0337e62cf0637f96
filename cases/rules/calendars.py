"""Hours that count: days with split hours, free days, and the time that a team works between two moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from cases.rules.shifts import Span, moment

DAY_MIN = 24 * 60
WEEKDAYS = 7
NOTHING = timedelta(0)
WORKED: Mapping[str, tuple[str, ...]] = {"NL": ("Good Friday",)}
"""Public holidays of a country on which its public bodies work: what a calendar begins with.

Source: the collective agreements of the Dutch state and of Dutch municipalities name no Good Friday.
"""

MOST_DAYS_SHUT = 400
"""A calendar that opens on none of so many days never opens."""

Stretch = tuple[int, int]
"""From and until, in minutes since midnight as clocks here show it; the end is excluded, 1440 at most."""

Stretches = tuple[Stretch, ...]


class NeverOpen(Exception):
    """A calendar without hours in more than a year: nothing can be due by it."""


class NoSuchHours(ValueError):
    """Hours that cannot be: `text` is what was written, `why` one of shape, order, overlap."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text, why)
        self.text, self.why = text, why


@dataclass(frozen=True, slots=True)
class Hours:
    """When a team works: by weekday (0 = Monday), less the public holidays of `country`.

    `special` days have hours of their own (none: free); they go before weekday and holiday. On the
    `worked` holidays work goes on as on any other day.
    """

    week: tuple[Stretches, ...]
    zone: ZoneInfo
    country: str = ""
    special: Mapping[date, Stretches] = field(default_factory=dict)
    worked: frozenset[str] = frozenset()

    def holiday(self, day: date) -> str:
        """The name of the public holiday on which nobody works; "" on any other day."""
        name = public_holidays(self.country, day.year).get(day, "") if self.country else ""
        return "" if name in self.worked else name

    def is_free(self, day: date) -> bool:
        """Whether a day is off that its weekday does not make so: a special day without hours, a holiday."""
        return not self.special[day] if day in self.special else bool(self.holiday(day))

    def on(self, day: date) -> Stretches:
        """The hours of one day, earliest first."""
        if day in self.special:
            return self.special[day]
        if self.holiday(day):
            return ()
        return self.week[day.weekday()]

    def spans(self, day: date) -> Iterator[Span]:
        """The hours of one day as moments in UTC. What falls in an hour that clocks skip is not worked."""
        for begin, end in self.on(day):
            start, until = _moment(day, begin, self.zone), _moment(day, end, self.zone)
            if until > start:
                yield start, until


def add(start: datetime, work: timedelta, hours: Hours) -> datetime:
    """The moment at which so much has been worked since `start`; at the end of a day, not next morning.

    Raises NeverOpen.
    """
    left = work
    if left <= NOTHING:
        return start
    for opens, shuts in _spans_from(start, hours):
        opens = max(opens, start)
        if shuts - opens >= left:
            return opens + left
        left -= max(shuts - opens, NOTHING)
    raise NeverOpen


def between(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """How much is worked from `start` until `end`; negative when `end` comes first."""
    if end < start:
        return -between(end, start, hours)
    worked, day, last = NOTHING, _day(start, hours), _day(end, hours)
    while day <= last:
        for opens, shuts in hours.spans(day):
            worked += max(min(shuts, end) - max(opens, start), NOTHING)
        day += timedelta(days=1)
    return worked


def next_open(moment: datetime, hours: Hours) -> datetime:
    """This moment when it is worked, else when work starts again. Raises NeverOpen."""
    opens = next((opens for opens, shuts in _spans_from(moment, hours) if shuts > moment), None)
    if opens is None:
        raise NeverOpen
    return max(opens, moment)


def next_day(moment: datetime, hours: Hours) -> datetime:
    """The start of the first working day after the day of this moment. Raises NeverOpen."""
    morrow = _day(moment, hours) + timedelta(days=1)
    return next_open(_moment(morrow, 0, hours.zone), hours)


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country ("NL") with their names; none for a country we know nothing of.

    Source: the library `holidays`; moved and substitute days included, bank and school holidays not.
    Names are English where the library has them: they are kept as what a calendar works on.
    """
    if country not in countries():
        return {}
    return dict(holidays.country_holidays(country, years=year, language="en_US").items())


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """The codes of the countries whose public holidays we know."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def stretches(pairs: Sequence[Sequence[str]]) -> Stretches:
    """Hours as they are stored ([["09:00", "12:30"], …]), sorted. Raises NoSuchHours."""
    found = []
    for pair in pairs:
        text = "-".join(str(part) for part in pair)
        if len(pair) != 2:
            raise NoSuchHours(text, "shape")
        begin, end = (_minutes(str(part), text) for part in pair)
        if end <= begin:
            raise NoSuchHours(text, "order")
        found.append((begin, end))
    found.sort()
    for (_begin, end), (begin, _end) in pairwise(found):
        if begin < end:
            raise NoSuchHours(f"{shown(begin)}", "overlap")
    return tuple(found)


def shown(minutes: int) -> str:
    """Minutes since midnight as a clock shows them; the end of the day is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def stored(hours: Stretches) -> list[list[str]]:
    """Hours as they are stored: `stretches` the other way round."""
    return [[shown(begin), shown(end)] for begin, end in hours]


def parsed(text: str) -> Stretches:
    """Hours as a person writes them: "9-12:30, 13:00-17:00"; nothing: free. Raises NoSuchHours."""
    normal = text.replace("–", "-").replace(";", ",")
    return stretches([part.split("-") for part in (each.strip() for each in normal.split(",")) if part])


def written(hours: Stretches) -> str:
    """Hours as a person writes them: `parsed` the other way round."""
    return ", ".join(f"{shown(begin)}–{shown(end)}" for begin, end in hours)


def _minutes(clock: str, text: str) -> int:
    hour, _colon, minute = clock.strip().replace(".", ":").partition(":")
    digits = hour + (minute or "0")
    if not hour or not (digits.isascii() and digits.isdigit()) or len(hour) > 2 or len(minute) > 2:
        raise NoSuchHours(text, "shape")
    minutes = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) >= 60 or minutes > DAY_MIN:
        raise NoSuchHours(text, "shape")
    return minutes


def _spans_from(start: datetime, hours: Hours) -> Iterator[Span]:
    """The hours from the day of a moment on, until no day opens any more."""
    day, n_shut = _day(start, hours), 0
    while n_shut < MOST_DAYS_SHUT:
        found = list(hours.spans(day))
        yield from found
        n_shut = 0 if found else n_shut + 1
        day += timedelta(days=1)


def _day(at: datetime, hours: Hours) -> date:
    return at.astimezone(hours.zone).date()


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When clocks here first show these minutes after midnight, or go past them."""
    days, rest = divmod(minutes, DAY_MIN)
    at = (datetime.min.replace(tzinfo=UTC) + timedelta(minutes=rest)).time()
    return moment(day + timedelta(days=days), at, zone)
