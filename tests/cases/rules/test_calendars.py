"""Working time is added and counted the same way, on every kind of day and in every night of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.calendars import (
    WORKED,
    Hours,
    NeverOpen,
    NoSuchHours,
    Stretches,
    add,
    between,
    countries,
    next_day,
    next_open,
    parsed,
    public_holidays,
    stored,
    stretches,
    written,
)

HERE = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
SPLIT: Stretches = ((9 * 60, 12 * 60 + 30), (13 * 60, 17 * 60))
OFFICE = Hours((SPLIT,) * 5 + ((), ()), HERE, "NL")
ALWAYS = Hours((((0, 1440),),) * 7, HERE)


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@st.composite
def days(draw: st.DrawFn) -> Stretches:
    """The hours of a day: none, one stretch or more, with or without a pause."""
    edges = draw(st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    zone = ZoneInfo(draw(st.sampled_from(["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"])))
    week = draw(st.lists(days(), min_size=7, max_size=7).filter(lambda found: any(found)))
    special = draw(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), days(), max_size=5))
    return Hours(tuple(week), zone, draw(st.sampled_from(["", "NL", "US"])), special)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
# Around the nights in which the clocks change, where most that can go wrong does.
nights = st.sampled_from(
    [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)]
).flatmap(lambda night: st.integers(0, 48 * 60).map(lambda minutes: night + timedelta(minutes=minutes)))
whens = moments | nights
lengths = st.integers(1, 3000).map(lambda minutes: timedelta(minutes=minutes))


@given(whens, lengths, hours())
def test_counting_what_was_added_gives_what_was_added(start: datetime, work: timedelta, of: Hours) -> None:
    assert between(start, add(start, work, of), of) == work


@given(whens, lengths, hours())
def test_the_end_never_falls_in_hours_that_are_not_worked(
    start: datetime, work: timedelta, of: Hours
) -> None:
    end = add(start, work, of)
    day = end.astimezone(of.zone).date()
    near = [*of.spans(day - timedelta(days=1)), *of.spans(day)]
    assert any(opens < end <= shuts for opens, shuts in near)


@given(whens, st.integers(0, 3000), lengths, lengths, hours())
def test_who_starts_later_or_takes_longer_is_never_done_earlier(
    start: datetime, later: int, work: timedelta, more: timedelta, of: Hours
) -> None:
    end = add(start, work, of)
    assert add(start + timedelta(minutes=later), work, of) >= end
    assert add(start, work + more, of) > end


@given(whens, lengths, lengths, hours())
def test_work_done_in_two_parts_is_done_as_early_as_in_one(
    start: datetime, one: timedelta, two: timedelta, of: Hours
) -> None:
    assert add(add(start, one, of), two, of) == add(start, one + two, of)


@given(whens, whens, hours())
def test_time_is_counted_backwards_as_forwards_and_never_more_than_passes(
    one: datetime, two: datetime, of: Hours
) -> None:
    assert between(one, two, of) == -between(two, one, of)
    assert abs(between(one, two, of)) <= abs(two - one)


@given(whens, lengths)
def test_who_always_works_goes_by_the_clock_on_the_wall(start: datetime, work: timedelta) -> None:
    assert add(start, work, ALWAYS) == start + work


@given(st.lists(days(), min_size=1, max_size=1))
def test_hours_are_stored_and_written_as_they_are_read(found: list[Stretches]) -> None:
    whole = stretches(stored(found[0]))
    assert whole == found[0]
    assert parsed(written(whole)) == whole


@pytest.mark.parametrize(
    ("start", "work", "end"),
    [
        ("2026-11-23T09:00", 2 * HOUR, "2026-11-23T11:00"),
        ("2026-11-23T12:00", HOUR, "2026-11-23T13:30"),  # over the pause
        ("2026-11-23T12:00", HOUR / 2, "2026-11-23T12:30"),  # not after it
        ("2026-11-20T16:00", 2 * HOUR, "2026-11-23T10:00"),  # over the weekend
        ("2026-11-22T03:00", HOUR, "2026-11-23T10:00"),  # from a night at the weekend
        ("2026-12-24T16:30", HOUR, "2026-12-28T09:30"),  # over Christmas on Friday and Saturday
        ("2026-04-24T16:30", HOUR, "2026-04-28T09:30"),  # over the King's day on Monday
    ],
)
def test_working_hours_go_around_pauses_weekends_and_holidays(start: str, work: timedelta, end: str) -> None:
    assert add(here(start), work, OFFICE) == here(end)


@pytest.mark.parametrize(
    ("day", "worked"), [("2026-03-29", 3 * HOUR), ("2026-10-25", 5 * HOUR), ("2026-11-01", 4 * HOUR)]
)
def test_a_night_shift_is_as_long_as_the_night_that_the_clocks_make(day: str, worked: timedelta) -> None:
    nights_worked = Hours((((60, 300),),) * 7, HERE)  # 01:00-05:00
    start, end = here(f"{day}T00:00"), here(f"{day}T06:00")
    assert between(start, end, nights_worked) == worked
    assert add(start, worked, nights_worked) == here(f"{day}T05:00")


def test_an_hour_that_the_clocks_skip_is_not_worked() -> None:
    skipped = Hours((((120, 180),),) * 7, HERE)  # 02:00-03:00
    assert between(here("2026-03-29T00:00"), here("2026-03-29T06:00"), skipped) == timedelta(0)
    assert add(here("2026-03-29T00:00"), HOUR, skipped) == here("2026-03-30T03:00")


def test_a_special_day_goes_before_the_weekday_and_the_holiday() -> None:
    christmas, friday = date(2026, 12, 25), date(2026, 11, 27)
    own = Hours(OFFICE.week, HERE, "NL", {christmas: ((600, 660),), friday: ()})
    assert own.on(christmas) == ((600, 660),)
    assert own.on(friday) == ()
    assert OFFICE.on(christmas) == () and OFFICE.on(friday) == SPLIT


@pytest.mark.parametrize(
    ("year", "king", "easter_monday", "ascension", "whit_monday", "is_lustrum"),
    [
        (2024, (4, 27), (4, 1), (5, 9), (5, 20), False),
        (2025, (4, 26), (4, 21), (5, 29), (6, 9), True),  # the 27th was a Sunday
        (2026, (4, 27), (4, 6), (5, 14), (5, 25), False),
        (2027, (4, 27), (3, 29), (5, 6), (5, 17), False),
        (2030, (4, 27), (4, 22), (5, 30), (6, 10), True),
        (2031, (4, 26), (4, 14), (5, 22), (6, 2), False),
    ],
)
def test_the_dutch_holidays_of_a_year_are_free(
    year: int,
    king: tuple[int, int],
    easter_monday: tuple[int, int],
    ascension: tuple[int, int],
    whit_monday: tuple[int, int],
    is_lustrum: bool,
) -> None:
    free = public_holidays("NL", year)
    moving = {date(year, *day) for day in (king, easter_monday, ascension, whit_monday)}
    fixed = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}
    assert moving | fixed <= set(free)
    assert (date(year, 5, 5) in free) == is_lustrum


def test_on_a_holiday_that_a_calendar_works_on_its_weekday_counts() -> None:
    good_friday, easter = date(2026, 4, 3), date(2026, 4, 6)
    works = Hours((SPLIT,) * 5 + ((), ()), HERE, "NL", {}, frozenset(WORKED["NL"]))
    assert OFFICE.on(good_friday) == () != works.on(good_friday)
    assert works.on(easter) == ()
    assert OFFICE.is_free(good_friday) and not works.is_free(good_friday) and works.is_free(easter)
    assert not works.is_free(date(2026, 4, 4))  # a Saturday is no holiday
    own = Hours(works.week, HERE, "NL", {easter: SPLIT, date(2026, 4, 7): ()})
    assert not own.is_free(easter) and own.is_free(date(2026, 4, 7))


def test_holidays_of_other_countries_are_known_and_of_none_there_are_none() -> None:
    assert date(2026, 7, 4) in public_holidays("US", 2026)
    assert date(2026, 10, 3) in public_holidays("DE", 2026)
    assert public_holidays("", 2026) == {} == public_holidays("Atlantis", 2026)
    assert {"NL", "BE", "DE", "US"} <= countries()


def test_work_goes_on_when_it_starts_again_and_the_next_day_is_a_working_day() -> None:
    assert next_open(here("2026-11-23T12:45"), OFFICE) == here("2026-11-23T13:00")
    assert next_open(here("2026-11-23T14:00"), OFFICE) == here("2026-11-23T14:00")
    assert next_day(here("2026-11-20T08:00"), OFFICE) == here("2026-11-23T09:00")
    assert next_day(here("2026-11-23T08:00"), OFFICE) == here("2026-11-24T09:00")


def test_nothing_is_due_by_a_calendar_that_never_opens() -> None:
    never = Hours(((),) * 7, HERE)
    with pytest.raises(NeverOpen):
        add(here("2026-11-23T12:45"), HOUR, never)
    with pytest.raises(NeverOpen):
        next_day(here("2026-11-23T12:45"), never)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9-17", ((540, 1020),)),
        ("13:00 – 17.30; 9:00-12:30", ((540, 750), (780, 1050))),
        ("00:00-24:00", ((0, 1440),)),
        ("", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: Stretches) -> None:
    assert parsed(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9", "shape"),
        ("9-12-17", "shape"),
        ("nine-five", "shape"),
        ("9-25", "shape"),
        ("9:60-12", "shape"),
        ("-5-6", "shape"),
        ("9:005-12", "shape"),
        ("17-9", "order"),
        ("9-9", "order"),
        ("9-13, 12-17", "overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(NoSuchHours) as refused:
        parsed(text)
    assert refused.value.why == why
