"""The clock of a story that is played: its speed can change and it can stand still, and nothing is skipped.

Settings of a source: `started_at` and `speed` for one that runs on, or `clock`, a list of stretches
[moment, second of the story, speed], oldest first. What has been told keeps its time when the speed
changes, and the story goes on from the place where it was.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitoring.connectors.errors import Refused

NEVER = datetime.max.replace(tzinfo=UTC)
"""When something happens that lies ahead while the clock stands still."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `at` on, where the story is at second `story_s`, it runs `speed` times as fast; 0: it waits."""

    at: datetime
    story_s: float
    speed: float


@dataclass(frozen=True, slots=True)
class StoryClock:
    """Stretches, oldest first, at least one; the first reaches back without end and never stands still."""

    stretches: tuple[Stretch, ...]

    @property
    def speed(self) -> float:
        """How fast the story runs now; 0: it stands still."""
        return self.stretches[-1].speed

    def place_at(self, now: datetime) -> float:
        """The second of the story at a moment."""
        past = [stretch for stretch in self.stretches if stretch.at <= now]
        stretch = past[-1] if past else self.stretches[0]
        return stretch.story_s + (now - stretch.at).total_seconds() * stretch.speed

    def moment_of(self, at_s: float) -> datetime:
        """When a second of the story was or will be; NEVER as long as the clock stands still before it."""
        ends = [stretch.story_s for stretch in self.stretches[1:]]
        for stretch, end_s in zip(self.stretches, [*ends, math.inf], strict=True):
            if at_s <= end_s and stretch.speed > 0:
                return stretch.at + timedelta(seconds=(at_s - stretch.story_s) / stretch.speed)
        return NEVER

    def changed(self, speed: float, *, now: datetime) -> "StoryClock":
        """The same clock, from `now` on at another speed and at the same place in the story."""
        kept = tuple(stretch for stretch in self.stretches[1:] if stretch.at < now)
        return StoryClock((self.stretches[0], *kept, Stretch(now, self.place_at(now), speed)))

    def kept(self) -> list[list[Any]]:
        """As the settings of a source hold it."""
        return [[stretch.at.isoformat(), stretch.story_s, stretch.speed] for stretch in self.stretches]


def waiting(speed: float, *, now: datetime) -> StoryClock:
    """A clock that stands still just before the story; what came earlier has been, `speed` times as fast."""
    return StoryClock((Stretch(now, 0.0, speed), Stretch(now, 0.0, 0.0)))


def read(settings: Mapping[str, Any]) -> StoryClock:
    """The clock in the settings of a source. Raises Refused for one that cannot run."""
    if not settings.get("clock"):
        return StoryClock((Stretch(_moment(settings.get("started_at")), 0.0, _speed(settings)),))
    try:
        stretches = tuple(
            Stretch(_moment(at), float(story_s), float(speed)) for at, story_s, speed in settings["clock"]
        )
    except (TypeError, ValueError):
        raise Refused("clock is not a list of [moment, second of the story, speed]") from None
    if not stretches[0].speed > 0 or not all(0 <= each.speed < math.inf for each in stretches):
        raise Refused("a speed of the clock is below zero, or its first one is zero")
    return StoryClock(stretches)


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused("started_at is not a time such as 2026-11-22T10:00:00+00:00") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _speed(settings: Mapping[str, Any]) -> float:
    try:
        speed = float(settings.get("speed", 1))
    except (TypeError, ValueError):
        speed = math.nan
    if not 0 < speed < math.inf:
        raise Refused("speed is not a number above zero")
    return speed
