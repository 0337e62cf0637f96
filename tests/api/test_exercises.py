"""An exercise by the API: led, lived through and scored as on its page."""

from pathlib import Path
from typing import Any

import pytest
from time_machine import Traveller

from cases.models import Exercise
from tests.api.client import sign_in
from tests.exercising import exercise_on
from tests.world import Desk


@pytest.fixture
def exercise(desk: Desk) -> Exercise:
    return exercise_on(desk, now=desk.now)


def test_a_real_installation_has_none(desk: Desk, clock: Traveller) -> None:
    assert sign_in(desk.lead, clock).get("exercise").status_code == 404


def test_an_exercise_is_led_to_its_score(
    desk: Desk, exercise: Exercise, clock: Traveller, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    lead, officer = sign_in(desk.lead, clock), sign_in(desk.officer, clock)
    assert lead.read("exercise")["began_at"] is None
    assert lead.done("play-exercise", seen=0)["speed"] == 60
    assert lead.refused("pause-exercise", seen=0)[1]["code"] == "exercise_changed"
    assert lead.done("pause-exercise")["speed"] == 0
    lead.done("set-exercise-speed", speed=2)
    assert lead.done("play-exercise")["speed"] == 2
    told = lead.done("add-inject", text="De burgemeester belt.", kind="phone call")["injects"]
    assert officer.done("settle-inject", told[0]["id"], note="Gebeld")["injects"][0]["note"] == "Gebeld"
    assert officer.get("score").status_code == 403
    assert lead.done("end-exercise")["ended_at"]
    assert lead.refused("play-exercise")[1]["code"] == "exercise_refused"
    score = officer.read("score")
    assert {"triage", "first_answer", "alarm", "missed_danger", "duties", "injects"} <= {
        figure["id"] for figure in score["figures"]
    }
    assert score["counts"]["injects"]["n_done"] == 1
    assert (tmp_path / "score.json").is_file()


def test_an_officer_does_not_lead(desk: Desk, exercise: Exercise, clock: Traveller) -> None:
    officer = sign_in(desk.officer, clock)
    for name in ("play-exercise", "pause-exercise", "end-exercise"):
        assert officer.refused(name)[0] == 403
    assert officer.refused("set-exercise-speed", speed=2)[0] == 403
    assert officer.refused("add-inject", text="x")[0] == 403
