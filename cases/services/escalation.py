"""Alarms: raised with their evidence, climbed step by step until somebody takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case, Escalation, User, Watch
from cases.models.subject import Kind, Subject
from cases.models.subject import case as case_subject
from cases.rules.ladders import SAID_WORSE
from cases.rules.levels import Level
from cases.rules.workflow import State
from cases.services import absorbing, audit
from cases.services.ringing import (
    WORSENED,
    follow,
    join,
    ring_again,
    start_ladder,
    subject,
    take_step,
    whole_of,
)
from cases.services.subjects import hold
from cases.services.transitions import hold as hold_cases
from cases.services.transitions import lock, move

RESTING = State.WATCHING
"""The only state that changes because a watch worsened; in every other state the work goes on."""

DANGER = "danger"
OVERDUE_APPROVAL = "approval overdue"
LAPSED = "taken too long ago"

QUIETER = frozenset({"blind", "referred", OVERDUE_APPROVAL})
"""Causes that say nothing of how the situation is: what is measured is news beside them."""

FOLDED = timedelta(seconds=60)
"""Reasons that arise so soon after each other are one message."""

KEPT = 20
"""So much later evidence stays on the alarm itself; all of it stands in the trail."""


ABOUT = ("case_id", "situation_id", "query_id")


class AlarmRose(Exception):
    """The alarm is higher than the officer saw: what they take must be what they read."""

    def __init__(self, escalation_id: int, seen: int, level: int) -> None:
        super().__init__(escalation_id, seen, level)
        self.seen, self.level = seen, level

    def __str__(self) -> str:
        return _(
            "This alarm rose from level %(seen)d to level %(level)d after you opened it, so you have not "
            "taken it. Read why it rose, and take it again."
        ) % {"seen": self.seen, "level": self.level}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why communications must know: `cause` in a word, `evidence` with every number shown later.

    `onset_at`: when what it rings for began, if that is known.
    """

    level: int
    cause: str
    evidence: Mapping[str, Any]
    watch: Watch | None = None
    onset_at: datetime | None = None

    def facts(self, escalation: Escalation) -> dict[str, Any]:
        return {
            "escalation": escalation.pk,
            "level": self.level,
            "cause": self.cause,
            "evidence": dict(self.evidence),
        }


def raise_escalation(about: Case | Subject, alarm: Alarm, *, by: User | None, now: datetime) -> Escalation:
    """Open an escalation with a copy of the ladder, or make the open one ring again.

    One open escalation per case, situation and query; the open situation of a case takes the alarm of its
    watch upon itself (`absorbing`). A higher level starts the ladder again, also when somebody had
    taken the lower one; so does a cause that is news to who took it (`_is_news`). Anything else
    is added to the evidence and disturbs nobody, as is what comes within a minute of the same. One that
    rises with others of its topic rings with those. A case that rests in watching moves to communications.
    """
    with transaction.atomic():
        subject_, case = _held(about)
        above = absorbing.watch_above(case, alarm.cause, alarm.evidence, now=now) if case else None
        if case and above:
            subject_, alarm = above.subject, _of_case(alarm, case, above)
        found = Escalation.objects.filter(**subject_.named, resolved_at=None).first()
        if found is None:
            found, action = _open(subject_, alarm, by=by, now=now), "escalated"
        elif _is_news(found, alarm) and not _is_folded(found, alarm, now=now):
            _lift(found, alarm, by=by, now=now)
            action = "escalated further"
        else:
            _add(found, alarm, now=now)
            action = "more evidence"
        audit.append(subject(found), action, by=by, now=now, facts=alarm.facts(found))
        if case and above:
            facts = alarm.facts(found) | above.subject.named
            audit.append(audit.subject_of(case.pk), "alarm of the situation", by=by, now=now, facts=facts)
        if case and case.state == RESTING:
            move(case, State.COMMS, by=by, now=now, reason=alarm.cause)
        if case and isinstance(about, Case):
            about.state = case.state
    return found


