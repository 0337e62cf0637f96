"""Incidents: scripted or recorded posts in a file, and the clock that a source plays them by."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitoring.connectors.base import Kind, Rejected, SourceConfig
from monitoring.connectors.errors import Refused, Unavailable
from monitoring.connectors.plain import clean
from monitoring.connectors.shape import reason_of

INCIDENTS = Path(__file__).parent / "incidents"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an incident."""

    id: str
    at_s: float
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """An incident with the clock of one source."""

    source_id: int
    name: str
    run: str
    started_at: datetime
    speed: float
    events: tuple[Event, ...]
    rejected: tuple[Rejected, ...]

    def time_of(self, event: Event) -> datetime:
        return self.started_at + timedelta(seconds=event.at_s / self.speed)

    def canonical_id(self, event_id: str) -> str:
        return f"{self.source_id}:{self.run}:{event_id}" if event_id else ""

    def due(self, now: datetime) -> tuple[Event, ...]:
        return tuple(event for event in self.events if self.time_of(event) <= now)


def load(source: SourceConfig) -> Run:
    """The incident and clock of a source.

    Raises Refused for settings that cannot work, Unavailable for a file that is no incident.
    """
    settings = source.settings
    path = _path(settings)
    events, rejected = _read(path)
    return Run(
        source_id=source.id,
        name=path.stem,
        run=str(settings.get("run", 1)),
        started_at=_started_at(settings),
        speed=_speed(settings),
        events=events,
        rejected=rejected,
    )


def _path(settings: Mapping[str, Any]) -> Path:
    """The file to play."""
    if settings.get("path"):
        path = Path(str(settings["path"]))
    else:
        name = str(settings.get("incident", ""))
        if not re.fullmatch(r"[a-z0-9_-]+", name):
            raise Refused(f'"{name}" is not the name of an incident')
        path = INCIDENTS / f"{name}.jsonl"
    if path.suffix != ".jsonl" or not path.is_file():
        raise Refused(f'there is no incident file "{path.name}"')
    return path


def _started_at(settings: Mapping[str, Any]) -> datetime:
    try:
        started_at = datetime.fromisoformat(str(settings["started_at"]))
    except (KeyError, ValueError):
        raise Refused("started_at is not a time such as 2026-11-22T10:00:00+00:00") from None
    return started_at.replace(tzinfo=started_at.tzinfo or UTC).astimezone(UTC)


def _speed(settings: Mapping[str, Any]) -> float:
    try:
        speed = float(settings.get("speed", 1))
    except (TypeError, ValueError):
        speed = math.nan
    if not 0 < speed < math.inf:
        raise Refused("speed is not a number above zero")
    return speed


def _read(path: Path) -> tuple[tuple[Event, ...], tuple[Rejected, ...]]:
    """The events of a file, oldest first, and the lines that are none."""
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        readable = "incident" in json.loads(header)
    except (OSError, ValueError, TypeError):
        readable = False
    if not readable:
        raise Unavailable(f'"{path.name}" does not begin with the header of an incident')
    events, rejected = [], []
    for line in filter(str.strip, lines):
        try:
            fields = json.loads(line)
            Kind(fields.get("kind", Kind.POST))
            events.append(Event(str(fields["id"]), float(fields["at_s"]), fields | {"text": fields["text"]}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            rejected.append(Rejected(raw=clean(line), reason=reason_of(error)))
    return tuple(sorted(events, key=lambda event: event.at_s)), tuple(rejected)
