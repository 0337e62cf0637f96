"""The audit trail refuses changes, and shows those that were made all the same."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from cases.models import AuditCheckpoint, AuditEvent
from cases.rules.chain import event_hash
from cases.services import audit
from tests.trail import TRAIL, open_trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(noon: datetime) -> list[AuditEvent]:
    """Three events of one case and one of another."""
    told = [
        audit.append(subject, action, by=None, now=noon + timedelta(minutes=n), facts={"n": n})
        for n, (subject, action) in enumerate(
            [("case:1", "opened"), ("case:1", "answered"), ("case:1", "moved"), ("case:2", "opened")]
        )
    ]
    assert audit.verify() == []
    return told


def found() -> list[tuple[str, int, str]]:
    return [(finding.subject, finding.seq, finding.what) for finding in audit.verify()]


@pytest.mark.parametrize("table", TRAIL)
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = 'forged'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_trail(
    table: str, statement: str, events: list[AuditEvent], noon: datetime
) -> None:
    audit.checkpoint(now=noon)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table))
    assert AuditEvent.objects.count() == 4
    assert AuditCheckpoint.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.parametrize("table", TRAIL)
def test_postgresql_refuses_to_empty_the_trail(table: str, events: list[AuditEvent]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table}")


def test_two_events_with_one_number_are_refused(events: list[AuditEvent]) -> None:
    again = AuditEvent.objects.get(pk=events[0].pk)
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "closed"},
        {"result": "refused"},
        {"origin": "web"},
        {"actor_name": "Somebody"},
        {"actor_id": 7},
        {"facts": {"n": 8}},
        {"at": datetime.fromisoformat("2026-03-02T12:00:00.000001+00:00")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_found(change: dict[str, object], events: list[AuditEvent]) -> None:
    with open_trail():
        AuditEvent.objects.filter(pk=events[1].pk).update(**change)
    assert found() == [("case:1", 2, "was changed after it was written")]


def test_an_event_rewritten_with_a_fitting_hash_breaks_the_next_one(events: list[AuditEvent]) -> None:
    forged = events[1]
    forged.facts = {"n": 9}
    forged.hash = event_hash(forged)
    with open_trail():
        forged.save()
    assert found() == [("case:1", 3, "does not follow the event before it")]


def test_a_removed_event_is_found(events: list[AuditEvent]) -> None:
    with open_trail():
        AuditEvent.objects.filter(pk=events[1].pk).delete()
    assert found() == [("case:1", 3, "event 2 is missing")]


def test_a_removed_first_event_is_found(events: list[AuditEvent]) -> None:
    with open_trail():
        AuditEvent.objects.filter(pk=events[0].pk).delete()
    assert found() == [("case:1", 2, "event 1 is missing")]


def test_events_that_changed_places_are_found(events: list[AuditEvent]) -> None:
    with open_trail():
        for seq, event in [(9, events[1]), (2, events[2]), (3, events[1])]:
            AuditEvent.objects.filter(pk=event.pk).update(seq=seq)
    assert {(subject, seq) for subject, seq, _ in found()} == {("case:1", 2), ("case:1", 3)}


def test_a_cut_off_end_is_found_by_the_checkpoint(events: list[AuditEvent], noon: datetime) -> None:
    point = audit.checkpoint(now=noon)
    assert point is not None
    with open_trail():
        AuditEvent.objects.filter(pk=events[2].pk).delete()
    what = f"is not what checkpoint:{point.pk} saw: cut off, removed or rewritten"
    assert found() == [("case:1", 3, what)]


def test_a_whole_case_that_was_removed_is_found_by_the_checkpoint(
    events: list[AuditEvent], noon: datetime
) -> None:
    audit.checkpoint(now=noon)
    with open_trail():
        AuditEvent.objects.filter(subject="case:2").delete()
    assert [(subject, seq) for subject, seq, _ in found()] == [("case:2", 1)]


def test_a_changed_checkpoint_is_found(events: list[AuditEvent], noon: datetime) -> None:
    point = audit.checkpoint(now=noon)
    assert point is not None
    with open_trail():
        AuditCheckpoint.objects.update(at=noon + timedelta(days=1))
    assert found() == [(f"checkpoint:{point.pk}", point.pk, "was changed after it was written")]


def test_a_removed_checkpoint_is_found(events: list[AuditEvent], noon: datetime) -> None:
    first = audit.checkpoint(now=noon)
    audit.append("case:2", "moved", by=None, now=noon)
    second = audit.checkpoint(now=noon)
    assert first is not None and second is not None
    with open_trail():
        AuditCheckpoint.objects.filter(pk=first.pk).delete()
    assert found() == [(f"checkpoint:{second.pk}", second.pk, "does not follow the checkpoint before it")]


def test_a_checkpoint_holds_the_head_of_every_subject_that_changed(
    events: list[AuditEvent], noon: datetime
) -> None:
    point = audit.checkpoint(now=noon)
    assert point is not None
    assert point.heads == {"case:1": [3, events[2].hash], "case:2": [1, events[3].hash]}
    assert audit.verify() == []


def test_without_news_there_is_no_checkpoint(events: list[AuditEvent], noon: datetime) -> None:
    assert audit.checkpoint(now=noon) is not None
    assert audit.checkpoint(now=noon) is None
    assert AuditCheckpoint.objects.count() == 1


def test_events_after_the_last_checkpoint_leave_it_valid(events: list[AuditEvent], noon: datetime) -> None:
    for n in range(4):
        audit.append("case:1", "moved", by=None, now=noon, facts={"n": n})
        audit.checkpoint(now=noon)
    assert AuditCheckpoint.objects.count() == 4
    assert audit.verify() == []


def test_two_checkpoints_after_the_same_one_are_refused(events: list[AuditEvent], noon: datetime) -> None:
    audit.checkpoint(now=noon)
    audit.append("case:2", "moved", by=None, now=noon)
    second = audit.checkpoint(now=noon)
    assert second is not None
    second.pk, second.hash = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


def test_facts_are_hashed_as_they_are_read_back(noon: datetime) -> None:
    facts = {"b": 1, "a": ["é", "🔥", "\\u0000"], "nested": {"z": None, "y": [1.5, 5.0, 3e-300], "x": True}}
    audit.append("case:1", "opened", by=None, now=noon, facts=facts)
    audit.append_first([("case:2", facts)], "opened", now=noon)
    assert audit.verify() == []
    assert AuditEvent.objects.get(subject="case:2").facts == facts


def test_first_events_written_in_bulk_are_chained_on(noon: datetime) -> None:
    audit.append_first([("case:1", {"n": 1}), ("case:2", {})], "opened", now=noon)
    audit.append("case:1", "moved", by=None, now=noon)
    assert list(AuditEvent.objects.filter(subject="case:1").values_list("seq", flat=True)) == [1, 2]
    assert audit.verify() == []
