"""Alarms and ladders in every state that their pages look different in."""

from dataclasses import replace
from datetime import datetime, timedelta

from cases.models import Case, ChainBeat, Escalation, User
from cases.rules.ladders import SHIPPED, Step
from cases.services import escalation, ladders, taking
from cases.services.escalation import Alarm
from cases.services.ladders import LadderPlan
from tests.world import Desk, mention

HOUR = timedelta(hours=1)


def every_alarm(desk: Desk, now: datetime) -> list[str]:
    """The pages of alarms that ring, that nobody took, that somebody has or offers, and that are over."""
    _change_a_ladder(desk, now=now)
    early = now - 5 * HOUR
    texts = (mention(f"al{n}", f"Alarm om de brug, melding {n}", at=early) for n in range(7))
    cases = desk.hear(*texts)
    Case.objects.filter(pk__in=[case.pk for case in cases[4:6]]).update(conversation=cases[4].pk)
    unanswered = _ring(cases[0], 3, at=early)
    for hours in range(6):
        escalation.take_due_steps(now=early + hours * HOUR)
    mine, offered, over = (_ring(case, 2, at=now) for case in cases[1:4])
    _ring(Case.objects.get(pk=cases[4].pk), 2, at=now)
    _ring(Case.objects.get(pk=cases[5].pk), 2, at=now)
    missed = _missed(cases[6], now=now)
    for alarm in (mine, offered, over):
        escalation.acknowledge(alarm, by=desk.lead, now=now)
    taking.offer(offered, desk.officer, by=desk.lead, now=now)
    taking.offer(mine, desk.colleague, by=desk.lead, now=now)
    taking.accept(mine, by=desk.colleague, now=now)
    taking.finish(over, reason="Loos alarm", by=desk.lead, now=now)
    late = now + 4 * HOUR
    taking.lapse(mine.pk, now=late)
    ChainBeat.objects.create(due_at=now - HOUR)
    alarms = [f"/alarms/{alarm.pk}/" for alarm in (unanswered, mine, offered, over, missed)]
    return ["/alarms/", *alarms, "/ladders/"]


def _ring(case: Case, level: int, *, at: datetime) -> Escalation:
    return escalation.raise_escalation(case, Alarm(level, "worsened", {"note": "x"}), by=None, now=at)


def _missed(case: Case, *, now: datetime) -> Escalation:
    """One whose first step reached nobody."""
    found = _ring(case, 2, at=now)
    addresses = dict(User.objects.values_list("pk", "email"))
    User.objects.filter(role="officer").update(email="")
    escalation.take_due_steps(now=now)
    for pk, email in addresses.items():
        User.objects.filter(pk=pk).update(email=email)
    return found


def _change_a_ladder(desk: Desk, *, now: datetime) -> None:
    shipped = SHIPPED[1]
    steps = [*shipped.steps, replace(Step("watcher", 2 * 3600), who=f"person:{desk.colleague.pk}")]
    ladders.change(1, LadderPlan(steps, 0, shipped.taken_for_s), seen=1, by=desk.lead, now=now)
