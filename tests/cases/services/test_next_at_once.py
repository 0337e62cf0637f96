"""Eight officers who ask for the next case at the very same moment, each on a connection of its own."""

from datetime import datetime
from pathlib import Path

import pytest

from cases.models import Case
from cases.rules.permissions import Role
from cases.services import assignment, audit
from tests.cases.services.test_two_at_once import at_once
from tests.world import Desk, mention, open_desk, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture
def desk(noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


def test_of_eight_who_ask_for_the_next_case_each_gets_another_one(desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(8)))
    people = [person(f"officer{n}", Role.OFFICER) for n in range(8)]
    ended = at_once(*(lambda by=by: assignment.take_next(by=by, now=noon).pk for by in people))
    assert sorted(ended) == sorted(case.pk for case in cases)
    assert Case.objects.exclude(taken_by=None).values("taken_by").distinct().count() == 8
    assert audit.verify() == []
