"""Ladders: whom an alarm of each level calls, changed by a person who reads what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases.models import DutyPost, Ladder, User
from cases.rules.ladders import CALLED, CHANNELS, SHIPPED, WATCHER, Step
from cases.rules.permissions import Need, may
from cases.services import audit

MOST_STEPS = 12
MOST_REPEATS = 10
MOST_AFTER_S = 24 * 3600
SHORTEST_TAKEN_S, LONGEST_TAKEN_S = 10 * 60, 24 * 3600


class LadderRefused(Exception):
    """A ladder that cannot be, with every reason."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(reasons)
        self.reasons = list(reasons)

    def __str__(self) -> str:
        return " ".join(self.reasons)


class LadderChanged(Exception):
    """Somebody changed the ladder after it was shown."""

    def __str__(self) -> str:
        return _("This ladder was changed after you opened it. Look at the page again.")


@dataclass(frozen=True, slots=True)
class LadderPlan:
    """The whole of a ladder as somebody wants it."""

    steps: Sequence[Step]
    repeats: int
    taken_for_s: int


def change(level: int, plan: LadderPlan, *, seen: int, by: User, now: datetime) -> Ladder:
    """Put a ladder in place of the one of `seen`, its version. It holds for alarms that ring from now on.

    Raises LadderRefused with every reason, and LadderChanged when somebody was first.
    """
    reasons = mistakes(plan)
    if reasons:
        raise LadderRefused(reasons)
    wanted = {
        "steps": [_stored(step) for step in plan.steps],
        "repeats": plan.repeats,
        "taken_for_s": plan.taken_for_s,
    }
    with transaction.atomic():
        row = _held(level)
        if row.version != seen:
            raise LadderChanged
        before = {"steps": row.steps, "repeats": row.repeats, "taken_for_s": row.taken_for_s}
        if before == wanted:
            return row
        row.steps, row.repeats, row.taken_for_s = wanted["steps"], plan.repeats, plan.taken_for_s
        row.version += 1
        row.save()
        facts = {"before": before, "after": wanted, "version": row.version}
        audit.append(f"ladder:{level}", "ladder changed", by=by, now=now, facts=facts)
    return row


def mistakes(plan: LadderPlan) -> list[str]:
    """Everything that keeps a ladder from calling people in time."""
    found = []
    if not plan.steps:
        found.append(_("This ladder calls nobody. Add at least one step."))
    elif all(step.who == WATCHER for step in plan.steps):
        found.append(_("This ladder calls only the watcher. Add a step for when nobody keeps watch."))
    if len(plan.steps) > MOST_STEPS:
        found.append(_("A ladder has at most %(n)d steps.") % {"n": MOST_STEPS})
    if not 0 <= plan.repeats <= MOST_REPEATS:
        found.append(_("A ladder is repeated at most %(n)d times.") % {"n": MOST_REPEATS})
    if not SHORTEST_TAKEN_S <= plan.taken_for_s <= LONGEST_TAKEN_S:
        found.append(_("Taking an alarm holds from 10 minutes to 24 hours."))
    earlier_s = 0
    for n, step in enumerate(plan.steps, start=1):
        found += [_("Step %(n)d: %(what)s") % {"n": n, "what": what} for what in _wrong(step, n, earlier_s)]
        earlier_s = step.after_s
    return found


def _wrong(step: Step, n: int, earlier_s: int) -> list[str]:
    found = []
    if not _calls_somebody(step.who):
        found.append(_("this person or post takes no alarms. Choose another."))
    if not step.channels or set(step.channels) - set(CHANNELS):
        found.append(_("choose at least one way in which people hear it."))
    if n == 1 and step.after_s != 0:
        found.append(_("the first step is at once: 0 minutes after the alarm."))
    if not 0 <= step.after_s <= MOST_AFTER_S:
        found.append(_("at most 24 hours after the alarm."))
    if step.after_s < earlier_s:
        found.append(_("it comes before the step above it. Give it more minutes, or move it up."))
    return found


def _calls_somebody(who: str) -> bool:
    kind, _colon, number = who.partition(":")
    if who in CALLED:
        return True
    if not number.isdecimal() or len(number) > 18:
        return False
    if kind == "person":
        person = User.objects.filter(pk=int(number), is_active=True).first()
        return person is not None and may(person.role, Need.ACKNOWLEDGE)
    return kind == "post" and DutyPost.objects.filter(pk=int(number), is_active=True).exists()


def _held(level: int) -> Ladder:
    """The row of a level, held; the shipped one is written first where there is none."""
    shipped = SHIPPED[level]
    if not Ladder.objects.filter(level=level).exists():
        values = {
            "steps": [_stored(step) for step in shipped.steps],
            "repeats": shipped.repeats,
            "taken_for_s": shipped.taken_for_s,
        }
        try:
            with transaction.atomic():
                Ladder.objects.create(level=level, **values)
        except IntegrityError:  # somebody else wrote it first
            pass
    return Ladder.objects.select_for_update().get(level=level)


def _stored(step: Step) -> dict[str, Any]:
    return {"who": step.who, "after_s": step.after_s, "channels": list(step.channels)}
