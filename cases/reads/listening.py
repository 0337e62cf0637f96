"""What the organisation listens for: its queries with their grounds, and the sources they can ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.models import AuditEvent, User
from cases.reads.pages import Span
from cases.reads.people import who_may
from cases.rules.permissions import Need
from monitoring import preview as looking
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Query, Source
from monitoring.preview import Preview
from monitoring.queries.language import is_on_person, parse

LEGAL_BASES = [str(basis) for basis in Query.LegalBasis.values]


@dataclass(frozen=True, slots=True)
class QueryLine:
    """One query. `state`: active, ended, not yet, waits (for the privacy officer) or refused."""

    query: Query
    state: str
    sources: list[str]
    source_ids: list[int]


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """One query with what was done with it, newest first; `deciders` may decide when it is on a person."""

    query: Query
    state: str
    sources: list[Source]
    history: list[AuditEvent]
    deciders: list[User]


def queries(*, now: datetime) -> list[QueryLine]:
    """All queries: those that wait for a decision first, then those that run longest."""
    found = Query.objects.select_related("owner").prefetch_related("sources").order_by("-ends_at", "name")
    lines = [query_line(query, now=now) for query in found]
    return sorted(lines, key=lambda line: line.state != "waits")


def queries_page(span: Span, *, now: datetime) -> tuple[list[QueryLine], int | None]:
    """A page of queries, newest number first, and the number below which the next one starts."""
    found = Query.objects.select_related("owner", "approved_by").prefetch_related("sources").order_by("-pk")
    if span.before is not None:
        found = found.filter(pk__lt=span.before)
    lines = [query_line(query, now=now) for query in found[: span.limit + 1]]
    rows = lines[: span.limit]
    return rows, rows[-1].query.pk if len(lines) > span.limit else None


def query_record(query: Query, *, now: datetime) -> QueryRecord:
    """`query` comes from `access.query_for`."""
    history = AuditEvent.objects.filter(subject=f"query:{query.pk}").order_by("-seq")[:50]
    return QueryRecord(
        query,
        query_state(query, now=now),
        list(query.sources.order_by("name")),
        list(history),
        [person for person in who_may(Need.APPROVE_QUERY) if person.pk != query.owner_id],
    )


def query_state(query: Query, *, now: datetime) -> str:
    if query.ends_at <= now:
        return "ended"
    if query.refused_at:
        return "refused"
    if query.is_on_person and not query.approved_at:
        return "waits"
    return "active" if query.starts_at <= now else "not yet"


def pollable_sources(*, beside: Sequence[Source] = ()) -> list[Source]:
    """Sources that a query can ask, and those that it has: a source that is off stays with its query."""
    can = Q(is_enabled=True, connector__in=CONNECTORS) & ~Q(connector="import")
    has = Q(pk__in=[source.pk for source in beside])
    return list(Source.objects.filter(can | has).order_by("name"))


def names_account(terms: str) -> bool:
    """Whether a query names an account, so that it may be about a person. Raises BadQuery."""
    return is_on_person(parse(terms))


def preview(terms: str, source_ids: Sequence[int], *, now: datetime, may_pay: bool = False) -> Preview:
    """What a query would bring from these sources, asked now and not kept. Raises BadQuery."""
    query = parse(terms)
    chosen = Source.objects.filter(pk__in=source_ids, is_enabled=True).select_related("credential")
    return looking.preview(query, list(chosen.order_by("name")), now=now, may_pay=may_pay)


def query_line(query: Query, *, now: datetime) -> QueryLine:
    asked = sorted(query.sources.all(), key=lambda source: source.name)
    ids = [source.pk for source in asked]
    return QueryLine(query, query_state(query, now=now), [source.name for source in asked], ids)
