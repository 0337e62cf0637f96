"""An exercise on a test's desk, as `bin/exercise` fills a space with it."""

from datetime import datetime
from pathlib import Path

from cases.models import Exercise
from config.exercise.fill import injects_from
from monitoring.connectors import storyclock
from monitoring.connectors.incident import INCIDENTS
from monitoring.models import Source
from tests.world import Desk

STORY = INCIDENTS / "sluis.jsonl"


def exercise_on(desk: Desk, *, now: datetime, speed: float = 60, story: Path = STORY) -> Exercise:
    """An exercise whose story waits; its source hears for the query of the desk."""
    settings = {
        **desk.source.settings,
        "path": str(story),
        "run": "exercise",
        "speed": speed,
        "clock": storyclock.waiting(speed, now=now).kept(),
    }
    Source.objects.filter(pk=desk.source.pk).update(settings=settings, next_poll_at=now)
    desk.source.refresh_from_db()
    desk.query.terms = '"grote sluis", veiligheidsregio, brandweer, vrmiddendelta, sluisplein'
    desk.query.save(update_fields=["terms"])
    exercise = Exercise.objects.create(title="Sluis", incident="sluis", source=desk.source, made_at=now)
    injects_from(story, exercise)
    return exercise
