"""Listening begins with its grounds, ends when asked, and both are on record."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent
from cases.services import audit, listening
from cases.services.listening import QueryPlan, QueryRefused
from monitoring.models import Query, Source
from monitoring.polling import due_sources
from monitoring.queries.language import BadQuery
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def wanted(desk: Desk, noon: datetime) -> QueryPlan:
    return QueryPlan(
        name="the quay",
        terms="kade, haven",
        purpose="answer questions about the quay",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        starts_at=noon,
        ends_at=noon + timedelta(days=14),
        source_ids=[desk.source.pk],
    )


def test_a_query_starts_with_its_grounds_its_owner_and_its_end(
    wanted: QueryPlan, desk: Desk, noon: datetime
) -> None:
    query = listening.start_query(wanted, owner=desk.lead, by=desk.officer, now=noon)
    assert (query.purpose, query.owner, query.ends_at) == (wanted.purpose, desk.lead, wanted.ends_at)
    assert list(query.sources.all()) == [desk.source]
    event = AuditEvent.objects.get(subject=f"query:{query.pk}")
    assert (event.action, event.actor_name) == ("query started", "Sanne")
    assert event.facts["purpose"] == wanted.purpose


def test_the_sources_of_a_new_query_are_asked_at_once(wanted: QueryPlan, desk: Desk, noon: datetime) -> None:
    Source.objects.update(next_poll_at=noon + timedelta(days=1))
    listening.start_query(wanted, owner=desk.lead, by=desk.lead, now=noon)
    assert due_sources(now=noon) == [desk.source.pk]


def test_a_new_query_does_not_press_a_platform_that_asked_us_to_wait(
    wanted: QueryPlan, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(next_poll_at=noon + timedelta(minutes=15), health="limited")
    listening.start_query(wanted, owner=desk.lead, by=desk.lead, now=noon)
    assert due_sources(now=noon) == []


@pytest.mark.parametrize("missing", ["name", "purpose", "legal_basis"])
def test_a_query_without_its_grounds_is_refused_in_a_sentence(
    missing: str, wanted: QueryPlan, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(QueryRefused, match="A query needs a name, a purpose and a legal basis"):
        listening.start_query(replace(wanted, **{missing: " "}), owner=desk.lead, by=desk.lead, now=noon)
    assert Query.objects.count() == 1


@pytest.mark.parametrize("days", [0, -1])
def test_a_query_that_has_ended_before_it_begins_is_refused(
    days: int, wanted: QueryPlan, desk: Desk, noon: datetime
) -> None:
    ended = replace(wanted, ends_at=noon + timedelta(days=days))
    with pytest.raises(QueryRefused, match="an end date in the future, after its start"):
        listening.start_query(ended, owner=desk.lead, by=desk.lead, now=noon)


@pytest.mark.parametrize("terms", ["", "  ,", "-only", '"open'])
def test_terms_that_cannot_be_looked_for_are_refused(
    terms: str, wanted: QueryPlan, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(BadQuery):
        listening.start_query(replace(wanted, terms=terms), owner=desk.lead, by=desk.lead, now=noon)


def test_a_name_is_given_once(wanted: QueryPlan, desk: Desk, noon: datetime) -> None:
    with pytest.raises(QueryRefused, match="already a query with this name"):
        taken = replace(wanted, name=desk.query.name)
        listening.start_query(taken, owner=desk.lead, by=desk.lead, now=noon)


def test_listening_stops_when_it_is_ended_and_stays_on_record(desk: Desk, noon: datetime) -> None:
    assert listening.end_query(desk.query.pk, by=desk.lead, now=noon)
    assert not listening.end_query(desk.query.pk, by=desk.lead, now=noon)
    assert Query.objects.get(pk=desk.query.pk).ends_at == noon
    assert AuditEvent.objects.filter(action="query ended").count() == 1
    assert audit.verify() == []
