"""The directories of exercises: what lies where, and which file an incident is."""

from pathlib import Path

from config.exercise.check import NotPlayable
from monitoring.connectors.incident import INCIDENTS, shipped

DESK, STORY, OUTBOX = "desk.json", "incident.jsonl", "sent-replies"


def story_of(asked: str, here: Path) -> Path:
    """The file of an incident: a shipped one by its name, or a path. Raises NotPlayable."""
    ours = INCIDENTS / f"{asked}.jsonl"
    path = ours if "/" not in asked and ours.is_file() else (here / asked).resolve()
    if path.suffix != ".jsonl" or not path.is_file():
        names = ", ".join(story.name for story in shipped())
        raise NotPlayable(f'There is no incident "{asked}". These ship: {names}; or name a .jsonl file.')
    return path
