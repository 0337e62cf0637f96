"""One function says in which state a watch is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.rules.watch_states import Facts, WatchState, conditions, state_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEADY = Facts(level=0, next_check_at=NOON + HOUR)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "active"),
        ({"next_check_at": NOON}, "due"),
        ({"level": 1}, "rising"),
        ({"level": 1, "next_check_at": NOON}, "due"),
        ({"rings": True, "blind_since": NOON, "next_check_at": NOON}, "worsened"),
        ({"is_taken": True, "level": 2}, "acknowledged"),
        ({"blind_since": NOON, "paused_until": NOON + HOUR}, "blind"),
        ({"paused_until": NOON + HOUR, "next_check_at": NOON}, "paused"),
        ({"paused_until": NOON}, "active"),
        ({"ended_at": NOON, "rings": True}, "ended"),
    ],
)
def test_a_watch_is_in_one_state(change: dict[str, object], state: str) -> None:
    assert state_of(replace(STEADY, **change), now=NOON) == state  # type: ignore[arg-type]


def test_a_paused_watch_that_is_blind_is_both() -> None:
    facts = replace(STEADY, blind_since=NOON, paused_until=NOON + HOUR)
    assert {WatchState.BLIND, WatchState.PAUSED} <= conditions(facts, now=NOON)
