"""Closing many: what nobody will read of a flood, and a situation with all that is still open in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Batch, Case, Situation, User
from cases.rules.workflow import OPEN, State
from cases.services import batches, joining, situations
from cases.services.batches import Act, Kind
from cases.services.transitions import move_many
from cases.services.triage import ReasonMissing


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of the open cases of a situation that is closed: by what they wait for.

    `close_unread`: those that nobody judged end with the reason; otherwise they go to the inbox with a clock
    of their own, as do all others.
    """

    close_unread: bool = False


def close_unread(
    situation: Situation, *, reason: str, by: User, now: datetime, up_to: int | None = None
) -> Batch:
    """End the posts of a situation that nobody has read, with a reason; what presses stays open.

    `up_to`: the newest case that the officer's page counted: what came after it was not meant. Danger, what
    is watched, rings, was promised or is being written stays, and is named with its reason.
    """
    if not reason.strip():
        raise ReasonMissing(_("why nobody reads these posts"))
    waiting = Case.objects.filter(situation=situation, state=State.NEW)
    if up_to is not None:
        waiting = waiting.filter(pk__lte=up_to)
    seen = dict.fromkeys(waiting.order_by("pk").values_list("pk", flat=True), State.NEW)
    return batches.begin(Act(Kind.CLOSE, situation, reason=reason.strip()), seen, by=by, now=now)


def close_some(batch: Batch, cases: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """How a batch of this kind is carried out."""
    whys = batches.hurdles([case.pk for case in cases])
    for case in cases:
        if case.is_urgent:
            whys[case.pk] = _("Case %(case)d is urgent; look at it by itself.") % {"case": case.pk}
    free = [case for case in cases if case.pk not in whys]
    moved = {case.pk for case in move_many(free, State.DISMISSED, by=batch.by, now=now, reason=batch.reason)}
    stays = _("Case %(case)d cannot be closed like this.")
    return {
        case.pk: whys.get(case.pk, "" if case.pk in moved else stays % {"case": case.pk}) for case in cases
    }


def close_situation(
    situation: Situation, choice: Choice, *, reason: str, by: User, now: datetime
) -> list[Batch]:
    """Close a situation; its open cases go on by themselves, or end, as was chosen.

    Watches on its cases stay as they are; that of the situation ends. Returns the batches that were begun.
    """
    with transaction.atomic():
        situations.end(situation, reason=reason, by=by, now=now)
        begun = [close_unread(situation, reason=reason, by=by, now=now)] if choice.close_unread else []
        rest = Case.objects.filter(situation=situation, state__in=[*OPEN]).exclude(state=State.MERGED)
        if choice.close_unread:
            rest = rest.exclude(state=State.NEW)
        seen = {pk: State(state) for pk, state in rest.order_by("pk").values_list("pk", "state")}
        begun.append(batches.begin(Act(Kind.LEAVE, situation, reason=reason.strip()), seen, by=by, now=now))
    return begun


def leave_some(batch: Batch, cases: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """How cases leave a situation bit by bit, each with the clock that it had without it."""
    joining.leave([case.pk for case in cases], by=batch.by, now=now, of=batch.situation_id)
    return {case.pk: "" for case in cases}
