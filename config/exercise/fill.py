"""Fills the space of an exercise: the desk, one query, the incident with its clock, and the injects."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from cases import policy
from cases.models import Exercise, Inject, SchemeVersion, User
from cases.rules.permissions import MAY, Need, Role
from cases.services import audit, intake, listening
from config.demo.seed import people_of_the_desk
from config.demo.team import seed_posts
from config.demo.texts import seed_texts
from config.demo.work import seed_rules
from config.env import EXERCISE
from config.exercise import desk
from config.exercise.spaces import DESK, OUTBOX, STORY
from monitoring import polling
from monitoring.connectors import storyclock
from monitoring.connectors.incident import header_of, injects_of
from monitoring.models import Query, Source

LASTS = timedelta(days=30)
INTERVAL_S = 2


def fill(space: Path, *, now: datetime) -> Exercise:
    """Make the exercise that `bin/exercise` asked for in this space; one that is there already goes on."""
    if found := Exercise.objects.first():
        return found
    asked = json.loads((space / EXERCISE).read_text(encoding="utf-8"))
    leader = _desk(space, now=now)
    with transaction.atomic():
        exercise = _exercise(space, asked, leader, now=now)
        facts = {"incident": asked["incident"], "speed": asked["speed"], "desk": asked["desk"]}
        audit.append(f"exercise:{exercise.pk}", "exercise made", by=None, now=now, facts=facts)
    _hear_history(exercise.source, now=now)
    return exercise


def _desk(space: Path, *, now: datetime) -> User:
    """People and rules, as copied, or else those of the demo. The answer is who answers for the query."""
    copied = space / DESK
    if copied.is_file():
        rows = json.loads(copied.read_text(encoding="utf-8"))
        copied.unlink()  # it holds what people sign in with
        desk.put_in(rows)
    else:
        with transaction.atomic():
            people = people_of_the_desk(now=now)
            seed_rules(people, now=now)
            seed_posts(people, now=now)
            seed_texts(people["ilse"], now=now)
    if not SchemeVersion.objects.filter(is_current=True).exists():
        policy.publish(policy.SHIPPED_SCHEME.read_text(encoding="utf-8"), now=now)
    may = User.objects.filter(is_active=True, role__in=MAY[Need.LISTEN])
    leads = may.filter(role=Role.LEAD)
    return leads.first() or may.order_by("pk")[0]


def _exercise(space: Path, asked: dict[str, Any], leader: User, *, now: datetime) -> Exercise:
    story = space / STORY
    header = header_of(story)
    speed = float(asked["speed"])
    clock = storyclock.waiting(speed, now=now)
    settings = {
        "path": str(story),
        "run": "exercise",
        "outbox": str(space / OUTBOX),
        "speed": speed,
        "clock": clock.kept(),
    }
    title = header["title"].get("nl") or header["incident"]
    source = Source.objects.create(
        name=title, connector="replay", settings=settings, interval_s=INTERVAL_S, next_poll_at=now
    )
    source.queries.add(_query(header, title, leader, now=now))
    exercise = Exercise.objects.create(title=title, incident=asked["incident"], source=source, made_at=now)
    injects_from(story, exercise)
    return exercise


def injects_from(story: Path, exercise: Exercise) -> None:
    """What the incident lets happen to people, each at its own time."""
    Inject.objects.bulk_create(_inject(exercise, line) for line in injects_of(story))


def _query(header: dict[str, Any], title: str, leader: User, *, now: datetime) -> Query:
    plan = listening.QueryPlan(
        name=title,
        terms=header["terms"],
        purpose="Oefening",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        starts_at=now - timedelta(days=1),
        ends_at=now + LASTS,
    )
    return listening.start_query(plan, owner=leader, by=leader, now=now)


def _inject(exercise: Exercise, line: dict[str, Any]) -> Inject:
    what = line.get("what", "")
    return Inject(
        exercise=exercise,
        key=str(line["id"]),
        at_s=float(line["at_s"]),
        kind=what if what in Inject.Kind.values else Inject.Kind.OTHER,
        to_role=line.get("to_role", ""),
        to_function=line.get("to_function", ""),
        sender=line.get("from", "")[:200],
        text=line["text"],
    )


def _hear_history(source: Source, *, now: datetime) -> None:
    """What was said before the story begins, so that nobody starts from an empty page."""
    if taken := polling.take_source(source.pk, now=now):
        polling.poll(taken, on_page=intake.open_cases, now=now)
        Source.objects.filter(pk=source.pk).update(next_poll_at=now)
