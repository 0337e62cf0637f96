"""Queries: started, changed and ended in the open; one on a person only with the privacy officer's word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from cases.models import AuditEvent, Notification, User
from cases.rules.permissions import Role
from cases.services import listening
from cases.services.listening import QueryChanged, QueryPlan, QueryRefused, Verdict
from monitoring.models import Query, Source
from monitoring.queries.language import BadQuery
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = timedelta(days=1)


@pytest.fixture
def plan(desk: Desk, noon: datetime) -> QueryPlan:
    return QueryPlan(
        name="de buurman",
        terms="from:jan_83",
        purpose="weten wat hij over ons zegt",
        legal_basis="public task",
        starts_at=noon,
        ends_at=noon + 30 * DAY,
        source_ids=[desk.source.pk],
        is_on_person=True,
    )


@pytest.fixture
def privacy(desk: Desk) -> User:
    return person("petra", Role.PRIVACY)


@pytest.fixture
def waiting(desk: Desk, plan: QueryPlan, privacy: User, noon: datetime) -> Query:
    """A query on a person, just asked for by the officer."""
    return listening.start_query(plan, owner=desk.officer, by=desk.officer, now=noon)


def change(query: Query, plan: QueryPlan, desk: Desk, now: datetime, **changes: object) -> Query:
    fresh = Query.objects.get(pk=query.pk)
    wanted = replace(plan, **changes)  # type: ignore[arg-type]
    return listening.change_query(
        query.pk, wanted, owner=desk.officer, by=desk.officer, now=now, seen=fresh.edition
    )


def decide(query: Query, by: User, now: datetime, *, yes: bool = True, reason: str = "Nodig.") -> Query:
    seen = Query.objects.get(pk=query.pk).edition
    return listening.decide_query(query.pk, Verdict(yes, reason, seen), by=by, now=now)


def is_listened_for(query: Query, now: datetime) -> bool:
    return Query.objects.listening(now=now).filter(pk=query.pk).exists()


def told(user: User, kind: str) -> int:
    return Notification.objects.filter(recipient=user, kind=kind, channel="in-app").count()


def actions(query: Query) -> list[str]:
    return list(
        AuditEvent.objects.filter(subject=f"query:{query.pk}")
        .order_by("seq")
        .values_list("action", flat=True)
    )


def test_a_query_on_a_person_waits_and_the_privacy_officer_is_told(
    waiting: Query, privacy: User, desk: Desk, noon: datetime
) -> None:
    assert not is_listened_for(waiting, noon)
    assert (told(privacy, "query waits"), told(desk.lead, "query waits")) == (1, 0)


def test_approved_it_is_listened_for_at_once_and_its_owner_is_told(
    waiting: Query, privacy: User, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(next_poll_at=noon + DAY)
    decide(waiting, privacy, noon)
    assert is_listened_for(waiting, noon)
    assert Source.objects.get().next_poll_at == noon
    assert told(desk.officer, "query decided") == 1
    assert actions(waiting) == ["query started", "query approved"]


def test_refused_it_is_not_listened_for_and_the_reason_is_kept(
    waiting: Query, privacy: User, noon: datetime
) -> None:
    decide(waiting, privacy, noon, yes=False, reason="Te veel.")
    waiting.refresh_from_db()
    assert (is_listened_for(waiting, noon), waiting.decision_reason) == (False, "Te veel.")


def test_an_approval_can_be_taken_back_and_a_refusal_as_well(
    waiting: Query, privacy: User, noon: datetime
) -> None:
    decide(waiting, privacy, noon)
    decide(waiting, privacy, noon + DAY, yes=False)
    assert not is_listened_for(waiting, noon + DAY)
    decide(waiting, privacy, noon + 2 * DAY)
    assert is_listened_for(waiting, noon + 2 * DAY)


def test_nobody_decides_on_their_own_query(waiting: Query, privacy: User, noon: datetime) -> None:
    Query.objects.update(owner=privacy)
    with pytest.raises(QueryRefused, match="somebody else decides"):
        decide(waiting, privacy, noon)


def test_a_decision_has_a_reason_and_something_to_decide(
    waiting: Query, privacy: User, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(QueryRefused, match="Give the reason"):
        decide(waiting, privacy, noon, reason="  ")
    with pytest.raises(QueryRefused, match="nothing to decide"):
        decide(desk.query, privacy, noon)
    decide(waiting, privacy, noon)
    with pytest.raises(QueryRefused, match="nothing to decide"):
        decide(waiting, privacy, noon)
    with pytest.raises(QueryRefused, match="nothing to decide"):
        decide(waiting, privacy, noon + 31 * DAY, yes=False)


def test_what_is_approved_is_what_was_seen(
    waiting: Query, plan: QueryPlan, privacy: User, desk: Desk, noon: datetime
) -> None:
    seen = Query.objects.get(pk=waiting.pk).edition
    change(waiting, plan, desk, noon, terms="from:jan_83, from:piet")
    with pytest.raises(QueryChanged):
        listening.decide_query(waiting.pk, Verdict(True, "Nodig.", seen), by=privacy, now=noon)


def test_the_database_refuses_an_approval_without_a_person(waiting: Query, noon: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Query.objects.filter(pk=waiting.pk).update(approved_at=noon)


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": "from:piet"},
        {"purpose": "iets anders"},
        {"legal_basis": "legal duty"},
        {"ends_at": datetime(2026, 6, 1, 12, 0, tzinfo=UTC)},
    ],
    ids=["words", "purpose", "basis", "longer"],
)
def test_an_approved_query_that_is_changed_in_what_was_decided_on_waits_again(
    waiting: Query,
    plan: QueryPlan,
    privacy: User,
    desk: Desk,
    noon: datetime,
    changes: dict[str, object],
) -> None:
    decide(waiting, privacy, noon)
    change(waiting, plan, desk, noon + DAY, **changes)
    assert not is_listened_for(waiting, noon + DAY)
    assert told(privacy, "query waits") == 2


@pytest.mark.parametrize("changes", [{"name": "anders"}, {"source_ids": []}, {"is_on_person": False}])
def test_an_approved_query_that_is_changed_in_anything_else_goes_on(
    waiting: Query,
    plan: QueryPlan,
    privacy: User,
    desk: Desk,
    noon: datetime,
    changes: dict[str, object],
) -> None:
    decide(waiting, privacy, noon)
    change(waiting, plan, desk, noon + DAY, **changes)
    assert is_listened_for(waiting, noon + DAY)
    assert Query.objects.get(pk=waiting.pk).is_on_person


def test_a_shorter_time_needs_no_new_approval_and_warns_anew(
    waiting: Query, plan: QueryPlan, privacy: User, desk: Desk, noon: datetime
) -> None:
    decide(waiting, privacy, noon)
    Query.objects.update(warned_at=noon)
    changed = change(waiting, plan, desk, noon, ends_at=noon + 5 * DAY)
    assert is_listened_for(changed, noon)
    assert changed.warned_at is None


def test_a_new_owner_is_warned_as_well(waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime) -> None:
    Query.objects.update(warned_at=noon)
    seen = Query.objects.get(pk=waiting.pk).edition
    listening.change_query(waiting.pk, plan, owner=desk.lead, by=desk.lead, now=noon, seen=seen)
    assert Query.objects.get(pk=waiting.pk).warned_at is None


def test_a_change_is_in_the_trail_as_it_was_and_as_it_is(
    waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime
) -> None:
    change(waiting, plan, desk, noon, terms="loswal", source_ids=[])
    event = AuditEvent.objects.get(subject=f"query:{waiting.pk}", action="query changed")
    assert event.facts == {
        "terms": {"before": "from:jan_83", "after": "loswal"},
        "sources": {"before": [desk.source.pk], "after": []},
    }


def test_a_form_that_changes_nothing_leaves_no_trace(
    waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime
) -> None:
    change(waiting, plan, desk, noon)
    assert actions(waiting) == ["query started"]


def test_new_words_are_asked_for_at_once(desk: Desk, plan: QueryPlan, noon: datetime) -> None:
    Source.objects.update(next_poll_at=noon + DAY)
    change(desk.query, plan, desk, noon, is_on_person=False)
    assert Source.objects.get().next_poll_at == noon


def test_the_second_of_two_colleagues_is_told_that_the_query_was_changed(
    desk: Desk, plan: QueryPlan, noon: datetime
) -> None:
    seen = Query.objects.get(pk=desk.query.pk).edition
    change(desk.query, plan, desk, noon)
    with pytest.raises(QueryChanged, match="changed after you opened it"):
        listening.change_query(desk.query.pk, plan, owner=desk.lead, by=desk.lead, now=noon, seen=seen)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC)}, "end date in the future"),
        ({"ends_at": datetime(2027, 3, 5, 12, 0, tzinfo=UTC)}, "ends within a year"),
        ({"name": "the organisation"}, "already a query with this name"),
        ({"purpose": " "}, "needs a name, a purpose and a legal basis"),
    ],
    ids=["over", "too long", "same name", "no purpose"],
)
def test_what_may_not_be_started_may_not_be_changed_into(
    waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(QueryRefused, match=sentence):
        change(waiting, plan, desk, noon, **changes)
    with pytest.raises(QueryRefused, match=sentence):
        other = replace(plan, **({"name": "nieuw"} | changes))  # type: ignore[arg-type]
        listening.start_query(other, owner=desk.lead, by=desk.lead, now=noon)


def test_words_that_cannot_be_are_refused_with_their_place(
    waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(BadQuery, match=r"\(character 7\)"):
        change(waiting, plan, desk, noon, terms='brand "open')


def test_an_ended_query_stays_as_it_was(waiting: Query, plan: QueryPlan, desk: Desk, noon: datetime) -> None:
    later = noon + DAY
    assert listening.end_query(waiting.pk, by=desk.lead, now=later)
    assert told(desk.officer, "query ending") == 1
    with pytest.raises(QueryRefused, match="has ended"):
        change(waiting, plan, desk, later + DAY, name="toch weer")


def test_who_stops_their_own_query_needs_no_message_of_it(waiting: Query, desk: Desk, noon: datetime) -> None:
    listening.end_query(waiting.pk, by=desk.officer, now=noon + DAY)
    assert told(desk.officer, "query ending") == 0
