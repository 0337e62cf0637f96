"""What one entry of a platform must be, and what is wrong with it in words that people understand. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import clean

WRONG_SHAPE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)
"""What reading an entry can raise that is not what its platform promises."""

_LONGEST = 60
_NAME = re.compile(r"'[\w./:-]{1,60}'")  # of a field, as a KeyError shows it
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (json.JSONDecodeError, "it is no JSON"),
    (LookupError, "a part of it is missing"),
    (RecursionError, "it is nested too deep"),
    (OverflowError, "a number in it is too large"),
    (ValueError, "a value in it cannot be read"),
    (TypeError, "a part of it is of another kind than it should be"),
    (AttributeError, "a part of it is of another kind than it should be"),
)


class Fault(ValueError):
    """An entry that cannot be used; it says what is wrong, such as "it has no author"."""


def reason_of(error: Exception) -> str:
    """What is wrong with an entry, for whoever reads the list of what was set aside; never code."""
    if isinstance(error, Fault | Unreadable):
        return clean(error.reason if isinstance(error, Unreadable) else str(error))[:500]
    if isinstance(error, KeyError) and _NAME.fullmatch(str(error)):
        return f"it has no {error}".replace("'", '"')
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "it cannot be read")


def time_in(entry: Mapping[str, Any], name: str) -> datetime:
    """The ISO time under `name`, in UTC. Raises Fault."""
    told = entry.get(name)
    if told in (None, ""):
        raise Fault("it has no date")
    try:
        stated = datetime.fromisoformat(str(told))
        return stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Fault(f"its date cannot be read{shown(told)}") from None


def text_of(told: Any, what: str = "text") -> str:
    """A text, "" for none. Raises Fault for anything else, which would be stored as it looks in code."""
    if told is None:
        return ""
    if not isinstance(told, str):
        raise Fault(f"its {what} is no text")
    return told


def part_of(told: Any, otherwise: str) -> Mapping[str, Any]:
    """A part with fields of its own. Raises Fault with the words `otherwise` for anything else."""
    if not isinstance(told, Mapping):
        raise Fault(otherwise)
    return told


def shown(told: Any) -> str:
    """What was found instead, as the end of a sentence; "" for what only programs can read."""
    found = str(told) if isinstance(told, str | int | float) and not isinstance(told, bool) else ""
    return f": {clean(found)[:_LONGEST]}" if found.strip() else ""
