"""What comes too late at this pace is known before it does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.forecast import forecast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*after: float) -> list[datetime]:
    return [NOON + hour * HOUR for hour in after]


def test_cases_reached_after_they_are_due_will_be_late() -> None:
    seen = forecast(hours(0.5, 1, 1.5, 8), n_done=3, now=NOON)  # one an hour: reached after 1, 2, 3, 4
    assert (seen.n_waiting, seen.n_late, seen.n_soon) == (4, 0, 3)
    assert (seen.first_at, seen.per_hour) == (NOON + HOUR / 2, 1.0)


def test_at_a_pace_that_suffices_nothing_will_be_late() -> None:
    seen = forecast(hours(0.5, 1, 1.5, 8), n_done=30, now=NOON)
    assert (seen.n_soon, seen.first_at) == (0, None)


def test_what_is_late_already_is_counted_apart_and_takes_its_time() -> None:
    seen = forecast(hours(-1, -0.5, 2), n_done=3, now=NOON)
    assert (seen.n_late, seen.n_soon) == (2, 1)


def test_when_nothing_was_finished_all_that_is_due_soon_will_be_late() -> None:
    seen = forecast(hours(1, 2.9, 3.1), n_done=0, now=NOON)
    assert (seen.n_soon, seen.first_at) == (2, NOON + HOUR)


@given(st.lists(st.floats(-10, 50), max_size=40).map(sorted), st.integers(0, 500))
def test_who_works_faster_is_never_later(after: list[float], n_done: int) -> None:
    slow = forecast(hours(*after), n_done=n_done + 1, now=NOON)
    fast = forecast(hours(*after), n_done=n_done + 2, now=NOON)
    assert fast.n_soon <= slow.n_soon
    assert slow.n_late + slow.n_soon <= slow.n_waiting
