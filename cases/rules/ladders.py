"""Who is told of an alarm, in which order and how soon after each other: ladders as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

MINUTE = 60
HOUR = 60 * MINUTE

SAID_WORSE = "person says worse"
"""The cause of an alarm that whoever keeps watch raised by hand."""

WATCHER = "watcher"
PROPOSE = "propose crisis"
"""A step of the third level that we add: whether it is a crisis is asked of who may say so."""

EVERYBODY = "everybody"
"""The last step, that we add: whoever is on duty and may take an alarm hears that nobody did."""

CRISIS_AFTER_S = 2 * HOUR
SHORTEST_WAIT_S = 15 * MINUTE
"""Between the end of a ladder that has one step and its next climb."""


class Function(StrEnum):
    """What a duty post answers for on a ladder, in the order in which alarms climb."""

    OFFICER = "officer"
    BACKUP = "backup"
    COMMUNICATIONS = "communications"
    HEAD = "head"
    CRISIS = "crisis"


CHANNELS = ("in-app", "email", "push", "chat")
CALLED = (WATCHER, *(function.value for function in Function))
"""Whom a step can call beside a person ("person:5") and a post ("post:2")."""


@dataclass(frozen=True, slots=True)
class Step:
    """`who` as in `CALLED`, "person:<number>" or "post:<number>"; `after_s` counts from the alarm."""

    who: str
    after_s: int
    channels: tuple[str, ...] = CHANNELS
    climb: int = 0  # how often the ladder was climbed before; written out with the repeats

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"channels": list(self.channels)}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Step:
        return Step(stored["who"], stored["after_s"], tuple(stored["channels"]))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of one level; climbed `repeats` times more. Taking an alarm holds for `taken_for_s`."""

    level: int
    steps: tuple[Step, ...]
    repeats: int
    taken_for_s: int
    version: int = 1


_OFFICER, _BACKUP, _COMMUNICATIONS = Function.OFFICER.value, Function.BACKUP.value, "communications"
_HEAD, _CRISIS = Function.HEAD.value, Function.CRISIS.value

SHIPPED: Mapping[int, Ladder] = {
    1: Ladder(1, (Step(WATCHER, 0), Step(_OFFICER, HOUR)), repeats=0, taken_for_s=8 * HOUR),
    2: Ladder(
        2,
        (
            Step(WATCHER, 0),
            Step(_OFFICER, 15 * MINUTE),
            Step(_COMMUNICATIONS, 30 * MINUTE),
            Step(_HEAD, 60 * MINUTE),
        ),
        repeats=1,
        taken_for_s=4 * HOUR,
    ),
    3: Ladder(
        3,
        (
            Step(WATCHER, 0),
            Step(_OFFICER, 0),
            Step(_BACKUP, 5 * MINUTE),
            Step(_HEAD, 15 * MINUTE),
            Step(_CRISIS, 30 * MINUTE),
        ),
        repeats=3,
        taken_for_s=HOUR,
    ),
    4: Ladder(
        4,
        (
            Step(WATCHER, 0),
            Step(_OFFICER, 0),
            Step(_COMMUNICATIONS, 0),
            Step(_HEAD, 0),
            Step(_CRISIS, 0),
            Step(_BACKUP, 5 * MINUTE),
            Step(_HEAD, 15 * MINUTE),
            Step(_CRISIS, 15 * MINUTE),
        ),
        repeats=3,
        taken_for_s=30 * MINUTE,
    ),
}
"""What a new desk begins with. Rows that a lead may edit; these hold where a row is lacking."""


def climb(ladder: Ladder, *, has_watcher: bool, first: str = "") -> list[dict[str, Any]]:
    """Every step of an alarm in its order, repeats written out, as plain JSON for the escalation.

    Without a watcher who must be told (nobody keeps watch, or it was the watcher who said so) whoever
    comes next is called at once. `first` is called before all others.
    """
    steps = list(ladder.steps) if has_watcher else _without_watcher(ladder.steps)
    if first:
        steps = [Step(first, 0), *steps]
    every_s = _period_s(steps)
    written = [
        replace(step, after_s=step.after_s + n * every_s, climb=n)
        for n in range(ladder.repeats + 1)
        for step in steps
    ]
    if ladder.level == 3:
        written.append(Step(PROPOSE, CRISIS_AFTER_S))
    last_s = max(every_s * (ladder.repeats + 1), *(step.after_s for step in written))
    written = [*sorted(written, key=lambda step: step.after_s), Step(EVERYBODY, last_s)]
    return [step.to_json() for step in written]


def may_come_early(ladder: Sequence[Mapping[str, Any]], n: int) -> bool:
    """Whether step `n` of a ladder that was written out may follow at once on one that reached nobody.

    The next climb keeps its time, so that who comes on duty later is still called; so do the steps we add.
    """
    if not 0 < n < len(ladder) or ladder[n]["who"] in (PROPOSE, EVERYBODY):
        return False
    same: bool = ladder[n].get("climb", 0) == ladder[n - 1].get("climb", 0)
    return same


def _without_watcher(steps: Sequence[Step]) -> list[Step]:
    others = [step for step in steps if step.who != WATCHER]
    return [replace(others[0], after_s=0), *others[1:]] if others else [Step(Function.OFFICER.value, 0)]


def _period_s(steps: Sequence[Step]) -> int:
    """From one climb to the next: the last wait of the ladder comes once more after its end."""
    times = sorted({step.after_s for step in steps})
    wait_s = times[-1] - times[-2] if len(times) > 1 else SHORTEST_WAIT_S
    return times[-1] + wait_s
