"""What is listened for: a query is started with its grounds, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import User
from cases.services import audit
from monitoring.models import Query, Source
from monitoring.queries.terms import parse

AFRESH: dict[str, Any] = {"health": Source.Health.WAITING, "error": "", "n_failures": 0}
"""How a source stands that has been mended: what went wrong before says nothing any more."""


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


def poll_now(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Make sources due at once; how many were. One that is switched off stays so."""
    return _change_sources(Q(pk__in=source_ids, is_enabled=True), "poll asked", by=by, now=now)


def switch_on(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Poll these sources from now on, as if nothing had gone wrong before; how many were off."""
    off = Q(pk__in=source_ids, is_enabled=False)
    return _change_sources(off, "source switched on", by=by, now=now, is_enabled=True, **AFRESH)


def switch_off(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Poll these sources no more; what they brought stays. How many were on, or had ended unasked."""
    on = Q(pk__in=source_ids) & (Q(is_enabled=True) | Q(health=Source.Health.ENDED))
    changes = {"is_enabled": False, "health": Source.Health.WAITING}
    return _change_sources(on, "source switched off", by=by, now=now, **changes)


def _change_sources(which: Q, action: str, *, by: User, now: datetime, **changes: Any) -> int:
    with transaction.atomic():
        ids = list(
            Source.objects.select_for_update().filter(which).order_by("pk").values_list("pk", flat=True)
        )
        Source.objects.filter(pk__in=ids).update(next_poll_at=now, **changes)
        for pk in ids:
            audit.append(f"source:{pk}", action, by=by, now=now)
    return len(ids)
