"""What nobody read is closed in bulk; a situation closes once every open case in it has a way to go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Batch, Case, Escalation, Inflow, Response, Situation, Task, User, Watch
from cases.rules.closing import CLOSABLE, Group, Way, group_of
from cases.rules.workflow import OPEN, State
from cases.services import audit, batches, counting, joining, situations
from cases.services.batches import Act
from cases.services.transitions import move_many

AT_ONCE = 5000
"""Cases asked about in one statement: a database takes so many numbers and not many more."""

SWEPT = timedelta(days=1)
"""So long after it closed open cases that stayed behind in a situation are sent home."""


class ClosingRefused(Exception):
    """Something that cannot be closed: why, and what to do."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return {
            "reason": _("Closing needs a reason. Write one and try again."),
            "nothing": _(
                "There is nothing to close: every topic was read, or has to be looked at by itself."
            ),
            "way": _("Say for every group of open cases what happens to it, and try again."),
        }[self.fault]


@dataclass(slots=True)
class Sorted:
    """The open cases of a situation by what each waits for, with the state that each is in."""

    groups: dict[Group, dict[int, State]] = field(default_factory=dict)
    n_posts: dict[Group, int] = field(default_factory=dict)


def sort(situation: Situation, *, only_unread: bool = False, up_to: int | None = None) -> Sorted:
    """The open topics of a situation, each in one group: what holds it back before what it waits for.

    `up_to`: the newest case that somebody saw the number of; later ones are not asked about.
    """
    states = [State.NEW] if only_unread else [*OPEN]
    cases = Case.objects.filter(situation=situation, state__in=states)
    cases = cases.filter(pk__lte=up_to) if up_to is not None else cases
    rows = list(cases.order_by("pk").values_list("pk", "state", "is_urgent", "n_copies"))
    held = _held_back([row[0] for row in rows])
    found = Sorted()
    for pk, state, is_urgent, n_copies in rows:
        group = held.get(pk) or group_of(State(state), is_urgent=is_urgent)
        found.groups.setdefault(group, {})[pk] = State(state)
        found.n_posts[group] = found.n_posts.get(group, 0) + 1 + n_copies
    return found


def close_unread(situation: Situation, *, up_to: int, reason: str, by: User, now: datetime) -> Batch:
    """Close what nobody read, up to the case that was seen last; a worker does it bit by bit.

    Left to be looked at: what is urgent, watched, promised, rings, or somebody writes about. The number and
    the reason stand on the trail of the situation. Raises ClosingRefused.
    """
    if not reason.strip():
        raise ClosingRefused("reason")
    seen = sort(situation, only_unread=True, up_to=up_to).groups.get(Group.UNREAD, {})
    if not seen:
        raise ClosingRefused("nothing")
    act = Act(Batch.Kind.CLOSE, situation=situation, reason=reason.strip(), facts={"unread": True})
    return batches.begin(act, seen, by=by, now=now)


def close(
    situation: Situation, ways: Mapping[Group, Way], *, up_to: int, reason: str, by: User, now: datetime
) -> list[Batch]:
    """Close a situation: each group of open cases goes the way that was chosen for it.

    Cases that came after `up_to` were not seen and go back to the inbox, as does all that is held back by a
    watch, an alarm, a promise or a reply: those stay as they are. Raises ClosingRefused, SituationRefused.
    """
    if not reason.strip():
        raise ClosingRefused("reason")
    with transaction.atomic():
        Situation.objects.select_for_update(no_key=True).get(pk=situation.pk)  # who joins waits from here on
        found = sort(situation)
        ending: dict[int, State] = {}
        leaving: dict[int, State] = {}
        for group, seen in found.groups.items():
            is_ending = _way(group, ways) is Way.CLOSE
            for pk, state in seen.items():
                (ending if is_ending and pk <= up_to else leaving)[pk] = state
        begun = []
        for kind, seen in ((Batch.Kind.CLOSE, ending), (Batch.Kind.LEAVE, leaving)):
            if seen:
                act = Act(kind, situation=situation, reason=reason.strip())
                begun.append(batches.begin(act, seen, by=by, now=now))
        situations.end(situation, reason=reason, by=by, now=now)
    return begun


