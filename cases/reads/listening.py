"""What the organisation listens for: its queries with their grounds, and the sources they can ask."""

from dataclasses import dataclass
from datetime import datetime

from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Query, Source

LEGAL_BASES = [str(basis) for basis in Query.LegalBasis.values]


@dataclass(frozen=True, slots=True)
class QueryLine:
    """One query. `state`: active, ended or not yet."""

    query: Query
    state: str
    sources: list[str]


def queries(*, now: datetime) -> list[QueryLine]:
    found = Query.objects.select_related("owner").prefetch_related("sources").order_by("-ends_at", "name")
    return [
        QueryLine(query, _query_state(query, now=now), [source.name for source in query.sources.all()])
        for query in found
    ]


def pollable_sources() -> list[Source]:
    """Sources that a query can ask."""
    return list(Source.objects.filter(is_enabled=True, connector__in=CONNECTORS).order_by("name"))


def _query_state(query: Query, *, now: datetime) -> str:
    if query.ends_at <= now:
        return "ended"
    return "active" if query.starts_at <= now else "not yet"
