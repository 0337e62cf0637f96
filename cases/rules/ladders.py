"""Who is told of an alarm, in which order and how soon after each other: ladders as data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MINUTE = 60


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


def snapshot(level: int) -> list[dict[str, Any]]:
    """The ladder of a level as plain JSON."""
    return [asdict(step) | {"channels": list(step.channels)} for step in LADDERS[level]]
