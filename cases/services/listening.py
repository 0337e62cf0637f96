"""What is listened for: a query is started with its grounds, or not at all, and changed in the open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Notification, User
from cases.rules.permissions import MAY, Need
from cases.services import audit, notifications
from monitoring.models import Query, Source
from monitoring.queries.language import parse

LONGEST = timedelta(days=366)
"""A query ends within a year: whoever wants it longer looks at it again (docs/decisions)."""

DECIDED_ON = frozenset({"terms", "purpose", "legal basis", "on a person"})
"""What the privacy officer decided on, with the end date: changed, or longer, it waits for them again."""


class QueryRefused(Exception):
    """A query that may not exist: what is missing or wrong, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class QueryChanged(Exception):
    """Somebody changed the query after it was shown."""

    def __init__(self, query_id: int) -> None:
        super().__init__(query_id)
        self.query_id = query_id

    def __str__(self) -> str:
        return _("This query was changed after you opened it. Look again, then decide.")


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
    is_on_person: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the privacy officer decides, why, and what they saw when they did (`Query.edition`)."""

    is_approved: bool
    reason: str
    seen: str


def start_query(plan: QueryPlan, *, owner: User, by: User, now: datetime) -> Query:
    """Start listening for the terms of a plan; one on a person waits for the privacy officer.

    Raises BadQuery, or QueryRefused for missing grounds.
    """
    _check(plan, now=now)
    with transaction.atomic():
        _check_name(plan.name)
        query = Query.objects.create(
            name=plan.name,
            terms=plan.terms,
            purpose=plan.purpose,
            legal_basis=plan.legal_basis,
            owner=owner,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            is_on_person=plan.is_on_person,
            created_at=now,
        )
        query.sources.set(Source.objects.filter(pk__in=plan.source_ids))
        _make_due(query.sources.all(), now=now)
        audit.append(_subject(query), "query started", by=by, now=now, facts=_facts(query))
        if query.is_on_person:
            _ask_approval(query, by=by, now=now)
    return query


def change_query(query_id: int, plan: QueryPlan, *, owner: User, by: User, now: datetime, seen: str) -> Query:
    """Change a running query, with what it was and is in the trail; other words are read anew.

    One on a person stays so, and waits again when anything changed that was decided on. Raises as
    `start_query`, and QueryChanged when the query is not the one that was `seen`.
    """
    _check(plan, now=now)
    with transaction.atomic():
        query = _held(query_id, seen)
        if query.ends_at <= now:
            raise QueryRefused(_("This query has ended. Start a new one if it is still needed."))
        if plan.name != query.name:
            _check_name(plan.name)
        was_until = query.ends_at
        changed = _apply(plan, query, owner=owner, now=now)
        if not changed:
            return query
        if {"until", "owner"} & changed.keys():
            query.warned_at = None  # another end, or somebody else to tell it
        is_longer = query.ends_at > was_until
        waits = query.is_on_person and (is_longer or bool(DECIDED_ON & changed.keys()))
        if waits:
            query.approved_by = query.approved_at = query.refused_at = None
            query.decision_reason = ""
        query.save()
        audit.append(_subject(query), "query changed", by=by, now=now, facts=changed)
        if waits:
            _ask_approval(query, by=by, now=now)
    return query


def _apply(plan: QueryPlan, query: Query, *, owner: User, now: datetime) -> dict[str, Any]:
    """Put a plan into a query, not yet saved; what changed, as it was and as it is."""
    before = _facts(query)
    query.name, query.terms, query.purpose = plan.name, plan.terms, plan.purpose
    query.legal_basis, query.owner, query.ends_at = plan.legal_basis, owner, plan.ends_at
    query.is_on_person = query.is_on_person or plan.is_on_person
    query.sources.set(Source.objects.filter(pk__in=plan.source_ids))
    changed = {
        name: {"before": before[name], "after": value}
        for name, value in _facts(query).items()
        if value != before[name]
    }
    if changed:
        _make_due(query.sources.all(), now=now)
    return changed


def decide_query(query_id: int, verdict: Verdict, *, by: User, now: datetime) -> Query:
    """Approve or refuse listening for a person; a decision can be taken back by the other one.

    Raises QueryRefused for the owner's own query, without a reason, or when there is nothing to
    decide; QueryChanged when the query is not the one that was seen.
    """
    reason = verdict.reason.strip()[:500]
    with transaction.atomic():
        query = _held(query_id, verdict.seen)
        if query.owner_id == by.pk:
            raise QueryRefused(_("You own this query; somebody else decides on it."))
        decided = query.approved_at if verdict.is_approved else query.refused_at
        if not query.is_on_person or query.ends_at <= now or decided:
            raise QueryRefused(_("There is nothing to decide about this query now."))
        if not reason:
            raise QueryRefused(_("Give the reason for your decision."))
        query.approved_by = by if verdict.is_approved else None
        query.approved_at = now if verdict.is_approved else None
        query.refused_at = None if verdict.is_approved else now
        query.decision_reason = reason
        query.save()
        action = "query approved" if verdict.is_approved else "query refused"
        audit.append(_subject(query), action, by=by, now=now, facts={"reason": reason})
        if verdict.is_approved:
            _make_due(query.sources.all(), now=now)
        facts = {"name": query.name, "by": str(by), "reason": reason, "is_approved": verdict.is_approved}
        _tell([query.owner], Notification.Kind.QUERY_DECIDED, query, facts, now=now)
    return query


def end_query(query_id: int, *, by: User, now: datetime) -> bool:
    """Stop listening from now; the query stays on record. False when it had ended already."""
    with transaction.atomic():
        running = Query.objects.filter(pk=query_id, starts_at__lt=now, ends_at__gt=now)
        if not running.update(ends_at=now, warned_at=now):
            return False
        audit.append(f"query:{query_id}", "query ended", by=by, now=now)
        query = Query.objects.select_related("owner").get(pk=query_id)
        if query.owner_id != by.pk:
            facts = {"name": query.name, "ends_at": now.isoformat(), "is_over": True, "by": str(by)}
            _tell([query.owner], Notification.Kind.QUERY_ENDING, query, facts, now=now)
    return True


def _check(plan: QueryPlan, *, now: datetime) -> None:
    """Raises BadQuery for words that cannot be used, QueryRefused for what else is missing or wrong."""
    parse(plan.terms)
    missing = [name for name in ("name", "purpose", "legal_basis") if not getattr(plan, name).strip()]
    if missing:
        raise QueryRefused(_("A query needs a name, a purpose and a legal basis."))
    if plan.ends_at <= max(plan.starts_at, now):
        raise QueryRefused(_("A query needs an end date in the future, after its start."))
    if plan.ends_at > max(plan.starts_at, now) + LONGEST:
        raise QueryRefused(_("A query ends within a year. You can move the end date again later."))


def _check_name(name: str) -> None:
    if Query.objects.filter(name=name).exists():
        raise QueryRefused(_("There is already a query with this name; choose another name."))


def _held(query_id: int, seen: str) -> Query:
    """The query, its row held, as it was seen. Raises QueryChanged."""
    query = Query.objects.select_for_update(of=("self",)).select_related("owner").get(pk=query_id)
    if query.edition != seen:
        raise QueryChanged(query_id)
    return query


def _make_due(sources: QuerySet[Source], *, now: datetime) -> None:
    # At once, also where a source had nothing to read; a platform that asked us to wait is not pressed.
    sources.exclude(health=Source.Health.LIMITED).update(next_poll_at=now)


def _ask_approval(query: Query, *, by: User, now: datetime) -> None:
    able = User.objects.filter(is_active=True, role__in=MAY[Need.APPROVE_QUERY])
    facts = {"name": query.name, "by": str(by)}
    _tell(able.exclude(pk=query.owner_id), Notification.Kind.QUERY_WAITS, query, facts, now=now)


def _tell(
    whom: Iterable[User],
    kind: Notification.Kind,
    query: Query,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    notifications.tell(whom, kind, _subject(query), facts=facts, now=now, occasion=now.isoformat())


def _subject(query: Query) -> str:
    return f"query:{query.pk}"


def _facts(query: Query) -> dict[str, Any]:
    """Everything of a query that people decide, for the trail."""
    return {
        "name": query.name,
        "terms": query.terms,
        "purpose": query.purpose,
        "legal basis": query.legal_basis,
        "owner": query.owner_id,
        "until": query.ends_at.astimezone(UTC).isoformat(),
        "on a person": query.is_on_person,
        "sources": sorted(query.sources.values_list("pk", flat=True)),
    }
