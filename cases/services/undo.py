"""One key takes back an officer's last triage action, by compensating events: nothing is deleted."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import policy
from cases.models import Assessment, AuditEvent, Case, Escalation, Response, TriageAction, User
from cases.rules.scheme import node_of
from cases.rules.workflow import MOVES, State
from cases.services import actions, audit, copies, counting, escalation
from cases.services.transitions import CaseChanged, MoveRefused, hold_all, lock, move

WAY_STATIONS = frozenset({State.NEW, State.ASSESSED, State.DRAFTING})
"""States a case may pass through on its way back: nobody is told there and nothing is promised."""


CHUNK = 10
"""Cases of a batch in one transaction: nobody waits longer than 200 ms for a row that we hold."""

FINAL = frozenset({"danger"})
"""Actions that no key takes back: whoever was called for danger to life decides how it ends."""


class NothingToUndo(Exception):
    """The last action was taken back already, cannot be taken back, or there was none."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why or _("There is nothing to undo.")


def last_action(officer: User) -> TriageAction | None:
    """The action that one key would take back now; never one that came before a final action."""
    newest = TriageAction.objects.filter(officer=officer).order_by("-pk").select_related("case").first()
    return newest if newest and newest.undone_at is None and newest.kind not in FINAL else None


@dataclass(slots=True)
class Undone:
    """What one key took back. `case` is where to look; `left`: why cases of the batch stay as they are."""

    case: Case
    n_done: int = 1
    left: list[str] = field(default_factory=list)


def undo(officer: User, *, now: datetime) -> Undone:
    """Take back the officer's last action; of one on many cases all of them that did not move on.

    Raises NothingToUndo, also when somebody took or raised an alarm on the case since; or
    CaseChanged when others moved it on.
    """
    action = last_action(officer)
    if action is None:
        raise NothingToUndo
    if not action.batch:
        return Undone(_take_back(action, by=officer, now=now))
    with audit.acting_on_many(action.batch):
        return _take_back_all(action, by=officer, now=now)


def in_batch(action: TriageAction) -> int:
    """How many cases one key would take this action back on."""
    if not action.batch:
        return 1
    return TriageAction.objects.filter(officer=action.officer_id, batch=action.batch, undone_at=None).count()


def _take_back_all(newest: TriageAction, *, by: User, now: datetime) -> Undone:
    """Each case by itself, a few in a transaction; the newest first."""
    undone, last = Undone(newest.case, 0), None
    for chunk in _chunks(newest):
        with transaction.atomic():
            held = hold_all(partial(_cases_of, chunk))
            for action in chunk:
                action.case = held[action.case_id]  # its lead may be another one than when it was read
                try:
                    with transaction.atomic():
                        undone.case = _take_back(action, by=by, now=now)
                    undone.n_done += 1
                except (CaseChanged, MoveRefused, NothingToUndo) as refusal:
                    last = refusal
                    undone.left.append(str(refusal))
    if last and not undone.n_done:
        raise last
    return undone


def _cases_of(actions_back: Sequence[TriageAction]) -> set[int]:
    """The cases of actions and their leads: held at once, for each action asks for its own."""
    ids = {action.case_id for action in actions_back}
    return ids | copies.leads_of(ids)


def _chunks(newest: TriageAction) -> Iterator[list[TriageAction]]:
    of_batch = TriageAction.objects.filter(officer=newest.officer_id, batch=newest.batch, undone_at=None)
    ids = list(of_batch.order_by("case_id").values_list("pk", flat=True))
    for n in range(0, len(ids), CHUNK):
        chunk = TriageAction.objects.filter(pk__in=ids[n : n + CHUNK])
        yield list(chunk.select_related("case").order_by("case_id"))


def _take_back(action: TriageAction, *, by: User, now: datetime) -> Case:
    with transaction.atomic():
        lead_id = action.before.get("lead_id")
        brought = action.before.get(copies.BROUGHT, [])
        case = lock(action.case, with_cases=[*([lead_id] if lead_id else ()), *brought])
        if case.state != action.after_state:
            raise CaseChanged(case.pk, action.after_state, case.state)
        own = _own_events(action)
        # One that took copies since it was detached is their lead: a copy has none.
        if _went_on(action, own) or (lead_id and case.state != State.MERGED and case.n_copies):
            raise NothingToUndo(_("This case went on since then; undoing would take that back as well."))
        if _is_in_hand(case, action):
            raise NothingToUndo(_("Somebody has the alarm on this case; undoing would end it for them."))
        if not TriageAction.objects.filter(pk=action.pk, undone_at=None).update(undone_at=now):
            raise NothingToUndo
        _clean_up(case, action, own, by=by, now=now)
        if lead_id and case.state != State.MERGED:  # a copy that was only put aside is counted already
            copies.rejoin(case, lead_id)
        merged_into = case.lead_id
        _move_back(case, State(action.before["state"]), by=by, now=now)
        back = copies.part(case, merged_into, brought) if merged_into and brought else []
        _restore(case, action)
        counting.follow([case.pk, *back], now=now)
        counting.rejudged([case.pk], now=now)
        facts = {"action": action.kind} | ({"copies": back} if back else {})
        audit.append(audit.subject_of(case.pk), "undone", by=by, now=now, facts=facts)
    return case