def acknowledge(escalation: Escalation, *, by: User, now: datetime, seen: int | None = None) -> bool:
    """Take an alarm with all that rings with it: names the person and stops the ladder for this level.

    It holds for a while, unless something is done or a check is written down by then (`taking.lapse`).
    False when it was taken or over already; that changes nothing and is written down. Raises AlarmRose
    when it is higher than `seen`, the level on the officer's page.
    """
    with transaction.atomic():
        _hold_with_parts(escalation)
        escalation.refresh_from_db()
        is_running = escalation.status == Escalation.Status.RUNNING
        if is_running and seen is not None and escalation.level > seen:
            raise AlarmRose(escalation.pk, seen, escalation.level)
        if is_running:
            _take(escalation, by=by, now=now)
        facts = {"escalation": escalation.pk, "level": escalation.level}
        result = "done" if is_running else "was over already"
        audit.append(subject(escalation), "acknowledged", by=by, now=now, result=result, facts=facts)
        for part in _running_parts(escalation) if is_running else ():
            _take(part, by=by, now=now)
            facts = {"escalation": part.pk, "level": part.level, "with": escalation.subject.number}
            audit.append(subject(part), "acknowledged", by=by, now=now, facts=facts)
    return is_running


def resolve(about: Case | Subject, *, by: User | None, now: datetime, resolution: str) -> bool:
    """Close the open escalation of a case, situation or query that the caller holds; False without one."""
    about = case_subject(about.pk) if isinstance(about, Case) else about
    resolved = Escalation.objects.filter(**about.named, resolved_at=None).update(
        status=Escalation.Status.RESOLVED,
        resolved_at=now,
        next_step_at=None,
        taken_until=None,
        offered_to=None,
        resolution=resolution[:500],
    )
    if resolved:
        audit.append(about.trail, "escalation resolved", by=by, now=now, facts={"how": resolution})
    return bool(resolved)


def due_escalations(*, now: datetime) -> list[int]:
    due = Escalation.objects.filter(status=Escalation.Status.RUNNING, next_step_at__lte=now)
    return list(due.order_by("next_step_at").values_list("pk", flat=True)[:200])


def take_due_steps(*, now: datetime) -> int:
    """Take every step whose time has come; returns how many. Safe to run twice at once."""
    return sum(take_steps(escalation_id, now=now) for escalation_id in due_escalations(now=now))


def take_steps(escalation_id: int, *, now: datetime) -> int:
    """The due steps of one escalation, under its lock; a step nobody can be reached by is passed."""
    about = Escalation.objects.only(*ABOUT).get(pk=escalation_id).subject
    n_taken = 0
    with transaction.atomic():
        hold(about)
        escalation = Escalation.objects.select_related("watch", "part_of", "case").get(pk=escalation_id)
        if escalation.part_of_id and _is_due(escalation, now=now):
            follow(escalation, now=now)
        while _is_due(escalation, now=now) and not escalation.part_of_id:
            take_step(escalation, now=now)
            n_taken += 1
    return n_taken


def _held(about: Case | Subject) -> tuple[Subject, Case | None]:
    """What an alarm is about, held; and its case, if it is one."""
    if isinstance(about, Case):
        # Its situation is held by whoever rings for a watch; a lead counts no alarms, and is not waited for.
        return case_subject(about.pk), lock(about, with_lead=False)
    return about, hold(about)


def _of_case(alarm: Alarm, case: Case, above: Watch) -> Alarm:
    """The alarm of a case as its situation tells it: it names the case, and who keeps the situation hears."""
    return replace(alarm, evidence=dict(alarm.evidence) | {"case": case.pk}, watch=above)


def _hold_with_parts(escalation: Escalation) -> None:
    """What an alarm rings for and the cases of those that ring with it, in the order of their numbers."""
    cases = set(_running_parts(escalation).values_list("case_id", flat=True))
    hold_cases({number for number in {*cases, escalation.case_id} if number is not None})
    if escalation.subject.kind is not Kind.CASE:
        hold(escalation.subject)


