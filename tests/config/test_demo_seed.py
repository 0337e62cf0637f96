"""The demo's desk: what it shows is there once, however often it is started."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.models import Calendar, HandOver, Mandate, Response, SavedView, Task, User
from cases.services import audit
from config.demo.seed import DESK, LENGTH, seed

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    shown = (User, Mandate, Calendar, SavedView, Task, HandOver)
    return [model.objects.count() for model in shown]


def test_a_demo_that_starts_again_has_nothing_twice(noon: datetime, tmp_path: Path) -> None:
    seed(now=noon, outbox=tmp_path)
    assert counts() == [len(DESK), 4, 1, 1, 1, 1]
    waiting = Response.objects.get(status="submitted")
    assert (str(waiting.author), str(waiting.approver)) == ("Anouk Smit", "Sanne de Wit")
    assert not Mandate.objects.filter(granted_by=None).exists()
    seed(now=noon + timedelta(minutes=1), outbox=tmp_path)
    seed(now=noon + 2 * LENGTH, outbox=tmp_path)
    assert counts() == [len(DESK), 4, 1, 1, 1, 1]
    assert audit.verify() == []
