"""What raises the level at once, without counting: danger, a threat, a home address, a call to gather."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

TRIGGER_STANDS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Danger to life, a threat, a home address or a call to gather: by a person's key or by the cue list."""

    kind: str
    at: datetime
    found: str = ""  # the words that matched; "" when a person said so
    post: int | None = None

    def stands(self, *, now: datetime) -> bool:
        """Whether it still gives SERIOUS: for an hour, after which the level falls in its own time."""
        return self.at <= now < self.at + TRIGGER_STANDS

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "at": self.at.isoformat(), "found": self.found, "post": self.post}

    @staticmethod
    def from_json(stored: dict[str, Any]) -> Trigger:
        return Trigger(stored["kind"], datetime.fromisoformat(stored["at"]), stored["found"], stored["post"])


def has_standing(triggers: Collection[Trigger], *, now: datetime) -> bool:
    return any(trigger.stands(now=now) for trigger in triggers)
