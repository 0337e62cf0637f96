"""Values as Meta writes them: times, counts, and who wrote something. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitoring.connectors.base import AuthorRef
from monitoring.connectors.plain import author, clean, digest
from monitoring.connectors.shape import Fault, shown, time_in


def moment(value: Any) -> datetime:
    """A time that is ISO with an offset, or seconds since 1970. Raises ValueError and its like."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        raise Fault(f"its date cannot be read{shown(value)}" if value else "it has no date")
    return time_in({"": value}, "")


def text(value: Any) -> str:
    """A text, "" for none. Raises ValueError for what is no text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Fault("its text is no text")
    return clean(value)


def number(value: Any) -> int:
    """A count; a nonsensical one is nothing."""
    return value if isinstance(value, int) and value >= 0 else 0


def total(entry: Mapping[str, Any], name: str) -> int:
    """The count in the summary of an edge within an entry."""
    edge = entry.get(name)
    summary = edge.get("summary") if isinstance(edge, Mapping) else None
    return number(summary.get("total_count")) if isinstance(summary, Mapping) else 0


def identity(value: Any) -> str:
    """An id: digits and underscores. Raises ValueError for anything else."""
    told = str(value)
    if not told or len(told) > 200 or not (told.isascii() and told.replace("_", "").isdigit()):
        raise Fault(f"its id is no number{shown(value)}")
    return told


def person(told: Any) -> AuthorRef | None:
    """Who wrote it; None where Meta does not tell, as it often does not."""
    if not isinstance(told, Mapping):
        return None
    external_id = str(told.get("id") or "")
    name = str(told.get("name") or "")
    handle = str(told.get("username") or name or external_id)
    return author(external_id or handle, handle, name)


def edition(written: str) -> str:
    """A version for platforms that number none: it changes with the text."""
    return digest(written)[:16]
