"""The directories of exercises: what lies where, and which incidents ship."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.exercise.check import NotPlayable
from monitoring.connectors.incident import INCIDENTS, header_of, injects_of

DESK, STORY, OUTBOX, SCORE = "desk.json", "incident.jsonl", "sent-replies", "score.json"


@dataclass(frozen=True, slots=True)
class Story:
    """An incident that can be played."""

    name: str
    title: dict[str, str]
    duration_s: int
    n_injects: int


def story_of(asked: str, here: Path) -> Path:
    """The file of an incident: a shipped one by its name, or a path. Raises NotPlayable."""
    shipped = INCIDENTS / f"{asked}.jsonl"
    path = shipped if "/" not in asked and shipped.is_file() else (here / asked).resolve()
    if path.suffix != ".jsonl" or not path.is_file():
        names = ", ".join(story.name for story in shipped_stories())
        raise NotPlayable(f'There is no incident "{asked}". These ship: {names}; or name a .jsonl file.')
    return path


def shipped_stories() -> list[Story]:
    """The incidents that ship and say what to listen for."""
    found = []
    for path in sorted(INCIDENTS.glob("*.jsonl")):
        header: dict[str, Any] = header_of(path)
        if header.get("terms"):
            found.append(Story(path.stem, header["title"], int(header["duration_s"]), len(injects_of(path))))
    return found
