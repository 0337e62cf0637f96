"""When shifts fall, in every week of the year, also in those in which the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.shifts import Pattern, gaps, moment, overlap, spans

HERE = ZoneInfo("Europe/Amsterdam")
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
EVERY_DAY = frozenset(range(7))


@given(DAYS, TIMES, TIMES, st.integers(1, 8))
def test_shifts_that_follow_each_other_on_the_clock_meet_without_gap_or_overlap(
    first: date, begin: time, change: time, weeks: int
) -> None:
    by_day = spans(Pattern(first, begin, change, EVERY_DAY, weeks), HERE)
    by_night = spans(Pattern(first, change, begin, EVERY_DAY, weeks), HERE)
    both = sorted(by_day + by_night)
    if begin > change:  # the first night of the one begins before the first day of the other
        both = both[1:-1]
        assert all(one[1] >= other[0] for one, other in zip(both, both[1:], strict=False))
    elif begin < change:
        assert all(one[1] == other[0] for one, other in zip(both, both[1:], strict=False))


@given(DAYS, TIMES, TIMES, st.frozensets(st.integers(0, 6)), st.integers(1, 26))
def test_a_shift_starts_when_the_clock_shows_it_on_a_chosen_day_and_ends_within_a_day(
    first: date, begin: time, end: time, weekdays: frozenset[int], weeks: int
) -> None:
    for start, until in spans(Pattern(first, begin, end, weekdays, weeks), HERE):
        shown = start.astimezone(HERE)
        assert shown.weekday() in (weekdays or {first.weekday()})
        assert (shown.time() >= begin) if shown.utcoffset() else False
        assert timedelta(0) < until - start <= timedelta(hours=25)


def test_a_night_shift_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    nights = [
        spans(Pattern(day, time(23), time(7)), HERE)[0] for day in (date(2026, 3, 28), date(2026, 10, 24))
    ]
    assert [end - start for start, end in nights] == [timedelta(hours=7), timedelta(hours=9)]


def test_a_time_that_the_clock_skips_is_the_first_after_the_gap() -> None:
    assert moment(date(2026, 3, 29), time(2, 30), HERE) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert spans(Pattern(date(2026, 3, 29), time(2, 15), time(2, 45)), HERE) == []


def test_a_pattern_of_weeks_falls_on_the_chosen_days_only() -> None:
    found = spans(Pattern(date(2026, 3, 4), time(8), time(16), frozenset({0, 2}), 2), HERE)
    assert [start.date().isoformat() for start, _ in found] == [
        *("2026-03-04", "2026-03-09", "2026-03-11", "2026-03-16"),
    ]


HOURS = st.integers(0, 48).map(lambda n: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=n))
SPANS = st.lists(st.tuples(HOURS, HOURS).filter(lambda span: span[0] < span[1]), max_size=6)


@given(SPANS, HOURS, HOURS)
def test_every_hour_of_a_period_is_covered_or_in_one_gap(
    covered: list[tuple[datetime, datetime]], since: datetime, until: datetime
) -> None:
    found = gaps(covered, since=since, until=until)
    hours = [since + timedelta(hours=n) for n in range(max(0, round((until - since) / timedelta(hours=1))))]
    for hour in hours:
        n_gaps = sum(start <= hour < end for start, end in found)
        assert n_gaps == (not any(start <= hour < end for start, end in covered))
    assert all(since <= start < end <= until for start, end in found)


@given(SPANS, HOURS)
def test_two_shifts_overlap_when_they_share_an_hour(
    others: list[tuple[datetime, datetime]], start: datetime
) -> None:
    one = (start, start + timedelta(hours=5))
    shares = any(other[0] <= start + timedelta(hours=n) < other[1] for other in others for n in range(5))
    assert (overlap(one, others) is not None) == shares
