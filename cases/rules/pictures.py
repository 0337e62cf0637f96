"""Environment pictures as what they hold: how two of them differ, and what is sealed. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

FORMAT = 1
"""Of the content, and part of what is sealed: a later one can be told from this one."""

Content = Mapping[str, Any]

FIGURES = ("posts", "people", "last_hour", "topics", "open", "unread", "answered", "alarms")
"""What the first lines of a picture say, each beside what it was."""


def digest(
    *, situation: int, n: int, cutoff_at: datetime, content: Content, advice: Sequence[str], signed: str
) -> str:
    """SHA-256 over everything that a signature stands for; `signed` says by whom and when."""
    said = [FORMAT, situation, n, cutoff_at.astimezone(UTC).isoformat(), content, list(advice), signed]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changes(before: Content | None, now: Content) -> dict[str, Any]:
    """What is other than in the picture before; {} for the first one."""
    if before is None:
        return {}
    return {
        "figures": {name: before["figures"].get(name) for name in FIGURES},
        "topics": _topics(before["topics"], now["topics"]),
        "claims": _claims(before["claims"], now["claims"]),
    }


def _topics(before: Content, now: Content) -> dict[str, Any]:
    """Only the topics that a picture shows are compared: one may go because others grew past it."""
    were, are = ({row["case"]: row for row in each["rows"]} for each in (before, now))
    return {
        "new": [number for number in are if number not in were],
        "gone": [
            {"case": each["case"], "text": each["text"]} for each in were.values() if each["case"] not in are
        ],
    }


def _claims(before: Sequence[Content], now: Sequence[Content]) -> dict[str, Any]:
    were, are = ({row["id"]: row for row in each} for each in (before, now))
    return {
        "new": [number for number in are if number not in were],
        "gone": [
            {"id": number, "statement": each["statement"]}
            for number, each in were.items()
            if number not in are
        ],
        "changed": [
            {"id": number, "from": were[number]["status"], "to": each["status"]}
            for number, each in are.items()
            if number in were and were[number]["status"] != each["status"]
        ],
    }
