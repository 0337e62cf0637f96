"""The space of an exercise in a browser: axe finds nothing, nothing is cut off, the mark stays in sight."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from cases.reads.score import score_of
from cases.services import exercises
from cases.services.exercises import InjectPlan
from tests.browser.conftest import PHONE, WIDE, Window
from tests.browser.test_access import violations
from tests.exercising import exercise_on
from tests.world import Desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("theme", "size", "lang"),
    [("light", WIDE, "nl"), ("dark", PHONE, "nl"), ("dark", WIDE, "en"), ("light", PHONE, "en")],
    ids=["light-wide-nl", "dark-phone-nl", "dark-wide-en", "light-phone-en"],
)
def test_every_state_of_an_exercise_passes_axe_and_keeps_its_mark_in_sight(
    window: Callable[..., Window],
    desk: Desk,
    now: datetime,
    settings: Any,
    tmp_path: Path,
    theme: str,
    size: ViewportSize,
    lang: str,
) -> None:
    settings.SPACE, settings.DATA_DIR, settings.EXERCISES_DIR = "exercise", tmp_path, tmp_path
    shown = window(desk.lead, size, lang, color_scheme=theme)
    found: dict[str, Any] = {}

    def look(url: str, state: str) -> None:
        page = shown.open(url).page
        found[state] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], state
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        assert page.locator(".space-mark").bounding_box()["y"] == 0, state  # type: ignore[index]

    exercise = exercise_on(desk, now=now)
    look("/exercise/", "waits")
    exercises.play(exercise, by=desk.lead, now=now)
    exercises.add_inject(exercise, InjectPlan("De burgemeester belt."), by=desk.lead, now=now)
    desk.poll(now=now + timedelta(minutes=1))
    look("/exercise/", "runs")
    look("/inbox/", "the inbox")
    exercises.end(exercise, by=desk.lead, now=now + timedelta(minutes=1))
    look("/exercise/", "is over")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "exercise.json").write_text('{"incident": "sluis"}', encoding="utf-8")
    kept = json.dumps(score_of(exercise).kept())
    (tmp_path / "one" / "score.json").write_text(kept, encoding="utf-8")
    look("/exercises/", "earlier ones")
    assert {state: what for state, what in found.items() if what} == {}
    assert shown.complaints == []
