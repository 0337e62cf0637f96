"""The demo's desk: what it shows is there once, however often it is started."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cases.models import (
    Calendar,
    Case,
    Claim,
    DutyPost,
    Escalation,
    HandOver,
    Mandate,
    Picture,
    PublicMessage,
    Response,
    RotaPattern,
    SavedView,
    Shift,
    Situation,
    Task,
    User,
    Watch,
)
from cases.reads import claims as claims_read
from cases.reads.claims import Wanted
from cases.services import audit
from cases.sheet.seal import verify
from config.demo.seed import DESK, LENGTH, seed

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    shown = (User, Mandate, Calendar, SavedView, Task, HandOver, Situation, Picture, Claim, PublicMessage)
    return [model.objects.count() for model in shown]


def test_a_demo_that_starts_again_has_nothing_twice(noon: datetime, tmp_path: Path) -> None:
    seed(now=noon, outbox=tmp_path)
    assert counts() == [len(DESK), 4, 1, 1, 1, 1, 1, 2, 3, 1]
    waiting = Response.objects.get(status="submitted")
    assert (str(waiting.author), str(waiting.approver)) == ("Anouk Smit", "Sanne de Wit")
    assert not Mandate.objects.filter(granted_by=None).exists()
    seed(now=noon + timedelta(minutes=1), outbox=tmp_path)
    seed(now=noon + 2 * LENGTH, outbox=tmp_path)
    assert counts() == [len(DESK), 4, 1, 1, 1, 1, 1, 2, 3, 1]
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


def test_a_newcomer_finds_a_crisis_that_is_over_as_it_went(noon: datetime, tmp_path: Path) -> None:
    seed(now=noon, outbox=tmp_path)
    situation = Situation.objects.get()
    assert (situation.status, situation.closed_at) == ("closed", noon - timedelta(days=6, minutes=-130))
    assert [line.is_decision for line in situation.log.order_by("at")] == [False, True, False, True, False]
    first, second = situation.pictures.order_by("n")
    assert [verify(picture) for picture in (first, second)] == [True, True]
    assert (first.content["figures"]["posts"], second.content["figures"]["posts"]) == (11, 13)
    assert (second.content["previous"], second.signed_by) == (1, User.objects.get(username="bram"))
    assert not Case.objects.filter(situation=situation, state="new").exists()
    message = PublicMessage.objects.get()
    assert message.batches.get().n_done == 4


def test_a_newcomer_finds_a_true_a_false_and_a_growing_claim(noon: datetime, tmp_path: Path) -> None:
    seed(now=noon, outbox=tmp_path)
    rows = {row.claim.status: row for row in claims_read.register(Wanted(), now=noon).rows}
    assert set(rows) == {"true", "false", "unverified"}
    assert rows["true"].answers == 1 and rows["true"].claim.sources.count() == 2
    assert rows["false"].answers == 0 and rows["false"].claim.answers.filter(vetted_at__isnull=False).exists()
    assert rows["unverified"].reach.posts == 7
    fresh = Case.objects.filter(posted_at__gt=noon - timedelta(minutes=15), lead__carries__isnull=False)
    assert fresh.count() == 5
