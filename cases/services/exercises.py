"""How an exercise is led: set going, held, made faster or slower, ended; and what happens to people in it.

The story plays through its source like any other; its clock is in the settings of that source.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases import duty
from cases.models import Exercise, Inject, Notification, User
from cases.rules.permissions import MAY, Need
from cases.rules.scoring import KEPT_AS
from cases.services import audit, notifications
from monitoring.connectors import storyclock
from monitoring.connectors.storyclock import StoryClock
from monitoring.models import Source

FASTEST = 600.0
LONGEST = 1000


class ExerciseRefused(Exception):
    """This cannot be done with the exercise: why, in one sentence."""


class ExerciseChanged(Exception):
    """Somebody else changed how the exercise runs after it was shown."""

    def __str__(self) -> str:
        return _("A colleague changed how the exercise runs after you opened this page. Look again.")


@dataclass(frozen=True, slots=True)
class InjectPlan:
    """What is to happen, to whom: who has the role or is on duty with the function; both "": everybody."""

    text: str
    kind: str = Inject.Kind.OTHER
    to_role: str = ""
    to_function: str = ""
    sender: str = ""


def clock_of(exercise: Exercise) -> StoryClock:
    return storyclock.read(exercise.source.settings)


def play(exercise: Exercise, *, by: User, now: datetime, seen: float | None = None) -> bool:
    """Set the story going, or on from where it stood; False when it runs. `seen`: the speed on the page."""
    return _run(exercise, None, "exercise played", by=by, now=now, seen=seen)


def pause(exercise: Exercise, *, by: User, now: datetime, seen: float | None = None) -> bool:
    """Hold the story where it is; False when it stands still."""
    return _run(exercise, 0.0, "exercise paused", by=by, now=now, seen=seen)


def set_speed(
    exercise: Exercise, speed: float, *, by: User, now: datetime, seen: float | None = None
) -> bool:
    """Let the story go on at another speed; one that stands still has it when it is played."""
    if not (math.isfinite(speed) and 0 < speed <= FASTEST):
        raise ExerciseRefused(_("A story runs at most %(n)d times as fast, and forward.") % {"n": FASTEST})
    return _run(exercise, speed, "exercise speed set", by=by, now=now, seen=seen)


def end(exercise: Exercise, *, by: User, now: datetime) -> None:
    """Stop the story for good. What people did stays, and is scored."""
    with transaction.atomic():
        held, source = _hold(exercise)
        _store(source, storyclock.read(source.settings).changed(0.0, now=now), now=now)
        held.ended_at, held.ended_by = now, by
        held.save(update_fields=["ended_at", "ended_by"])
        audit.append(f"exercise:{held.pk}", "exercise ended", by=by, now=now)
    exercise.refresh_from_db()


def add_inject(exercise: Exercise, plan: InjectPlan, *, by: User, now: datetime) -> Inject:
    """Let something happen now. Raises ExerciseRefused without words."""
    text = plan.text.strip()[:LONGEST]
    if not text:
        raise ExerciseRefused(_("Say what happens."))
    with transaction.atomic():
        held, _source = _hold(exercise)
        inject = Inject.objects.create(
            exercise=held,
            kind=plan.kind,
            to_role=plan.to_role,
            to_function=plan.to_function,
            sender=plan.sender.strip()[:200],
            text=text,
            added_by=by,
        )
        facts = {"inject": inject.pk, "kind": plan.kind, "to": plan.to_role or plan.to_function}
        audit.append(f"exercise:{held.pk}", "inject added", by=by, now=now, facts=facts)
        _tell(inject, now=now)
    return inject


def settle(inject: Inject, *, note: str = "", by: User, now: datetime) -> bool:
    """Say that something was dealt with, and how; it may be said again, with other words."""
    note = note.strip()[:LONGEST]
    with transaction.atomic():
        Exercise.objects.select_for_update().get(pk=inject.exercise_id)
        held = Inject.objects.get(pk=inject.pk)
        if held.told_at is None:
            raise ExerciseRefused(_("This has not happened yet."))
        if held.done_at and held.note == note:
            return False
        changes = {"done_at": held.done_at or now, "done_by": by, "note": note}
        Inject.objects.filter(pk=held.pk).update(**changes)
        facts = {"inject": held.pk, "note": note}
        audit.append(f"exercise:{held.exercise_id}", "inject settled", by=by, now=now, facts=facts)
    inject.refresh_from_db()
    return True


def tell_due(*, now: datetime) -> int:
    """Let happen what the story has come to; how many."""
    running = Exercise.objects.filter(began_at__isnull=False, ended_at=None).select_related("source").first()
    if running is None:
        return 0
    place = clock_of(running).place_at(now)
    waiting = running.injects.filter(Q(at_s=None) | Q(at_s__lte=place), told_at=None)
    n_told = 0
    for inject in waiting.order_by(F("at_s").asc(nulls_first=True)):
        with transaction.atomic():
            n_told += _tell(inject, now=now)
    return n_told


def keep_score(figures: Mapping[str, Any]) -> Path:
    """Write the score beside the rows it was counted from, where the real installation finds it."""
    path = Path(settings.DATA_DIR) / KEPT_AS
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def _run(
    exercise: Exercise, speed: float | None, action: str, *, by: User, now: datetime, seen: float | None
) -> bool:
    """Let the clock go on at another speed from now on; None: at the one that was set, 0: it waits."""
    with transaction.atomic():
        held, source = _hold(exercise)
        clock = storyclock.read(source.settings)
        if seen is not None and seen != clock.speed:
            raise ExerciseChanged
        wanted = float(source.settings.get("speed", 1)) if speed is None else speed
        is_played = action != "exercise speed set" or clock.speed > 0
        if wanted:
            source.settings["speed"] = wanted
        if is_played and wanted == clock.speed:
            return False
        _store(source, clock.changed(wanted, now=now) if is_played else clock, now=now)
        if speed is None and held.began_at is None:
            held.began_at = now
            held.save(update_fields=["began_at"])
        facts = {"speed": wanted, "place": round(clock.place_at(now))}
        audit.append(f"exercise:{held.pk}", action, by=by, now=now, facts=facts)
    exercise.refresh_from_db()
    return True


def _hold(exercise: Exercise) -> tuple[Exercise, Source]:
    """The exercise and its source, held. Raises ExerciseRefused when it is over."""
    held = Exercise.objects.select_for_update().get(pk=exercise.pk)
    if held.ended_at:
        raise ExerciseRefused(_("This exercise has ended. Start another one with bin/exercise."))
    return held, Source.objects.select_for_update().get(pk=held.source_id)


def _store(source: Source, clock: StoryClock, *, now: datetime) -> None:
    """The new clock, read at once: the next post may come sooner than the old one said."""
    kept = {**source.settings, "clock": clock.kept()}
    Source.objects.filter(pk=source.pk).update(settings=kept, next_poll_at=now)


def _tell(inject: Inject, *, now: datetime) -> int:
    """Tell whom it happens to, once; in the app only, whatever else reaches them."""
    if not Inject.objects.filter(pk=inject.pk, told_at=None).update(told_at=now):
        return 0
    inject.told_at = now
    sender = f"{inject.sender}: " if inject.sender else ""
    notifications.tell(
        _whom(inject, now=now),
        Notification.Kind.INJECT,
        f"exercise:{inject.exercise_id}",
        facts={"sentence": f"{sender}{inject.text}"},
        now=now,
        occasion=str(inject.pk),
        channels=[Notification.Channel.IN_APP],
    )
    return 1


def _whom(inject: Inject, *, now: datetime) -> list[User]:
    """Whom it happens to; when nobody fits, who leads the exercise, who plays it out."""
    people = User.objects.filter(is_active=True)
    if inject.to_role:
        people = people.filter(role=inject.to_role)
    if inject.to_function:
        shifts = duty.shifts_now(now=now).filter(post__function=inject.to_function)
        people = people.filter(pk__in=shifts.values("person"))
    return list(people.order_by("pk")) or list(
        User.objects.filter(is_active=True, role__in=MAY[Need.EXERCISE]).order_by("pk")
    )
