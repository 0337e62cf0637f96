"""Alarms: raised with their evidence, climbed step by step until somebody takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cases import duty
from cases.models import Case, Escalation, User, Watch
from cases.rules.ladders import SAID_WORSE, snapshot
from cases.rules.levels import Level
from cases.rules.workflow import State
from cases.services import audit, notifications
from cases.services.transitions import lock, move

RESTING = State.WATCHING
"""The only state that changes because a watch worsened; in every other state the work goes on."""

DANGER = "danger"
WORSENED = "worsened"
OVERDUE_APPROVAL = "approval overdue"

QUIETER = frozenset({"blind", "referred", OVERDUE_APPROVAL})
"""Causes that say nothing of how the situation is: what is measured is news beside them."""

KEPT = 20
"""So much later evidence stays on the alarm itself; all of it stands in the trail."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why communications must know: `cause` in a word, `evidence` with every number shown later."""

    level: int
    cause: str
    evidence: Mapping[str, Any]
    watch: Watch | None = None

    def facts(self, escalation: Escalation) -> dict[str, Any]:
        return {
            "escalation": escalation.pk,
            "level": self.level,
            "cause": self.cause,
            "evidence": dict(self.evidence),
        }


def raise_escalation(case: Case, alarm: Alarm, *, by: User | None, now: datetime) -> Escalation:
    """Open an escalation with a copy of the ladder, or make the open one ring again.

    One open escalation per case. A higher level starts the ladder again, also when somebody had
    taken the lower one; so does a cause that is news to who took it (`_is_news`). Anything else
    is added to the evidence and disturbs nobody. A case that rests in watching moves to
    communications.
    """
    with transaction.atomic():
        held = lock(case)
        found = Escalation.objects.filter(case=held, resolved_at=None).first()
        if found is None:
            found, action = _open(held, alarm, by=by, now=now), "escalated"
        elif _is_news(found, alarm):
            _lift(found, alarm, by=by, now=now)
            action = "escalated further"
        else:
            _add(found, alarm, now=now)
            action = "more evidence"
        audit.append(_subject(found), action, by=by, now=now, facts=alarm.facts(found))
        if held.state == RESTING:
            move(held, State.COMMS, by=by, now=now, reason=alarm.cause)
            case.state = held.state
    return found


def acknowledge(escalation: Escalation, *, by: User, now: datetime) -> bool:
    """Take an alarm: names the person and stops the ladder for this level.

    False when it was taken or over already; that changes nothing and is written down.
    """
    with transaction.atomic():
        lock(escalation.case)
        taken = Escalation.objects.filter(pk=escalation.pk, status=Escalation.Status.RUNNING).update(
            status=Escalation.Status.ACKNOWLEDGED, acknowledged_by=by, acknowledged_at=now, next_step_at=None
        )
        facts = {"escalation": escalation.pk, "level": escalation.level}
        result = "done" if taken else "was over already"
        audit.append(_subject(escalation), "acknowledged", by=by, now=now, result=result, facts=facts)
    escalation.refresh_from_db()
    return bool(taken)


def resolve(case: Case, *, by: User | None, now: datetime, resolution: str) -> bool:
    """Close the open escalation of a case, in the caller's transaction; False when there is none."""
    resolved = Escalation.objects.filter(case=case, resolved_at=None).update(
        status=Escalation.Status.RESOLVED, resolved_at=now, next_step_at=None, resolution=resolution[:500]
    )
    if resolved:
        audit.append(
            audit.subject_of(case.pk), "escalation resolved", by=by, now=now, facts={"how": resolution}
        )
    return bool(resolved)


def due_escalations(*, now: datetime) -> list[int]:
    due = Escalation.objects.filter(status=Escalation.Status.RUNNING, next_step_at__lte=now)
    return list(due.order_by("next_step_at").values_list("pk", flat=True)[:200])


def take_due_steps(*, now: datetime) -> int:
    """Take every step whose time has come; returns how many. Safe to run twice at once."""
    return sum(take_steps(escalation_id, now=now) for escalation_id in due_escalations(now=now))


