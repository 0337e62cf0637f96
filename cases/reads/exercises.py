"""The exercise of this space as a page shows it, and the scores of earlier ones from their directories."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from cases import duty
from cases.models import Exercise, Inject, User
from cases.rules import scoring
from cases.rules.ladders import Function
from cases.rules.permissions import Need, Role, may
from cases.rules.scoring import KEPT_AS, Score
from monitoring import border
from monitoring.connectors import storyclock
from monitoring.connectors.incident import Story, header_of, shipped

KINDS: list[str] = list(Inject.Kind.values)
ROLES: list[str] = [role.value for role in Role]
FUNCTIONS: list[str] = [function.value for function in Function]
MADE = "exercise.json"
MOST = 50


@dataclass(frozen=True, slots=True)
class Told:
    """An inject as its page shows it."""

    inject: Inject
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Running:
    """How the exercise stands: where in the story, how fast, and what happened beside the posts."""

    exercise: Exercise
    place_s: float
    duration_s: float
    speed: float
    set_speed: float
    injects: list[Told]
    coming: list[Inject]
    n_attempts: int

    @property
    def is_over(self) -> bool:
        return self.exercise.ended_at is not None

    @property
    def has_begun(self) -> bool:
        return self.exercise.began_at is not None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An exercise that was, from its directory; without a score when nobody ended it."""

    name: str
    incident: str
    made_at: datetime | None
    score: Score | None


def current() -> Exercise | None:
    """The exercise of this space; None in a real installation."""
    return Exercise.objects.select_related("source", "ended_by").order_by("pk").first()


def running(exercise: Exercise, *, viewer: User, space: Path, now: datetime) -> Running:
    """What somebody may know of the exercise: who leads it sees all injects, others what happened to them."""
    clock = storyclock.read(exercise.source.settings)
    leads = may(viewer.role, Need.EXERCISE)
    happened = _told(exercise.injects.select_related("done_by"), viewer, now=now)
    coming = exercise.injects.filter(told_at=None).order_by("at_s")
    return Running(
        exercise=exercise,
        place_s=clock.place_at(exercise.ended_at or now),
        duration_s=float(header_of(Path(exercise.source.settings["path"])).get("duration_s", 0)),
        speed=clock.speed,
        set_speed=float(exercise.source.settings.get("speed", 1)),
        injects=[each for each in happened if leads or each.is_mine],
        coming=list(coming) if leads else [],
        n_attempts=len(border.attempts(space)) if leads else 0,
    )


def earlier(folder: Path) -> list[Earlier]:
    """The exercises that left a directory here, newest first; what cannot be read is passed over."""
    if not folder.is_dir():
        return []
    made = sorted(folder.glob(f"*/{MADE}"), reverse=True)[:MOST]
    return [found for found in map(_earlier, made) if found is not None]


def stories() -> list[Story]:
    """The incidents that ship and can be played."""
    return shipped()


def kept_score(space: Path) -> Score | None:
    """The score that a space keeps; None without one."""
    asked = _json(space / KEPT_AS)
    try:
        return scoring.read(asked) if asked else None
    except (KeyError, TypeError, ValueError):
        return None


def _earlier(made: Path) -> Earlier | None:
    asked = _json(made)
    if asked is None:
        return None
    try:
        at = datetime.fromisoformat(str(asked.get("made_at", "")))
    except ValueError:
        at = None
    return Earlier(made.parent.name, str(asked.get("incident", "")), at, kept_score(made.parent))


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _told(injects: QuerySet[Inject], viewer: User, *, now: datetime) -> list[Told]:
    here = set(duty.shifts_now(now=now).filter(person=viewer.pk).values_list("post__function", flat=True))
    return [
        Told(
            inject,
            (inject.to_role in ("", viewer.role)) and (not inject.to_function or inject.to_function in here),
        )
        for inject in injects.filter(told_at__isnull=False).order_by("-told_at", "-pk")
    ]
