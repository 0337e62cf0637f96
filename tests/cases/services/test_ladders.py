"""Ladders are changed by a person, with plain words for one that would call nobody."""

from dataclasses import replace
from datetime import datetime

import pytest

from cases.models import AuditEvent, Ladder
from cases.rules.ladders import SHIPPED, Step
from cases.rules.permissions import Role
from cases.services import ladders
from cases.services.ladders import LadderChanged, LadderPlan, LadderRefused
from cases.services.ringing import ladder_of
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

GOOD = LadderPlan([Step("watcher", 0), Step("officer", 600, ("in-app",))], repeats=1, taken_for_s=3600)


def refused(plan: LadderPlan) -> str:
    return " ".join(ladders.mistakes(plan))


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_new_desk_has_the_shipped_ladders_and_none_of_them_is_refused(level: int) -> None:
    assert ladder_of(level) == SHIPPED[level]
    shipped = SHIPPED[level]
    assert ladders.mistakes(LadderPlan(shipped.steps, shipped.repeats, shipped.taken_for_s)) == []


def test_a_changed_ladder_has_a_new_version_and_stands_in_the_trail(desk: Desk, noon: datetime) -> None:
    row = ladders.change(2, GOOD, seen=1, by=desk.lead, now=noon)
    assert (row.version, ladder_of(2).steps) == (2, tuple(GOOD.steps))
    event = AuditEvent.objects.get(subject="ladder:2")
    assert (event.action, event.actor_id) == ("ladder changed", desk.lead.pk)
    assert event.facts["before"]["repeats"] == 1
    assert event.facts["after"]["steps"][1] == {"who": "officer", "after_s": 600, "channels": ["in-app"]}


def test_the_same_ladder_again_is_no_change(desk: Desk, noon: datetime) -> None:
    ladders.change(2, GOOD, seen=1, by=desk.lead, now=noon)
    assert ladders.change(2, GOOD, seen=2, by=desk.lead, now=noon).version == 2
    assert AuditEvent.objects.filter(subject="ladder:2").count() == 1


def test_who_comes_second_is_told(desk: Desk, noon: datetime) -> None:
    ladders.change(2, GOOD, seen=1, by=desk.lead, now=noon)
    with pytest.raises(LadderChanged, match="changed after you opened it"):
        ladders.change(2, replace(GOOD, repeats=3), seen=1, by=desk.lead, now=noon)


def test_a_ladder_that_has_no_row_is_changed_from_the_shipped_one(desk: Desk, noon: datetime) -> None:
    Ladder.objects.all().delete()
    assert ladders.change(3, GOOD, seen=1, by=desk.lead, now=noon).version == 2


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (replace(GOOD, steps=[]), "calls nobody"),
        (replace(GOOD, steps=[Step("watcher", 0)]), "calls only the watcher"),
        (replace(GOOD, steps=[Step("officer", 60)]), "Step 1: the first step is at once"),
        (replace(GOOD, steps=[Step("officer", 0), Step("head", 60), Step("crisis", 30)]), "Step 3: it comes"),
        (replace(GOOD, steps=[Step("officer", 0, ())]), "at least one way"),
        (replace(GOOD, steps=[Step("officer", 0, ("pigeon",))]), "at least one way"),
        (replace(GOOD, steps=[Step("officer", 0), Step("head", 100_000)]), "at most 24 hours"),
        (replace(GOOD, steps=[Step("person:999", 0)]), "takes no alarms"),
        (replace(GOOD, steps=[Step("post:999", 0)]), "takes no alarms"),
        (replace(GOOD, steps=[Step("everybody", 0)]), "takes no alarms"),
        (replace(GOOD, steps=[Step("officer", 0)] * 13), "at most 12 steps"),
        (replace(GOOD, repeats=11), "at most 10 times"),
        (replace(GOOD, taken_for_s=60), "from 10 minutes to 24 hours"),
    ],
)
def test_a_ladder_that_would_not_call_people_in_time_is_refused_in_words(
    plan: LadderPlan, sentence: str, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(LadderRefused, match=sentence):
        ladders.change(2, plan, seen=1, by=desk.lead, now=noon)
    assert ladder_of(2) == SHIPPED[2]


def test_a_person_on_a_ladder_must_be_able_to_take_an_alarm(desk: Desk) -> None:
    analyst = person("karel", Role.ANALYST)
    assert "takes no alarms" in refused(replace(GOOD, steps=[Step(f"person:{analyst.pk}", 0)]))
    assert refused(replace(GOOD, steps=[Step(f"person:{desk.colleague.pk}", 0)])) == ""
