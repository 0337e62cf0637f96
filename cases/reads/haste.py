"""The targets of a situation, and what another one would do to the cases that wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from cases.models import Case, Situation, Target
from cases.rules.workflow import State
from cases.targets import PRIORITIES, URGENT


@dataclass(frozen=True, slots=True)
class Effect:
    """Of the cases that wait: how many get another time, and how many of them are late at once."""

    n: int
    n_late: int


def own_targets(situation: Situation) -> list[Target]:
    """Within how long its posts are answered; those for all priorities first."""
    rows = Target.objects.filter(situation=situation, kind=Target.Kind.RESPONSE, category="")
    return list(rows.order_by("priority"))


def effect(situation: Situation, minutes: int | None, *, priority: str, now: datetime) -> Effect:
    """What a target would do before it is set. None: as everywhere else, so nobody can say who is late."""
    waiting = _of(_waiting(situation), _touched(situation, priority))
    if minutes is None:
        return Effect(waiting.count(), 0)
    late = waiting.annotate(start=Coalesce("restarted_at", "opened_at")).filter(
        start__lte=now - timedelta(minutes=minutes)
    )
    return Effect(waiting.count(), late.count())


def _waiting(situation: Situation) -> QuerySet[Case]:
    """Those that wait for an answer; a copy follows its lead."""
    rows = Case.objects.filter(situation=situation, responded_at=None, closed_at=None)
    return rows.exclude(state=State.MERGED)


def _touched(situation: Situation, priority: str) -> list[str]:
    """The priorities that a target counts for: the one for all yields to one of their own."""
    if priority:
        return [priority]
    own = {target.priority for target in own_targets(situation)}
    return [each for each in PRIORITIES if each not in own]


def _of(rows: QuerySet[Case], priorities: Iterable[str]) -> QuerySet[Case]:
    return rows.filter(is_urgent__in=[priority == URGENT for priority in priorities])
