"""The scale by which an organisation grades incidents: levels come, are renamed, moved and retired.

A level is never removed: situations carry it, and what their history says stays readable.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import SituationLevel, User
from cases.rules.scale import version
from cases.services import audit

SUBJECT = "scale"
NAME = 40
MOST = 30

Level = SituationLevel


class LevelRefused(Exception):
    """A level that cannot be so, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ScaleChanged(Exception):
    """Somebody changed the scale after it was shown."""

    def __str__(self) -> str:
        return _("The scale was changed after you opened it. Nothing was saved; look at it again.")


def add(name: str, *, seen: str, by: User, now: datetime) -> SituationLevel:
    """Another level, above all others. Raises LevelRefused, and ScaleChanged when somebody was first."""
    with transaction.atomic():
        rows = _held(seen)
        if len(rows) >= MOST:
            raise LevelRefused(_("A scale has at most %(n)d levels, retired ones too.") % {"n": MOST})
        level = Level(name=_fit(name, rows), n=1 + max((row.n for row in rows), default=0))
        level.save()
        _written("level added", {"name": level.name}, by=by, now=now)
    return level


def rename(level: SituationLevel, name: str, *, seen: str, by: User, now: datetime) -> None:
    """Call a level otherwise: on every situation that has it, not in what their history says."""

    def act(held: SituationLevel, rows: Sequence[SituationLevel]) -> dict[str, Any]:
        fit, before = _fit(name, [row for row in rows if row.pk != held.pk]), held.name
        if fit == before:
            return {}
        held.name = fit
        held.save(update_fields=["name"])
        return {"before": before, "name": fit}

    _change(level, act, "level renamed", seen=seen, by=by, now=now)


def move(level: SituationLevel, *, up: bool, seen: str, by: User, now: datetime) -> None:
    """Let a level change places with the one above it (graver) or under it; at the end nothing happens."""

    def act(held: SituationLevel, rows: Sequence[SituationLevel]) -> dict[str, Any]:
        beside = [row for row in rows if row.is_active and (row.n > held.n if up else row.n < held.n)]
        if not held.is_active or not beside:
            return {}
        other = beside[0] if up else beside[-1]
        free, places = 1 + max(row.n for row in rows), (other.n, held.n)
        for row, n in ((held, free), (other, places[1]), (held, places[0])):  # no two in one place, ever
            row.n = n
            row.save(update_fields=["n"])
        return {"name": held.name, "past": other.name, "up": up}

    _change(level, act, "level moved", seen=seen, by=by, now=now)


def retire(level: SituationLevel, *, seen: str, by: User, now: datetime) -> None:
    """No situation is graded so any more; those that are keep it."""
    _switch(level, False, "level retired", seen=seen, by=by, now=now)


def restore(level: SituationLevel, *, seen: str, by: User, now: datetime) -> None:
    """Situations can be graded so again."""
    _switch(level, True, "level restored", seen=seen, by=by, now=now)


def _switch(level: SituationLevel, to: bool, action: str, *, seen: str, by: User, now: datetime) -> None:
    def act(held: SituationLevel, rows: Sequence[SituationLevel]) -> dict[str, Any]:
        if held.is_active is to:
            return {}
        held.is_active = to
        held.save(update_fields=["is_active"])
        return {"name": held.name}

    _change(level, act, action, seen=seen, by=by, now=now)


def _change(
    level: SituationLevel,
    act: Callable[[SituationLevel, Sequence[SituationLevel]], dict[str, Any]],
    action: str,
    *,
    seen: str,
    by: User,
    now: datetime,
) -> None:
    """Do it to the level as it is held; what changed nothing is not written down."""
    with transaction.atomic():
        rows = _held(seen)
        facts = act(next(row for row in rows if row.pk == level.pk), rows)
        if facts:
            _written(action, facts, by=by, now=now)


def _held(seen: str) -> list[SituationLevel]:
    """All levels, the lowest first, held for whoever changes the scale; as they were `seen`."""
    list(Level.objects.select_for_update(no_key=True).order_by("pk"))
    rows = list(Level.objects.order_by("n"))  # with one that was added while we waited
    if version((row.pk, row.n, row.name, row.is_active) for row in rows) != seen:
        raise ScaleChanged
    return rows


def _fit(name: str, others: Sequence[SituationLevel]) -> str:
    fit = " ".join(name.split())
    if not fit or len(fit) > NAME:
        raise LevelRefused(_("A level has a name of at most %(n)d characters.") % {"n": NAME})
    for row in others:
        if row.name.casefold() != fit.casefold():
            continue
        if row.is_active:
            raise LevelRefused(_("There is a level “%(name)s”. Choose another name.") % {"name": row.name})
        raise LevelRefused(
            _("“%(name)s” is a level that was retired. Take it back into use, or choose another name.")
            % {"name": row.name}
        )
    return fit


def _written(action: str, facts: dict[str, Any], *, by: User, now: datetime) -> None:
    audit.append(SUBJECT, action, by=by, now=now, facts=facts)