def send_home(*, now: datetime) -> int:
    """Let open cases leave a situation that is closed: what its closing left, or was stopped before.

    Without it they would keep the clock of a situation that nobody looks at any more. Returns how many.
    """
    over = Situation.objects.filter(status=Situation.Status.CLOSED, closed_at__gt=now - SWEPT)
    return sum(_send_home(pk, now=now) for pk in over.order_by("pk").values_list("pk", flat=True))


def _send_home(situation_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        situation = Situation.objects.select_for_update(no_key=True).get(pk=situation_id)
        if Batch.objects.filter(situation=situation, status=Batch.Status.RUNNING).exists():
            return 0
        stayed = Case.objects.filter(situation=situation, state__in=[*OPEN])
        seen = {pk: State(state) for pk, state in stayed.values_list("pk", "state")}
        if situation.status != Situation.Status.CLOSED or not seen:
            return 0
        batches.begin(Act(Batch.Kind.LEAVE, situation=situation), seen, by=None, now=now)
    return len(seen)


def take_out(inflow: Inflow, *, by: User, now: datetime) -> Batch | None:
    """Let what an inflow brought leave its situation again, bit by bit; None when nothing is there."""
    brought = Case.objects.filter(situation=inflow.situation_id, inflow=inflow).exclude(state=State.MERGED)
    seen = {pk: State(state) for pk, state in brought.values_list("pk", "state")}
    if not seen:
        return None
    act = Act(Batch.Kind.LEAVE, situation=inflow.situation, facts={"inflow": inflow.pk})
    return batches.begin(act, seen, by=by, now=now)


def carry_out(batch: Batch, held: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """Close some cases of a batch, whose rows the worker holds; each is asked again what holds it back."""
    barred = batches.hurdles([case.pk for case in held])
    whys = {case.pk: barred.get(case.pk, "") or _why_not(case, batch) for case in held}
    ready = [case for case in held if not whys[case.pk]]
    moved = move_many(ready, State.CLOSED, by=batch.by, now=now, reason=batch.reason)
    done = {case.pk for case in moved}
    counting.rejudged(sorted(done), now=now)
    stuck = {case.pk: _("Case %(case)d cannot be closed as it is.") % {"case": case.pk} for case in ready}
    return whys | {pk: why for pk, why in stuck.items() if pk not in done}


def carry_out_leaving(batch: Batch, held: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """Let some cases of a batch leave their situation, back to the inbox with their ordinary clock."""
    of = batch.situation_id
    joining.leave([case.pk for case in held], by=batch.by, now=now, of=of)
    return {}


def stop(batch: Batch, *, by: User, now: datetime) -> bool:
    """Stop a batch of a situation; what was done stays. False when it was over."""
    with transaction.atomic():
        stopped = batches.stop(batch, by=by, now=now)
        if stopped and batch.situation_id:
            Situation.objects.select_for_update(no_key=True).get(pk=batch.situation_id)
            facts = {"batch": batch.pk, "kind": batch.kind}
            audit.append(joining.subject_of(batch.situation_id), "batch stopped", by=by, now=now, facts=facts)
    return stopped


def _way(group: Group, ways: Mapping[Group, Way]) -> Way:
    if group not in CLOSABLE:
        return Way.INBOX
    if group not in ways:
        raise ClosingRefused("way")
    return ways[group]


def _why_not(case: Case, batch: Batch) -> str:
    if case.is_urgent or case.category == "danger":
        return _("Case %(case)d is urgent; look at it by itself.") % {"case": case.pk}
    if case.situation_id != batch.situation_id:
        return _("Case %(case)d is in this situation no more.") % {"case": case.pk}
    return ""


def _held_back(case_ids: Sequence[int]) -> dict[int, Group]:
    """Of these cases those that something holds back, the strongest first: alarm, promise, reply, watch."""
    held: dict[int, Group] = {}
    for start in range(0, len(case_ids), AT_ONCE):
        some = case_ids[start : start + AT_ONCE]
        for group, rows in (
            (Group.WATCHED, Watch.objects.filter(case__in=some, ended_at=None)),
            (Group.WRITING, Response.objects.filter(case__in=some, status__in=Response.PENDING)),
            (Group.PROMISED, Task.objects.filter(case__in=some, done_at=None)),
            (Group.ALARMED, Escalation.objects.filter(case__in=some, resolved_at=None)),
        ):
            held |= dict.fromkeys((pk for pk in rows.values_list("case_id", flat=True) if pk), group)
    return held
