"""The scale of incidents with what each level is used for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import Http404

from cases.access import LARGEST_ID, require
from cases.models import AuditEvent, Situation, SituationLevel, User
from cases.rules.permissions import Need
from cases.rules.scale import version

HISTORY = 10


@dataclass(frozen=True, slots=True)
class Step:
    """A level, and how many situations have it: those that run, and all there ever were."""

    level: SituationLevel
    n_open: int
    n_ever: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The levels in use, the lowest first, and those that were retired; `version` goes back with a change."""

    steps: Sequence[Step]
    retired: Sequence[Step]
    version: str
    history: Sequence[AuditEvent]


def scale() -> Scale:
    """The scale as it is now, in two questions."""
    running = Count("situations", filter=Q(situations__status=Situation.Status.OPEN))
    rows = SituationLevel.objects.annotate(n_open=running, n_ever=Count("situations")).order_by("n")
    steps = [Step(row, row.n_open, row.n_ever) for row in rows]
    return Scale(
        steps=[step for step in steps if step.level.is_active],
        retired=[step for step in steps if not step.level.is_active],
        version=version((s.level.pk, s.level.n, s.level.name, s.level.is_active) for s in steps),
        history=list(AuditEvent.objects.filter(subject="scale").order_by("-pk")[:HISTORY]),
    )


def to_change(user: User, level_id: int) -> SituationLevel:
    """A level, for who may change the scale. Raises Http404."""
    require(user, Need.ONE_VOICE)
    found = SituationLevel.objects.filter(pk=min(level_id, LARGEST_ID)).first()
    if found is None:
        raise Http404
    return found
