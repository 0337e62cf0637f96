"""Alarms: raised with their evidence, climbed step by step until somebody takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cases import duty
from cases.models import Case, Escalation, User, Watch
from cases.rules.ladders import snapshot
from cases.rules.workflow import State
from cases.services import audit, notifications
from cases.services.transitions import lock, move

RESTING = State.WATCHING
"""The only state that changes because a watch worsened; in every other state the work goes on."""


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
    """Open an escalation with a copy of the ladder, or lift the open one to a higher level.

    One open escalation per case: a second cause at the same or a lower level is added to the
    evidence and disturbs nobody. A higher level starts the ladder again, also when somebody
    had taken the lower one. A case that rests in watching moves to communications.
    """
    with transaction.atomic():
        held = lock(case)
        found = Escalation.objects.filter(case=held, resolved_at=None).first()
        if found is None:
            found, action = _open(held, alarm, by=by, now=now), "escalated"
        elif alarm.level > found.level:
            _lift(found, alarm, now=now)
            action = "escalated further"
        else:
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
        ladder=snapshot(alarm.level),
        next_step_at=now,
        raised_by=by,
        raised_at=now,
    )


def _lift(escalation: Escalation, alarm: Alarm, *, now: datetime) -> None:
    escalation.level, escalation.cause = alarm.level, alarm.cause
    escalation.evidence, escalation.watch = dict(alarm.evidence), alarm.watch or escalation.watch
    escalation.status = Escalation.Status.RUNNING
    escalation.ladder, escalation.round = snapshot(alarm.level), escalation.round + 1
    escalation.step, escalation.next_step_at = 0, now
    escalation.raised_at = now
    escalation.acknowledged_by = escalation.acknowledged_at = None
    escalation.save()


def take_steps(escalation_id: int, *, now: datetime) -> int:
    """The due steps of one escalation, under its case's lock; a step nobody can be reached by is passed."""
    case_id = Escalation.objects.values_list("case_id", flat=True).get(pk=escalation_id)
    n_taken = 0
    with transaction.atomic():
        lock(Case(pk=case_id))
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
    people = duty.people_for(escalation, step["who"])
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


def _subject(escalation: Escalation) -> str:
    return audit.subject_of(escalation.case_id)
