"""Quiet hours by the clock on the wall, in nights when that clock is set as well."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.quiet import QuietHours, due_at, end_of_quiet

ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"]
TIMES = st.times().map(lambda moment: moment.replace(microsecond=0))
MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2032, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
NIGHT = QuietHours(time(22), time(7), "Europe/Amsterdam")


def amsterdam(*parts: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam"), fold=fold)


def is_quiet_on_the_wall(hours: QuietHours, now: datetime) -> bool:
    shown = now.astimezone(ZoneInfo(hours.zone)).time()
    if hours.start < hours.until:
        return hours.start <= shown < hours.until
    return hours.start != hours.until and (shown >= hours.start or shown < hours.until)


@given(TIMES, TIMES, st.sampled_from(ZONES), MOMENTS)
def test_whenever_the_clock_shows_quiet_hours_it_is_quiet(
    start: time, until: time, zone: str, now: datetime
) -> None:
    hours = QuietHours(start, until, zone)
    if is_quiet_on_the_wall(hours, now):
        end = end_of_quiet(hours, now=now)
        assert end is not None and end > now


@given(TIMES, TIMES, st.sampled_from(ZONES), MOMENTS)
def test_what_waits_is_sent_when_it_is_not_quiet_and_within_two_days(
    start: time, until: time, zone: str, now: datetime
) -> None:
    hours = QuietHours(start, until, zone)
    due = due_at(hours, level=2, is_working=False, now=now)
    assert now <= due <= now + timedelta(days=2, hours=2)
    assert end_of_quiet(hours, now=due) is None


@given(TIMES, TIMES, st.sampled_from(ZONES), MOMENTS, st.sampled_from([3, 4]))
def test_what_is_serious_never_waits(start: time, until: time, zone: str, now: datetime, level: int) -> None:
    assert due_at(QuietHours(start, until, zone), level=level, is_working=False, now=now) == now


def test_who_works_has_no_quiet_hours() -> None:
    now = amsterdam(2026, 5, 4, 23, 0)
    assert due_at(NIGHT, level=1, is_working=True, now=now) == now
    assert due_at(NIGHT, level=1, is_working=False, now=now) == amsterdam(2026, 5, 5, 7, 0)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 28), 8), ((2026, 10, 24), 10), ((2026, 5, 4), 9)])
def test_a_night_in_which_the_clock_is_set_is_an_hour_shorter_or_longer(
    day: tuple[int, int, int], hours: int
) -> None:
    begins = amsterdam(*day, 22, 0).astimezone(UTC)
    assert end_of_quiet(NIGHT, now=begins) == begins + timedelta(hours=hours)


def test_an_end_that_the_clock_skips_is_the_moment_of_the_skip() -> None:
    hours = QuietHours(time(22), time(2, 30), "Europe/Amsterdam")
    assert end_of_quiet(hours, now=amsterdam(2026, 3, 28, 23, 0)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_end_that_the_clock_shows_twice_is_the_second_time() -> None:
    hours = QuietHours(time(22), time(2, 30), "Europe/Amsterdam")
    assert end_of_quiet(hours, now=amsterdam(2026, 10, 24, 23, 0)) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


def test_the_end_itself_is_not_quiet() -> None:
    assert end_of_quiet(NIGHT, now=amsterdam(2026, 5, 5, 7, 0)) is None
    assert end_of_quiet(QuietHours(time(8), time(8), "UTC"), now=amsterdam(2026, 5, 5, 8, 0)) is None
