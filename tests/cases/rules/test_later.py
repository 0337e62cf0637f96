"""The moments at which a post that is put aside can come back, and the steps of reach."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.rules.later import Later, moments
from cases.rules.reach import Reach, reach_of

HERE = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 3, 2, 13, 0, tzinfo=HERE)


def at(moment: datetime, days: int, hour: int) -> datetime:
    day = moment.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=HERE)


def test_in_the_week_there_is_an_hour_the_evening_and_tomorrow() -> None:
    found = moments(MONDAY, working_day=at(MONDAY, 1, 8))
    assert list(found) == [Later.HOUR, Later.EVENING, Later.TOMORROW]
    assert list(found.values()) == [MONDAY + timedelta(hours=1), at(MONDAY, 0, 18), at(MONDAY, 1, 9)]


def test_on_friday_the_next_working_day_is_another_day_than_tomorrow() -> None:
    friday = MONDAY + timedelta(days=4)
    found = moments(friday, working_day=at(friday, 3, 8))
    assert list(found)[-1] is Later.WORKING_DAY
    assert found[Later.WORKING_DAY] == at(friday, 3, 8)


def test_in_the_evening_it_is_not_offered_any_more() -> None:
    assert Later.EVENING not in moments(MONDAY.replace(hour=18), working_day=at(MONDAY, 1, 8))


def test_tomorrow_is_at_nine_also_after_the_clocks_change() -> None:
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=HERE)
    found = moments(saturday, working_day=at(saturday, 2, 9))
    assert found[Later.TOMORROW].hour == 9
    assert found[Later.TOMORROW] - saturday == timedelta(hours=21)  # by the wall; twenty hours pass


@pytest.mark.parametrize(
    ("followers", "reach"),
    [
        (None, Reach.UNKNOWN),
        (0, Reach.SMALL),
        (999, Reach.SMALL),
        (1000, Reach.MEDIUM),
        (9999, Reach.MEDIUM),
        (10_000, Reach.LARGE),
        (100_000, Reach.LARGE),
        (100_001, Reach.HUGE),
    ],
)
def test_followers_are_told_in_steps(followers: int | None, reach: Reach) -> None:
    assert reach_of(followers) is reach
