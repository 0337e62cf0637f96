"""The clock of a story: it changes its speed and stands still, and keeps its place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.connectors.base import Budget, Cursor, SourceConfig
from monitoring.connectors.errors import Refused
from monitoring.connectors.incident import INCIDENTS, load
from monitoring.connectors.replay import ReplayConnector
from monitoring.connectors.storyclock import NEVER, StoryClock, Stretch, read, waiting

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def played(*changes: tuple[float, float]) -> StoryClock:
    """A clock set going at noon at speed 1, changed to a speed after so many seconds."""
    clock = StoryClock((Stretch(NOON, 0.0, 1.0),))
    for after_s, speed in changes:
        clock = clock.changed(speed, now=NOON + after_s * SECOND)
    return clock


def test_a_story_that_runs_on_is_where_its_speed_says() -> None:
    clock = read({"started_at": NOON.isoformat(), "speed": 60})
    assert clock.place_at(NOON + 10 * SECOND) == 600
    assert clock.moment_of(600) == NOON + 10 * SECOND
    assert clock.moment_of(-60) == NOON - SECOND


def test_another_speed_goes_on_from_the_same_place_and_leaves_the_past_alone() -> None:
    clock = played((100, 10))
    assert clock.place_at(NOON + 100 * SECOND) == 100
    assert clock.place_at(NOON + 110 * SECOND) == 200
    assert clock.moment_of(50) == NOON + 50 * SECOND
    assert clock.moment_of(200) == NOON + 110 * SECOND


def test_a_story_that_stands_still_tells_nothing_more_until_it_goes_on() -> None:
    held = played((100, 0))
    assert held.place_at(NOON + 5000 * SECOND) == 100
    assert held.moment_of(100) == NOON + 100 * SECOND
    assert held.moment_of(101) == NEVER
    again = held.changed(2, now=NOON + 1000 * SECOND)
    assert again.moment_of(101) == NOON + 1000.5 * SECOND
    assert again.moment_of(99) == NOON + 99 * SECOND


def test_a_story_that_waits_has_its_history_and_nothing_else() -> None:
    clock = waiting(60, now=NOON)
    assert clock.moment_of(-600) == NOON - 10 * SECOND
    assert clock.moment_of(0) == NOON
    assert clock.moment_of(1) == NEVER
    begun = clock.changed(60, now=NOON + 90 * SECOND)
    assert begun.place_at(NOON + 90 * SECOND) == 0
    assert begun.moment_of(60) == NOON + 91 * SECOND
    assert begun.moment_of(-600) == NOON - 10 * SECOND


changes = st.lists(st.tuples(st.integers(1, 600), st.sampled_from([0.0, 0.5, 1.0, 2.0, 60.0])), max_size=6)


@given(changes, st.integers(0, 5000))
def test_place_and_moment_say_the_same_after_any_changes(steps: list[tuple[int, float]], at: int) -> None:
    after, clock = 0, played()
    for wait_s, speed in steps:
        after += wait_s
        clock = clock.changed(speed, now=NOON + after * SECOND)
    now = NOON + at * SECOND
    place = clock.place_at(now)
    assert clock.place_at(now + SECOND) >= place
    assert clock.moment_of(place) <= now + timedelta(milliseconds=1)
    if clock.moment_of(place + 1) != NEVER:
        assert clock.moment_of(place + 1) > clock.moment_of(place)


@given(changes)
def test_a_clock_is_read_back_as_it_was_kept(steps: list[tuple[int, float]]) -> None:
    clock = played(*((sum(s for s, _ in steps[: n + 1]), speed) for n, (_, speed) in enumerate(steps)))
    assert read({"clock": clock.kept()}) == clock


@pytest.mark.parametrize("kept", [[["noon", 0, 1]], [[NOON.isoformat(), 0, 0]], [[NOON.isoformat()]], 7])
def test_a_clock_that_cannot_run_is_refused(kept: object) -> None:
    with pytest.raises(Refused):
        read({"clock": kept})


def test_the_replay_delivers_each_post_once_over_a_pause_and_a_change_of_speed() -> None:
    connector = ReplayConnector()
    seen: list[str] = []
    cursor: Cursor = {}
    clock, now = waiting(60, now=NOON), NOON
    for wait_s, speed in ((5, 60.0), (10, 0.0), (60, 0.0), (5, 120.0), (60, 120.0)):
        now += wait_s * SECOND
        clock = clock.changed(speed, now=now)
        path = str(INCIDENTS / "sluis.jsonl")
        config = SourceConfig(1, "story", {"path": path, "clock": clock.kept(), "run": "1"})
        for page in connector.poll(config, cursor, Budget(), now=now):
            seen += [mention.canonical_id for mention in page.mentions]
            cursor = dict(page.cursor)
    assert len(seen) == len(set(seen)) == len(load(config).events)
