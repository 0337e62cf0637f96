"""Who is told of an alarm, in which order and how soon after each other: ladders as data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MINUTE = 60

SAID_WORSE = "person says worse"
"""The cause of an alarm that whoever keeps watch raised by hand."""


class Function(StrEnum):
    """What a duty post answers for on a ladder, in the order in which alarms climb."""

    OFFICER = "officer"
    BACKUP = "backup"
    COMMUNICATIONS = "communications"
    HEAD = "head"
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Step:
    """`who` is "watcher", "officers" or "leads"; `after_s` counts from the moment of the alarm."""

    who: str
    after_s: int
    channels: tuple[str, ...] = ("in-app", "email")


_L2 = (
    Step("watcher", 0),
    Step("officers", 15 * MINUTE),
    Step("leads", 60 * MINUTE),
    Step("officers", 75 * MINUTE),
    Step("leads", 120 * MINUTE),
)
_L3 = (
    Step("watcher", 0),
    Step("officers", 0),
    Step("leads", 5 * MINUTE),
    Step("officers", 15 * MINUTE),
    Step("leads", 30 * MINUTE),
    Step("officers", 45 * MINUTE),
    Step("leads", 60 * MINUTE),
)

LADDERS: Mapping[int, tuple[Step, ...]] = {1: _L2, 2: _L2, 3: _L3, 4: _L3}
"""By level. A ladder is copied into the escalation: editing this changes later alarms only."""

_SAID_L2 = (Step("officers", 0), *_L2[1:])
SAID: Mapping[int, tuple[Step, ...]] = {1: _SAID_L2, 2: _SAID_L2, 3: _L3[1:], 4: _L3[1:]}
"""When the watcher says so: the watcher need not be told, the officers must be, at once."""


def snapshot(level: int, cause: str = "") -> list[dict[str, Any]]:
    """The ladder of a level, for this cause, as plain JSON."""
    steps = (SAID if cause == SAID_WORSE else LADDERS)[level]
    return [asdict(step) | {"channels": list(step.channels)} for step in steps]