def _open(case: Case, alarm: Alarm, *, by: User | None, now: datetime) -> Escalation:
    return Escalation.objects.create(
        case=case,
        watch=alarm.watch,
        cause=alarm.cause,
        level=alarm.level,
        evidence=dict(alarm.evidence),
        ladder=snapshot(alarm.level, alarm.cause),
        next_step_at=now,
        raised_by=by,
        raised_at=now,
    )


def _is_news(escalation: Escalation, alarm: Alarm) -> bool:
    """Whether an alarm says more than the open one, so that people must be called again.

    Danger to life always does. A measured rise does beside a blind watch or a hand-over. So does
    a person's word, unless the officers are being called already.
    """
    if alarm.level > escalation.level or alarm.cause == DANGER:
        return True
    if alarm.cause == SAID_WORSE:
        is_climbing = escalation.next_step_at is not None
        tells_officers = escalation.cause == SAID_WORSE or escalation.level >= Level.SERIOUS
        return not (is_climbing and tells_officers)
    return alarm.cause == WORSENED and escalation.cause in QUIETER


def _lift(escalation: Escalation, alarm: Alarm, *, by: User | None, now: datetime) -> None:
    """Start the ladder again for a new cause; the level never falls, and danger stays danger."""
    escalation.level = max(alarm.level, escalation.level)
    escalation.cause = DANGER if escalation.cause == DANGER else alarm.cause
    escalation.evidence, escalation.watch = dict(alarm.evidence), alarm.watch or escalation.watch
    escalation.status = Escalation.Status.RUNNING
    escalation.ladder = snapshot(escalation.level, alarm.cause)
    escalation.round, escalation.step, escalation.next_step_at = escalation.round + 1, 0, now
    escalation.raised_by, escalation.raised_at = by, now
    escalation.acknowledged_by = escalation.acknowledged_at = None
    escalation.save()


def _add(escalation: Escalation, alarm: Alarm, *, now: datetime) -> None:
    """Keep what came later on the alarm, beside the numbers that it rang for."""
    said = dict(alarm.evidence) | {"cause": alarm.cause, "level": alarm.level, "at": now.isoformat()}
    later = [*escalation.evidence.get("later", []), said][-KEPT:]
    escalation.evidence = escalation.evidence | {"later": later}
    escalation.save(update_fields=["evidence"])


def take_steps(escalation_id: int, *, now: datetime) -> int:
    """The due steps of one escalation, under its case's lock; a step nobody can be reached by is passed."""
    case_id = Escalation.objects.values_list("case_id", flat=True).get(pk=escalation_id)
    n_taken = 0
    with transaction.atomic():
        lock(Case(pk=case_id), with_lead=False)
        escalation = Escalation.objects.select_related("watch").get(pk=escalation_id)
        while _is_due(escalation, now=now):
            _take_step(escalation, now=now)
            n_taken += 1
    return n_taken


def _is_due(escalation: Escalation, *, now: datetime) -> bool:
    due_at = escalation.next_step_at
    return escalation.status == Escalation.Status.RUNNING and due_at is not None and due_at <= now


def _take_step(escalation: Escalation, *, now: datetime) -> None:
    step = escalation.ladder[escalation.step]
    people = _people(escalation, step["who"])
    n = notifications.notify(escalation, people, step["channels"], step=escalation.step, now=now)
    facts = {
        "step": escalation.step + 1,
        "who": step["who"],
        "people": [str(p) for p in people],
        "messages": n,
    }
    result = "done" if people else "nobody could be reached"
    audit.append(_subject(escalation), "step taken", by=None, now=now, result=result, facts=facts)
    escalation.step += 1
    rest = escalation.ladder[escalation.step :]
    due = escalation.raised_at + timedelta(seconds=rest[0]["after_s"]) if rest else None
    escalation.next_step_at = now if rest and not people else due
    escalation.save(update_fields=["step", "next_step_at"])


def _people(escalation: Escalation, who: str) -> list[User]:
    """Who a step calls; whoever said that it got worse knows, and somebody else must."""
    people = duty.people_for(escalation, who)
    if escalation.cause != SAID_WORSE:
        return people
    return [person for person in people if person.pk != escalation.raised_by_id]


def _subject(escalation: Escalation) -> str:
    return audit.subject_of(escalation.case_id)
