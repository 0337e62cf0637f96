"""The time left is told in whole minutes, and "soon" scales with the target."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.rules.clocks import Pace, TimeLeft, due_at, left

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_response_is_due_after_a_day_unless_the_target_says_otherwise() -> None:
    assert due_at(NOON) == NOON + 24 * HOUR
    assert due_at(NOON, target=HOUR) == NOON + HOUR


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        (timedelta(hours=23), TimeLeft(Pace.OK, 23 * 60)),
        (timedelta(hours=2, seconds=1), TimeLeft(Pace.OK, 120)),
        (timedelta(hours=2), TimeLeft(Pace.SOON, 120)),
        (timedelta(seconds=59), TimeLeft(Pace.SOON, 0)),
        (timedelta(0), TimeLeft(Pace.SOON, 0)),
        (timedelta(seconds=-1), TimeLeft(Pace.LATE, 1)),
        (timedelta(minutes=-41), TimeLeft(Pace.LATE, 41)),
    ],
)
def test_the_last_two_hours_of_a_day_are_soon_and_afterwards_is_late(
    remaining: timedelta, expected: TimeLeft
) -> None:
    assert left(NOON + remaining, now=NOON) == expected


def test_soon_is_the_last_third_of_a_short_target() -> None:
    assert left(NOON + timedelta(minutes=21), now=NOON, target=HOUR).state is Pace.OK
    assert left(NOON + timedelta(minutes=20), now=NOON, target=HOUR).state is Pace.SOON


def test_the_change_to_winter_time_makes_no_difference() -> None:
    before = datetime.fromisoformat("2026-10-25T02:30:00+02:00")
    after = datetime.fromisoformat("2026-10-25T02:30:00+01:00")
    assert left(after, now=before) == TimeLeft(Pace.SOON, 60)
