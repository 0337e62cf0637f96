"""Incidents: scripted or recorded posts in a file, and the clock that a source plays them by."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitoring.connectors import storyclock
from monitoring.connectors.base import Kind, Rejected, SourceConfig
from monitoring.connectors.errors import Refused, Unavailable
from monitoring.connectors.plain import clean
from monitoring.connectors.shape import reason_of
from monitoring.connectors.storyclock import NEVER, StoryClock

INCIDENTS = Path(__file__).parent / "incidents"
INJECT = "inject"
"""The kind of a line that is no post: it happens to people in an exercise."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an incident."""

    id: str
    at_s: float
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """An incident that ships and says what to listen for, so that it can be an exercise."""

    name: str
    title: Mapping[str, str]
    duration_s: int
    n_injects: int


@dataclass(frozen=True, slots=True)
class Run:
    """An incident with the clock of one source."""

    source_id: int
    name: str
    run: str
    clock: StoryClock
    events: tuple[Event, ...]
    rejected: tuple[Rejected, ...]

    def time_of(self, event: Event) -> datetime:
        return self.clock.moment_of(event.at_s)

    def canonical_id(self, event_id: str) -> str:
        return f"{self.source_id}:{self.run}:{event_id}" if event_id else ""

    def due(self, now: datetime) -> tuple[Event, ...]:
        return tuple(event for event in self.events if self.time_of(event) <= now)

    def next_after(self, n_delivered: int) -> datetime | None:
        """When the next event comes; None when there is none, or the clock stands still before it."""
        if n_delivered >= len(self.events):
            return None
        at = self.time_of(self.events[n_delivered])
        return None if at == NEVER else at


def load(source: SourceConfig) -> Run:
    """The incident and clock of a source.

    Raises Refused for settings that cannot work, Unavailable for a file that is no incident.
    """
    settings = source.settings
    path = file_of(settings)
    events, rejected = _read(path)
    return Run(
        source_id=source.id,
        name=path.stem,
        run=str(settings.get("run", 1)),
        clock=storyclock.read(settings),
        events=events,
        rejected=rejected,
    )


def file_of(settings: Mapping[str, Any]) -> Path:
    """The file that the settings of a source name. Raises Refused when there is none."""
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


def header_of(path: Path) -> dict[str, Any]:
    """The first line of an incident: its name, title, words to listen for. Raises Unavailable."""
    try:
        with path.open(encoding="utf-8") as file:
            header = json.loads(file.readline())
        if "incident" in header:
            return dict(header)
    except (OSError, ValueError, TypeError):
        pass
    raise Unavailable(f'"{path.name}" does not begin with the header of an incident')


def shipped() -> list[Story]:
    """The incidents that ship and can be an exercise, by name."""
    headers = [(path, header_of(path)) for path in sorted(INCIDENTS.glob("*.jsonl"))]
    return [
        Story(path.stem, header["title"], int(header["duration_s"]), len(injects_of(path)))
        for path, header in headers
        if header.get("terms")
    ]


def injects_of(path: Path) -> list[dict[str, Any]]:
    """What happens beside the posts, as it stands in the file (docs/exercise.md), oldest first."""
    injects = [line for line in _lines(path) if isinstance(line, dict) and line.get("kind") == INJECT]
    return sorted(injects, key=lambda line: float(line.get("at_s", 0)))


def expected_of(path: Path) -> dict[str, Event]:
    """The posts of an incident by their number, with how their writer meant them to be judged."""
    header_of(path)
    return {event.id: event for event in _read(path)[0]}


def _lines(path: Path) -> list[Any]:
    """Every line after the header that is JSON."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


def _read(path: Path) -> tuple[tuple[Event, ...], tuple[Rejected, ...]]:
    """The posts of a file, oldest first, and the lines that are none."""
    header_of(path)
    events, rejected = [], []
    for line in filter(str.strip, path.read_text(encoding="utf-8").splitlines()[1:]):
        try:
            fields = json.loads(line)
            if fields.get("kind") == INJECT:
                continue
            Kind(fields.get("kind", Kind.POST))
            events.append(Event(str(fields["id"]), float(fields["at_s"]), fields | {"text": fields["text"]}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            rejected.append(Rejected(raw=clean(line), reason=reason_of(error)))
    return tuple(sorted(events, key=lambda event: event.at_s)), tuple(rejected)
