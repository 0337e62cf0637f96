"""Cases join a situation and leave it: the only writer of `Case.situation` after a case was opened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, Inflow, Situation, User
from cases.rules.workflow import State
from cases.services import audit, clocks, counting
from cases.services.transitions import hold_all
from monitoring import bulk


class SituationOver(Exception):
    """Nothing joins a situation that is not open."""

    def __init__(self, situation: Situation) -> None:
        super().__init__(situation.pk, situation.status)
        self.name = situation.name

    def __str__(self) -> str:
        return _("The situation “%(name)s” is not open. Open it again, or choose another one.") % {
            "name": self.name
        }


def subject_of(situation_id: int) -> str:
    """The subject of the trail of a situation."""
    return f"situation:{situation_id}"


def join(
    situation: Situation,
    case_ids: Collection[int],
    *,
    by: User | None,
    now: datetime,
    inflow: Inflow | None = None,
) -> list[int]:
    """Bring cases into a situation with their copies; returns those that were not in it, leads only.

    A copy goes where its lead goes, so naming a copy brings its lead. A case of another situation moves over
    when a person says so; a rule leaves it there. Raises SituationOver.
    """
    with transaction.atomic():
        held = _held_with_copies(case_ids)
        # Held as well: who closes it overlooks no case, and nobody comes after.
        running = Situation.objects.select_for_update(no_key=True).filter(status=Situation.Status.OPEN)
        if not running.filter(pk=situation.pk).values_list("pk"):
            raise SituationOver(situation)
        moving = [
            case
            for case in held.values()
            if case.situation_id != situation.pk and (by is not None or case.situation_id is None)
        ]
        _write(moving, situation.pk, inflow.pk if inflow else None, now=now)
        joined = [case for case in moving if case.state != State.MERGED]
        facts = {"situation": situation.pk, "name": situation.name}
        facts |= {"inflow": inflow.pk} if inflow else {}
        _note(joined, "joined situation", facts, by=by, now=now)
        for case in joined:
            clocks.set_due(case)
    return [case.pk for case in joined]


def leave(case_ids: Collection[int], *, by: User | None, now: datetime, of: int | None = None) -> list[int]:
    """Take cases out of their situation, with their copies; returns those that were in one, leads only.

    `of`: only those that are in this situation still.
    """
    with transaction.atomic():
        held = _held_with_copies(case_ids)
        leaving = [case for case in held.values() if case.situation_id and of in (None, case.situation_id)]
        before = {case.pk: case.situation_id for case in leaving}
        _write(leaving, None, None, now=now)
        left = [case for case in leaving if case.state != State.MERGED]
        _note(left, "left situation", {}, by=by, now=now, before=before)
        for case in left:
            clocks.set_due(case)
    return [case.pk for case in left]


def _held_with_copies(case_ids: Collection[int]) -> dict[int, Case]:
    """These cases or the leads that they follow, with all copies of those, held in order."""
    wanted = set(case_ids)

    def found() -> set[int]:
        merged = Case.objects.filter(pk__in=wanted, state=State.MERGED)
        leads = {int(pk) for pk in merged.values_list("lead_id", flat=True) if pk}
        alone = wanted - set(merged.values_list("pk", flat=True))
        copies = Case.objects.filter(lead__in=leads | alone, state=State.MERGED)
        return {*leads, *alone, *copies.values_list("pk", flat=True)}

    return hold_all(found) if wanted else {}


def _write(cases: Sequence[Case], situation_id: int | None, inflow_id: int | None, *, now: datetime) -> None:
    """Write where they belong, and let the watches of their situations count them there."""
    if cases:
        bulk.update(
            Case, ("situation_id", "inflow_id"), [(situation_id, inflow_id, case.pk) for case in cases]
        )
    for case in cases:
        case.situation_id, case.inflow_id = situation_id, inflow_id
    counting.joined([case.pk for case in cases], now=now)


def _note(
    cases: Sequence[Case],
    action: str,
    facts: Mapping[str, object],
    *,
    by: User | None,
    now: datetime,
    before: Mapping[int, int | None] | None = None,
) -> None:
    """Write on every case that it joined or left."""
    noted = {
        audit.subject_of(case.pk): dict(facts) | ({"situation": before[case.pk]} if before else {})
        for case in cases
    }
    if noted:
        audit.append_next(noted, action, by=by, now=now)