def _open(subject_: Subject, alarm: Alarm, *, by: User | None, now: datetime) -> Escalation:
    opened = Escalation(
        **{f"{subject_.kind}_id": subject_.number},
        watch=alarm.watch,
        cause=alarm.cause,
        level=alarm.level,
        evidence=dict(alarm.evidence),
        raised_by=by,
        onset_at=alarm.onset_at,
        opened_at=now,
    )
    start_ladder(opened, cause=alarm.cause, now=now)
    case = opened.case if alarm.cause == WORSENED else None
    whole = whole_of(case, level=alarm.level, now=now) if case else None
    if whole:
        join(opened, whole, now=now)
    opened.save()
    return opened


def _is_news(escalation: Escalation, alarm: Alarm) -> bool:
    """Whether an alarm says more than the open one, so that people must be called again.

    Danger to life always does. A measured rise does beside a blind watch or a hand-over. So does
    a person's word, unless the officers are being called already.
    """
    if alarm.level > escalation.level or alarm.cause == DANGER:
        return True
    if alarm.cause == SAID_WORSE:
        return not (escalation.next_step_at is not None and _tells_officers(escalation))
    return alarm.cause == WORSENED and escalation.cause in QUIETER


def _tells_officers(escalation: Escalation) -> bool:
    return escalation.cause == SAID_WORSE or escalation.level >= Level.SERIOUS


def _is_folded(escalation: Escalation, alarm: Alarm, *, now: datetime) -> bool:
    """Whether an alarm only adds to one that rings since a moment ago, at the same level for the same people.

    Danger to life is never only added: it says what to do at once.
    """
    if escalation.status != Escalation.Status.RUNNING or now - escalation.raised_at >= FOLDED:
        return False
    if alarm.level > escalation.level or alarm.cause in (DANGER, SAID_WORSE):
        return alarm.cause == escalation.cause == DANGER
    return True


def _lift(escalation: Escalation, alarm: Alarm, *, by: User | None, now: datetime) -> None:
    """Start the ladder again for a new cause; the level never falls, and danger stays danger."""
    escalation.level = max(alarm.level, escalation.level)
    escalation.cause = DANGER if escalation.cause == DANGER else alarm.cause
    escalation.evidence, escalation.watch = dict(alarm.evidence), alarm.watch or escalation.watch
    escalation.raised_by = by
    ring_again(escalation, cause=alarm.cause, now=now)
    escalation.save()


def _add(escalation: Escalation, alarm: Alarm, *, now: datetime) -> None:
    """Keep what came later on the alarm, beside the numbers that it rang for."""
    said = dict(alarm.evidence) | {"cause": alarm.cause, "level": alarm.level, "at": now.isoformat()}
    later = [*escalation.evidence.get("later", []), said][-KEPT:]
    escalation.evidence = escalation.evidence | {"later": later}
    if alarm.cause == WORSENED and escalation.cause in QUIETER:  # folded: what was measured says more
        escalation.cause = WORSENED
        escalation.evidence = escalation.evidence | dict(alarm.evidence)
    escalation.save(update_fields=["evidence", "cause"])


def _running_parts(escalation: Escalation) -> QuerySet[Escalation]:
    return escalation.parts.filter(status=Escalation.Status.RUNNING).order_by("case_id")


def _take(escalation: Escalation, *, by: User, now: datetime) -> None:
    escalation.status, escalation.next_step_at = Escalation.Status.ACKNOWLEDGED, None
    escalation.acknowledged_by, escalation.acknowledged_at = by, now
    escalation.taken_until = now + timedelta(seconds=escalation.taken_for_s)
    escalation.offered_to = None
    escalation.save()


def _is_due(escalation: Escalation, *, now: datetime) -> bool:
    due_at = escalation.next_step_at
    return escalation.status == Escalation.Status.RUNNING and due_at is not None and due_at <= now
