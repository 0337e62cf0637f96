"""How soon posts of a situation are answered: its own targets, on the clock on the wall."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases import targets
from cases.models import Case, Situation, Target, User
from cases.rules.workflow import State
from cases.services import audit, clocks
from cases.services.joining import SituationOver, subject_of
from cases.services.transitions import hold

MOST = timedelta(days=1)
AT_ONCE = 200
"""Cases in one transaction: nobody waits long for a row."""


class HasteRefused(Exception):
    """Minutes that are no target of a situation."""

    def __str__(self) -> str:
        return _("A target of a situation takes at least a minute and at most a day.")


def set_target(
    situation: Situation, minutes: int | None, *, priority: str = "", by: User, now: datetime
) -> int:
    """Let posts of a situation be answered within so many minutes; None = as everywhere else.

    What waits already gets its new time, some hundred at a time; returns how many. `priority` "" = all.
    Raises HasteRefused, SituationOver.
    """
    if minutes is not None and not 0 < minutes <= MOST // timedelta(minutes=1):
        raise HasteRefused
    key = {"kind": Target.Kind.RESPONSE, "category": "", "priority": priority}
    with transaction.atomic():
        held = Situation.objects.select_for_update(no_key=True).get(pk=situation.pk)
        if held.status != Situation.Status.OPEN:
            raise SituationOver(held)
        own = Target.objects.filter(situation=held, **key)
        if minutes is None:
            own.delete()
        elif not own.update(minutes=minutes):
            Target.objects.create(situation=held, minutes=minutes, **key)
        facts = {"minutes": minutes, "priority": priority}
        audit.append(subject_of(held.pk), "target set", by=by, now=now, facts=facts)
    targets.forget()
    return _again(situation)


def _again(situation: Situation) -> int:
    """Every case of the situation that waits is due by what holds now; copies follow their lead."""
    waiting = Case.objects.filter(situation=situation, responded_at=None, closed_at=None)
    rows = waiting.exclude(state=State.MERGED).order_by("pk").values_list("pk", flat=True)
    numbers = list(rows)
    for first in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            for case in hold(numbers[first : first + AT_ONCE]).values():
                clocks.set_due(case)
    return len(numbers)