def _own_events(action: TriageAction) -> list[AuditEvent]:
    """What the action wrote in the trail of its case, by whom and when: one moment may be two people's."""
    events = AuditEvent.objects.filter(subject=audit.subject_of(action.case_id), at=action.at)
    return list(events.filter(actor_id=action.officer_id).order_by("seq"))


def _went_on(action: TriageAction, own: Sequence[AuditEvent]) -> bool:
    """Whether the case moved since the action, also when it is back in the same state by now."""
    moved = AuditEvent.objects.filter(subject=audit.subject_of(action.case_id), action="moved")
    return (moved.filter(seq__gt=own[-1].seq) if own else moved.filter(at__gt=action.at)).exists()


def _is_in_hand(case: Case, action: TriageAction) -> bool:
    """Whether somebody took an alarm on this case since the action, handed it over, or raised one."""
    newer = Q(raised_at__gt=action.at) | Q(acknowledged_at__gte=action.at)
    newer |= Q(cause=escalation.DANGER, raised_at__gte=action.at)
    if Escalation.objects.filter(newer, case=case, resolved_at=None).exists():
        return True
    events = AuditEvent.objects.filter(subject=audit.subject_of(case.pk), action="handed over")
    return events.filter(at__gte=action.at).exists()


def _clean_up(
    case: Case, action: TriageAction, own: Sequence[AuditEvent], *, by: User, now: datetime
) -> None:
    """Take down what the action put up: its watch, its alarm, its draft. What colleagues put up stays."""
    started = [event.facts["watch"] for event in own if event.action == "watch started"]
    for watch in case.watches.filter(ended_at=None, pk__in=started) if started else ():
        case.watches.filter(pk=watch.pk).update(ended_at=now, end_reason="undone", evaluate_at=None)
        facts = {"watch": watch.pk, "reason": "undone"}
        audit.append(audit.subject_of(case.pk), "watch ended", by=by, now=now, facts=facts)
    # An alarm that stood before and was lifted by the action stays: it is not this officer's to end.
    raised = case.escalations.filter(resolved_at=None, raised_by=action.officer_id, raised_at=action.at)
    if raised.filter(round=1).exists():
        escalation.resolve(case, by=by, now=now, resolution="undone")
    if case.state == State.DRAFTING != action.before["state"]:
        begun = Response.objects.filter(case=case, status=Response.Status.DRAFT, created_at=action.at)
        begun.filter(author=action.officer_id).update(status=Response.Status.WITHDRAWN)


def _move_back(case: Case, to: State, *, by: User, now: datetime) -> None:
    for state in _path(case.pk, State(case.state), to):
        facts = {"lead": case.lead_id} if state is State.MERGED else None
        move(case, state, by=by, now=now, reason="undo", facts=facts)


def _path(case_id: int, start: State, to: State) -> list[State]:
    """The shortest way back through moves that the flow allows; most often one step.

    Raises MoveRefused when the flow has no way back.
    """
    ways: deque[list[State]] = deque([[start]])
    seen = {start}
    while ways:
        way = ways.popleft()
        if way[-1] is to:
            return way[1:]
        for state in sorted((MOVES[way[-1]] & (WAY_STATIONS | {to})) - seen):
            seen.add(state)
            ways.append([*way, state])
    raise MoveRefused(case_id, start, to)


def _restore(case: Case, action: TriageAction) -> None:
    """Put back what the case showed and when it got there. Only a completed judgement is opened again."""
    before = dict(action.before)
    answers = before.pop("answers")
    before.pop("state")
    for name in ("lead_id", copies.BROUGHT):  # moved back by now, and counted
        before.pop(name, None)
    for name in actions.MOMENTS:
        moment = before.get(name)
        before[name] = datetime.fromisoformat(moment) if moment else None
    Case.objects.filter(pk=case.pk).update(**before)
    newest = case.assessments.order_by("-n").first()
    if newest and action.kind == "judged":
        newest.answers, newest.completed_at = answers, None
        newest.save(update_fields=["answers", "completed_at"])
    elif newest and action.batch and newest.started_at == action.at:
        _forget(newest)
    elif newest and newest.chosen_at == action.at:
        newest.chosen_at, newest.option, newest.follows_advice = None, "", None
        newest.save(update_fields=["chosen_at", "option", "follows_advice"])
    case.refresh_from_db()
    case.scheme_node = node_of(policy.judgement(case).step)
    case.save(update_fields=["scheme_node"])


def _forget(assessment: Assessment) -> None:
    """Open a judgement again that was given together with many, as if nothing had been answered yet."""
    assessment.answers, assessment.completed_at, assessment.chosen_at = {}, None, None
    assessment.option, assessment.follows_advice = "", None
    assessment.save(update_fields=["answers", "completed_at", "chosen_at", "option", "follows_advice"])
