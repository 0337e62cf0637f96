"""Clocks that are wrong or change by night, two beats, a broker that forgets: steps stay on time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.faults.clock import Clock, wait_s
from tests.faults.conftest import Rigs
from tests.faults.rig import Rig
from tests.mailbox import Mailbox, running_mailbox

LATE_S = 20.0
"""A step may be so much late: a tick is 2 s, and the machine is busy with tests."""

TICKS_S = 5.0
STEPS = "SELECT count(*) FROM cases_auditevent WHERE action = 'step taken'"
WAITING = "SELECT count(*) = 0 FROM cases_notification WHERE delivered_at IS NULL"
HOURS = timedelta(hours=2)
SPRING = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
"""Ten minutes before the clocks in the Netherlands change; ladders climb on right through it."""


class Watched:
    """A rig with a mail server and a clock, two beats and a worker; alarms are raised into it."""

    def __init__(self, rig: Rig, mailbox: Mailbox, at: datetime) -> None:
        self.rig, self.mailbox = rig, mailbox
        self.clock = Clock(rig.folder)
        self.clock.set(at)
        rig.settings |= self.clock.settings | mailbox.settings
        rig.broker.start()
        self._numbers = count(0, 10)

    def start(self) -> None:
        self.rig.start_beat("one beat")
        self.rig.start_beat("another beat")
        self.rig.start_worker("core")

    def alarms(self, n: int) -> list[int]:
        found = self.rig.inside(
            "raise_alarms", folder=str(self.rig.folder), n_alarms=n, first=next(self._numbers)
        )
        return list(found["cases"])

    def wait_for_steps(self, n: int) -> None:
        """Until so many steps were taken in all, and everything that they tell is told."""
        self.rig.wait_for(STEPS, n)
        self.rig.wait_for(f"SELECT CASE WHEN ({WAITING}) THEN 1 ELSE 0 END", 1)

    def climbed(self, cases: list[int]) -> dict[str, Any]:
        return self.rig.inside("climbed", cases=cases)

    def told(self, cases: list[int]) -> dict[str, Any]:
        return self.rig.inside("told", cases=cases) | {"mails": len(self.mailbox.mail)}


@pytest.fixture
def watched_at(rig_on: Rigs) -> Iterator[Any]:
    with running_mailbox() as mailbox:
        yield lambda kind, at: Watched(rig_on(kind), mailbox, at)


def assert_on_time(found: dict[str, Any], *, n_steps: int) -> None:
    """Every step that is due was taken once, in order, and none before its time."""
    for climb in found.values():
        assert [step for step, _ in climb["taken"]] == [step for step, _ in climb["due"][:n_steps]]
        for (_, taken_s), (_, due_s) in zip(climb["taken"], climb["due"], strict=False):
            assert due_s <= taken_s <= due_s + LATE_S, found


def assert_told_once(found: dict[str, Any]) -> None:
    assert found["mails"] == found["messages"] > 0
    wrong = ("undelivered", "told_twice", "early", "findings")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)


@pytest.mark.parametrize(
    ("kind", "night", "n_steps"),
    [
        pytest.param("sqlite", SPRING, 4, marks=pytest.mark.faults, id="spring"),
        pytest.param("sqlite", AUTUMN, 7, marks=pytest.mark.faults_slow, id="autumn"),
        pytest.param("postgresql", SPRING, 7, marks=pytest.mark.faults_slow, id="spring, postgresql"),
        pytest.param("postgresql", AUTUMN, 7, marks=pytest.mark.faults_slow, id="autumn, postgresql"),
    ],
)
def test_in_the_night_the_clocks_change_every_step_is_taken_once_and_on_time(
    watched_at: Any, kind: str, night: datetime, n_steps: int
) -> None:
    """Two beats, a broker that forgets at every step; the clock is moved on to just before a step is due."""
    world = watched_at(kind, night)
    cases = world.alarms(2)
    world.start()
    raised = world.clock.now
    due = [s for _, s in world.climbed(cases)[str(cases[0])]["due"]]
    for due_s in sorted(set(due[:n_steps])):
        world.clock.set(max(world.clock.now, raised + timedelta(seconds=due_s - TICKS_S)))
        world.rig.broker.forget()
        world.wait_for_steps(len(cases) * sum(s <= due_s for s in due))
    found, told = world.climbed(cases), world.told(cases)
    print(found, told)  # noqa: T201  # the times are the proof
    assert_on_time(found, n_steps=n_steps)
    assert_told_once(told)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("sqlite", marks=pytest.mark.faults),
        pytest.param("postgresql", marks=pytest.mark.faults_slow),
    ],
)
def test_a_clock_set_two_hours_forward_and_back_stops_nothing_and_tells_nobody_twice(
    watched_at: Any, kind: str
) -> None:
    """Forward: what is due by then is told once. Back: alarms of now are told now, not when it caught up."""
    world = watched_at(kind, datetime(2026, 3, 3, 9, tzinfo=UTC))
    before = world.alarms(2)
    world.start()
    due = [s for _, s in world.climbed(before)[str(before[0])]["due"]]
    at_once, by_then = due.count(0), sum(s < HOURS.total_seconds() for s in due)
    world.wait_for_steps(len(before) * at_once)
    world.clock.jump(HOURS)
    world.wait_for_steps(len(before) * by_then)
    wait_s(TICKS_S)
    mails, n_taken = len(world.mailbox.mail), world.rig.value(STEPS)
    world.clock.jump(-2 * HOURS)
    wait_s(TICKS_S)
    assert len(world.mailbox.mail) == mails, "somebody was told again when the clock went back"
    after = world.alarms(2)
    world.wait_for_steps(n_taken + len(after) * at_once)
    found, told = world.climbed(after), world.told([*before, *after])
    print(world.climbed(before), found, told)  # noqa: T201  # the times are the proof
    assert_on_time(found, n_steps=at_once)
    for climb in world.climbed(before).values():
        assert [step for step, _ in climb["taken"]] == sorted({step for step, _ in climb["taken"]})
    assert_told_once(told)
