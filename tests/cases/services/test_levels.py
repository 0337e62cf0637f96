"""The scale of incidents is a lead's: it grows, changes its words and its order, and forgets nothing."""

from datetime import datetime

import pytest

from cases.models import AuditEvent, SituationLevel
from cases.reads.levels import scale
from cases.services import levels, situations
from cases.services.levels import LevelRefused, ScaleChanged
from cases.services.situations import Plan, SituationRefused
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SEEDED = ["GRIP 1", "GRIP 2", "GRIP 3", "GRIP 4", "GRIP 5", "GRIP Rijk"]


def names() -> list[str]:
    return [step.level.name for step in scale().steps]


def level(name: str) -> SituationLevel:
    return SituationLevel.objects.get(name=name)


def test_a_level_is_added_above_all_others_and_stands_in_the_trail(desk: Desk, noon: datetime) -> None:
    levels.add("  Code   zwart ", seen=scale().version, by=desk.lead, now=noon)
    assert names() == [*SEEDED, "Code zwart"]
    event = AuditEvent.objects.get(subject="scale")
    assert (event.action, event.actor_id, event.facts) == (
        "level added",
        desk.lead.pk,
        {"name": "Code zwart"},
    )


def test_levels_change_places_past_those_that_were_retired(desk: Desk, noon: datetime) -> None:
    levels.retire(level("GRIP 4"), seen=scale().version, by=desk.lead, now=noon)
    levels.move(level("GRIP 5"), up=False, seen=scale().version, by=desk.lead, now=noon)
    assert names() == ["GRIP 1", "GRIP 2", "GRIP 5", "GRIP 3", "GRIP Rijk"]
    levels.move(level("GRIP 5"), up=True, seen=scale().version, by=desk.lead, now=noon)
    assert names() == ["GRIP 1", "GRIP 2", "GRIP 3", "GRIP 5", "GRIP Rijk"]
    events = AuditEvent.objects.filter(subject="scale", action="level moved")
    assert {event.facts["past"] for event in events} == {"GRIP 3"}


def test_the_highest_level_goes_no_higher_and_nothing_is_written(desk: Desk, noon: datetime) -> None:
    levels.move(level("GRIP Rijk"), up=True, seen=scale().version, by=desk.lead, now=noon)
    levels.rename(level("GRIP 1"), "GRIP 1", seen=scale().version, by=desk.lead, now=noon)
    levels.restore(level("GRIP 1"), seen=scale().version, by=desk.lead, now=noon)
    assert names() == SEEDED
    assert not AuditEvent.objects.filter(subject="scale").exists()


def test_a_retired_level_stays_with_its_situation_and_grades_no_other(desk: Desk, noon: datetime) -> None:
    plan = Plan("Brand", level=level("GRIP 2"))
    fire = situations.open_situation(plan, by=desk.lead, now=noon)
    flood = situations.open_situation(Plan("Water"), by=desk.lead, now=noon)
    levels.retire(level("GRIP 2"), seen=scale().version, by=desk.lead, now=noon)
    fire.refresh_from_db()
    assert str(fire.level) == "GRIP 2"
    (retired,) = scale().retired
    assert (retired.level.name, retired.n_open, retired.n_ever) == ("GRIP 2", 1, 1)
    with pytest.raises(SituationRefused):
        situations.set_level(
            flood, level("GRIP 2"), reason="erger", by=desk.lead, now=noon, revision=flood.revision
        )
    levels.restore(level("GRIP 2"), seen=scale().version, by=desk.lead, now=noon)
    assert names() == SEEDED


def test_a_new_name_shows_on_situations_and_their_history_keeps_the_old_one(
    desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(Plan("Brand", level=level("GRIP 2")), by=desk.lead, now=noon)
    levels.rename(level("GRIP 2"), "Fase 2", seen=scale().version, by=desk.lead, now=noon)
    fire.refresh_from_db()
    opened = AuditEvent.objects.get(action="situation opened")
    assert (str(fire.level), opened.facts["level"]) == ("Fase 2", "GRIP 2")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("   ", "at most 40 characters"),
        ("x" * 41, "at most 40 characters"),
        ("grip 1", "There is a level “GRIP 1”"),
        ("GRIP 3", "“GRIP 3” is a level that was retired"),
    ],
)
def test_a_name_that_says_nothing_or_is_another_ones_is_refused(
    name: str, sentence: str, desk: Desk, noon: datetime
) -> None:
    levels.retire(level("GRIP 3"), seen=scale().version, by=desk.lead, now=noon)
    with pytest.raises(LevelRefused, match=sentence):
        levels.add(name, seen=scale().version, by=desk.lead, now=noon)
    with pytest.raises(LevelRefused, match=sentence):
        levels.rename(level("GRIP 2"), name, seen=scale().version, by=desk.lead, now=noon)


def test_a_scale_has_an_end(desk: Desk, noon: datetime) -> None:
    for n in range(levels.MOST - len(SEEDED)):
        levels.add(f"Fase {n}", seen=scale().version, by=desk.lead, now=noon)
    with pytest.raises(LevelRefused, match="at most 30 levels"):
        levels.add("Nog een", seen=scale().version, by=desk.lead, now=noon)


def test_who_comes_second_is_told_and_changes_nothing(desk: Desk, noon: datetime) -> None:
    seen = scale().version
    levels.rename(level("GRIP 1"), "Fase 1", seen=seen, by=desk.lead, now=noon)
    with pytest.raises(ScaleChanged, match="changed after you opened it"):
        levels.move(level("GRIP 2"), up=False, seen=seen, by=desk.lead, now=noon)
    assert names() == ["Fase 1", *SEEDED[1:]]
