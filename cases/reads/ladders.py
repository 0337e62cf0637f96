"""Ladders as a page or the API shows them: who is called by which step, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases import duty
from cases.models import AuditEvent, DutyPost, Escalation, Ladder, User
from cases.reads.people import who_may
from cases.rules.ladders import CALLED, CHANNELS, EVERYBODY, PROPOSE, SHIPPED, WATCHER
from cases.rules.permissions import Need

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: `people` are called when it is due now; empty for the watcher, whoever that is."""

    n: int
    who: str
    label: str
    minutes: int
    channels: Sequence[str]
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The ladder of a level."""

    level: int
    rungs: Sequence[Rung]
    repeats: int
    taken_minutes: int
    version: int


@dataclass(frozen=True, slots=True)
class Ladders:
    """All ladders, whom a step may call, and who changed them."""

    ladders: Sequence[Shown]
    choices: Sequence[tuple[str, str]]
    channels: Sequence[str]
    history: Sequence[AuditEvent]


def all_ladders(*, now: datetime) -> Ladders:
    """The four ladders as they are now, in the same number of queries however many steps they have."""
    rows = {row.level: row for row in Ladder.objects.all()}
    names = _all_names()
    known: dict[str, list[str]] = {}
    shown = [_shown(level, rows.get(level), names, known, now=now) for level in SHIPPED]
    events = AuditEvent.objects.filter(subject__in=[f"ladder:{level}" for level in SHIPPED])
    choices = [(who, who_label(who, names)) for who in CALLED]
    choices += [(who, name) for who, name in names.items() if name]
    return Ladders(shown, choices, CHANNELS, list(events.order_by("-at", "-pk")[:HISTORY]))


def who_label(who: str, names: dict[str, str] | None = None) -> str:
    """Whom a step calls, in words."""
    label = {
        WATCHER: _("who keeps watch"),
        "officer": _("officer on duty"),
        "backup": _("backup on duty"),
        "communications": _("communications team"),
        "head": _("head of communications"),
        "crisis": _("crisis lead"),
        PROPOSE: _("asked whether it is a crisis"),
        EVERYBODY: _("everybody on duty"),
        "officers": _("officers"),
        "leads": _("duty leads"),
    }.get(who)
    return label or (names or {}).get(who) or _("somebody who is not here any more")


def names_of(rows: Iterable[Escalation]) -> dict[str, str]:
    """The names of the persons and posts whom steps of these alarms missed."""
    named = any(":" in step["who"] for row in rows for step in row.unreached)
    return _all_names() if named else {}


def _all_names() -> dict[str, str]:
    posts = DutyPost.objects.filter(is_active=True).order_by("name")
    names = {f"post:{post.pk}": _("whoever is at %(post)s") % {"post": post.name} for post in posts}
    return names | {f"person:{person.pk}": str(person) for person in who_may(Need.ACKNOWLEDGE)}


def _shown(
    level: int, row: Ladder | None, names: dict[str, str], known: dict[str, list[str]], *, now: datetime
) -> Shown:
    shipped = SHIPPED[level]
    steps: list[dict[str, Any]] = row.steps if row else [step.to_json() for step in shipped.steps]
    rungs = [
        Rung(
            n,
            step["who"],
            who_label(step["who"], names),
            step["after_s"] // 60,
            step["channels"],
            _people(step["who"], known, now=now),
        )
        for n, step in enumerate(steps, start=1)
    ]
    found = row or shipped
    return Shown(level, rungs, found.repeats, found.taken_for_s // 60, found.version)


def _people(who: str, known: dict[str, list[str]], *, now: datetime) -> list[str]:
    if who == WATCHER:
        return []
    if who not in known:
        called: list[User] = duty.people_for(Escalation(), who, now=now)
        known[who] = [str(person) for person in called]
    return known[who]
