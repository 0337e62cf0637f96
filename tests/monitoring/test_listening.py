"""Which queries are listened for: one answer, for every poll."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitoring.models import Query
from tests.world import Desk, open_desk

DAY = timedelta(days=1)


@pytest.fixture
def desk(db: None, noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


def change(desk: Desk, **changes: object) -> None:
    Query.objects.filter(pk=desk.query.pk).update(**changes)


def is_listened_for(desk: Desk, now: datetime) -> bool:
    return desk.query in desk.source.queries.listening(now=now)


def test_a_query_is_listened_for_from_its_start_until_its_end(desk: Desk, noon: datetime) -> None:
    change(desk, starts_at=noon, ends_at=noon + DAY)
    moments = (noon - timedelta(seconds=1), noon, noon + DAY - timedelta(seconds=1), noon + DAY)
    assert [is_listened_for(desk, moment) for moment in moments] == [False, True, True, False]


def test_a_query_on_a_person_is_not_listened_for_before_it_is_approved(desk: Desk, noon: datetime) -> None:
    change(desk, is_on_person=True)
    assert not is_listened_for(desk, noon)
    change(desk, approved_by=desk.lead, approved_at=noon)
    assert is_listened_for(desk, noon)
    change(desk, approved_by=None, approved_at=None, refused_at=noon)
    assert not is_listened_for(desk, noon)
