"""What is listened for: a query is started with its grounds, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import User
from cases.services import audit
from monitoring.models import Query, Source
from monitoring.queries.terms import parse


class QueryRefused(Exception):
    """A query that may not exist: what is missing or wrong, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What is asked for, why that is allowed, who answers for it, and until when."""

    name: str
    terms: str
    purpose: str
    legal_basis: str
    starts_at: datetime
    ends_at: datetime
    source_ids: Sequence[int] = ()


def start_query(plan: QueryPlan, *, owner: User, by: User, now: datetime) -> Query:
    """Start listening for the terms of a plan. Raises BadTerms, or QueryRefused for missing grounds."""
    parse(plan.terms)
    missing = [name for name in ("name", "purpose", "legal_basis") if not getattr(plan, name).strip()]
    if missing:
        raise QueryRefused(_("A query needs a name, a purpose and a legal basis."))
    if plan.ends_at <= max(plan.starts_at, now):
        raise QueryRefused(_("A query needs an end date in the future, after its start."))
    with transaction.atomic():
        if Query.objects.filter(name=plan.name).exists():
            raise QueryRefused(_("There is already a query with this name; choose another name."))
        query = Query.objects.create(
            name=plan.name,
            terms=plan.terms,
            purpose=plan.purpose,
            legal_basis=plan.legal_basis,
            owner=owner,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            created_at=now,
        )
        asked = Source.objects.filter(pk__in=plan.source_ids)
        query.sources.set(asked)
        # At once, also where a source had nothing to read; a platform that asked us to wait is not pressed.
        asked.exclude(health=Source.Health.LIMITED).update(next_poll_at=now)
        facts = {"terms": plan.terms, "purpose": plan.purpose, "until": plan.ends_at.isoformat()}
        audit.append(f"query:{query.pk}", "query started", by=by, now=now, facts=facts)
    return query


def end_query(query_id: int, *, by: User, now: datetime) -> bool:
    """Stop listening from now; the query stays on record. False when it had ended already."""
    with transaction.atomic():
        running = Query.objects.filter(pk=query_id, starts_at__lt=now, ends_at__gt=now)
        if not running.update(ends_at=now):
            return False
        audit.append(f"query:{query_id}", "query ended", by=by, now=now)
    return True
