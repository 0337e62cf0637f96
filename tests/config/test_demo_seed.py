"""The demo's desk: what it shows is there once, however often it is started."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.models import (
    Calendar,
    DutyPost,
    Escalation,
    HandOver,
    Mandate,
    Response,
    RotaPattern,
    SavedView,
    Shift,
    Task,
    User,
    Watch,
)
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
    assert list(Escalation.objects.order_by("pk").values_list("is_false", "round")) == [
        (False, 2),
        (True, 1),
        (None, 1),
        (None, 1),
    ]
    assert Escalation.objects.get(resolved_at=None).cause == "blind"
    assert {post.function for post in DutyPost.objects.all()} == {"officer", "head", "communications"}
    assert Watch.objects.filter(ended_at=None, post__name="Webcare", watcher=None).exists()
    assert Shift.objects.filter(is_on_call=True).count() == RotaPattern.objects.count() * 7 == 7
    assert audit.verify() == []
