"""Eight officers who do whatever comes to mind at once: four processes of two threads, each its own door.

Each acts half of the time on a page that is some time old, as people do. What was done is reported by
officer, case and event, so that a trail that lost one is found.
"""

import random
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections

from cases import policy
from cases.models import Case, Escalation, Response, User, Watch
from cases.rules.scheme import Advice, Question, deviations, possible_answers
from cases.rules.workflow import State
from cases.services import (
    approvals,
    assignment,
    copies,
    decisions,
    escalation,
    outbox,
    responses,
    triage,
    undo,
    watching,
)
from cases.services.decisions import APPROACHES, Chosen
from cases.services.responses import Draft
from config.errors import REFUSALS

PROCESSES, THREADS = 4, 2
_fork = get_context("fork")
REPLY = Draft(
    "Dank je wel", claim="not so", fact_source="https://fact.example", inquiry="asked", what_we_do="done"
)
EXITS = ["not_relevant", "neutral", "question", "rumour", "later", "escalate", "danger"]
LATER = timedelta(minutes=1)


@dataclass
class Report:
    """What one process did: by officer, case and event; how often it was refused; what went wrong."""

    done: list[tuple[int, int, str]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    n_done: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Day:
    """One officer at work: an own chance, and pages as they were when they were opened."""

    officer: User
    case_ids: list[int]
    chance: random.Random
    now: datetime
    pages: dict[int, Case] = field(default_factory=dict)

    def case(self) -> Case:
        """A case, as an older page of one's own showed it or as it is."""
        case_id = self.chance.choice(self.case_ids)
        if case_id not in self.pages or self.chance.random() < 0.5:
            self.pages[case_id] = Case.objects.select_related("post__source", "scheme").get(pk=case_id)
        return self.pages[case_id]

    def act(self) -> tuple[str, int]:
        """Do one thing; returns the event that must be in the trail for it ("" = none of its own)."""
        case = self.case()
        sensible = SENSIBLE[State(case.state)] if self.chance.random() < 0.7 else ()
        verb = self.chance.choice(sensible or ANYTHING)
        return verb(self, case), case.pk


def answers(day: Day, case: Case) -> str:
    step = policy.judgement(case).step
    if not isinstance(step, Question):
        return ""
    answer = day.chance.choice(possible_answers(step))
    triage.answer(case, step.id, answer, by=day.officer, now=day.now, seen=State(case.state))
    return "answered"


def chooses(day: Day, case: Case) -> str:
    step = policy.judgement(case).step
    if not isinstance(step, Advice):
        return ""
    offered = [*step.options, *deviations(policy.scheme_of(case), step)]
    chosen = Chosen(day.chance.choice(offered).id, reason="because", seen=State(case.state))
    decisions.choose(case, chosen, by=day.officer, now=day.now)
    return "chose"


def leaves_scheme(day: Day, case: Case) -> str:
    decisions.take_exit(
        case, day.chance.choice(EXITS), by=day.officer, now=day.now, seen=State(case.state), reason="so"
    )
    return ""


def steps_back(day: Day, case: Case) -> str:
    triage.step_back(case, by=day.officer, now=day.now, seen=State(case.state))
    return "answer taken back"


def judges_again(day: Day, case: Case) -> str:
    triage.judge_again(case, by=day.officer, now=day.now, seen=State(case.state))
    return "moved to new"


def takes(day: Day, case: Case) -> str:
    assignment.take(case, by=day.officer, now=day.now, over=day.chance.random() < 0.2)
    return ""


def releases(day: Day, case: Case) -> str:
    assignment.release(case, by=day.officer, now=day.now)
    return ""


def assigns(day: Day, case: Case) -> str:
    assignment.assign(case, day.officer, by=day.officer, now=day.now)
    return ""


def snoozes(day: Day, case: Case) -> str:
    triage.snooze(case, until=day.now + LATER, by=day.officer, now=day.now, seen=State(case.state))
    return "snoozed"


def undoes(day: Day, case: Case) -> str:
    undo.undo(day.officer, now=day.now)
    return ""


def refers(day: Day, case: Case) -> str:
    decisions.refer(case, reason="press", by=day.officer, now=day.now, seen=State(case.state))
    return "alarm"


def reports_danger(day: Day, case: Case) -> str:
    decisions.report_danger(case, by=day.officer, now=day.now)
    return "alarm"


def decides(day: Day, case: Case) -> str:
    approach = day.chance.choice(sorted(APPROACHES))
    decisions.decide(case, approach, reason="so", by=day.officer, now=day.now, seen=State(case.state))
    return ""


def closes(day: Day, case: Case) -> str:
    decisions.close(case, by=day.officer, now=day.now, seen=State(case.state))
    return ""


def answers_elsewhere(day: Day, case: Case) -> str:
    seen = State(case.state)
    responses.record_elsewhere(case, medium="phone", note="x", by=day.officer, now=day.now, seen=seen)
    return "moved to responded"


def merges(day: Day, case: Case) -> str:
    into = Case.objects.get(pk=day.chance.choice(day.case_ids))
    copies.merge(case, into, by=day.officer, now=day.now, seen=State(case.state))
    return "moved to merged"


def detaches(day: Day, case: Case) -> str:
    copies.detach(case, by=day.officer, now=day.now, seen=State(case.state))
    return "moved to new"


def watches(day: Day, case: Case) -> str:
    watching.start(case, decisions.default_plan(day.officer, now=day.now), by=day.officer, now=day.now)
    return "watch started"


def looks(day: Day, case: Case) -> str:
    watch = Watch.objects.filter(case=case, ended_at=None).select_related("case").first()
    if watch is None:
        return ""
    act = day.chance.choice([watching.log_check, watching.say_worse, watching.end])
    if act is watching.end:
        return "watch ended" if watching.end(watch, by=day.officer, now=day.now, reason="quiet") else ""
    act(watch, by=day.officer, now=day.now)
    return "checked" if act is watching.log_check else "alarm"


def takes_alarm(day: Day, case: Case) -> str:
    alarm = Escalation.objects.filter(case=case, resolved_at=None).select_related("case").first()
    if alarm is None:
        return ""
    escalation.acknowledge(alarm, by=day.officer, now=day.now)
    return "acknowledged"


def _reply(case: Case) -> Response | None:
    return Response.objects.filter(case=case).select_related("case__post__source").order_by("-pk").first()


def sends(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    responses.queue(reply, REPLY, by=day.officer, now=day.now)
    return "moved to sending"


def submits(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.submit(reply, REPLY, by=day.officer, now=day.now)
    return "moved to approval"


def approves(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.approve(reply, by=day.officer, now=day.now)
    return "moved to sending"


def gives_back(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.give_back(reply, comment="warmer", by=day.officer, now=day.now)
    return "moved to drafting"


def takes_back(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    return "moved to drafting" if responses.take_back(reply, by=day.officer, now=day.now) else ""


def changes_option(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    responses.change_option(reply, REPLY, by=day.officer, now=day.now)
    return "moved to assessed"


def delivers(day: Day, case: Case) -> str:
    """The machine comes by: what is due is sent, and alarms climb."""
    if reply := _reply(case):
        outbox.deliver(reply.pk, now=day.now + LATER)
    escalation.take_due_steps(now=day.now)
    return ""


Verb = Callable[[Day, Case], str]

SENSIBLE: dict[State, tuple[Verb, ...]] = {
    State.NEW: (answers, answers, answers, answers, leaves_scheme, takes, merges),
    State.ASSESSED: (chooses, chooses, chooses, undoes, steps_back, answers_elsewhere),
    State.DRAFTING: (sends, sends, submits, undoes, changes_option),
    State.APPROVAL: (approves, approves, gives_back),
    State.SENDING: (delivers, delivers, takes_back),
    State.RESPONDED: (closes, judges_again, refers),
    State.WATCHING: (looks, closes, judges_again),
    State.COMMS: (decides, decides, takes_alarm),
    State.CLOSED: (judges_again,),
    State.DISMISSED: (judges_again, undoes),
    State.MERGED: (detaches, undoes),
}
"""What somebody would do with a case in each state."""

ANYTHING: tuple[Verb, ...] = (
    *dict.fromkeys(verb for verbs in SENSIBLE.values() for verb in verbs),
    *(releases, assigns, snoozes, watches, reports_danger),
)


def crowd(officers: list[User], case_ids: list[int], n_each: int, *, seed: str, now: datetime) -> Report:
    """Let everybody work at once, `n_each` things an officer; returns all reports as one."""
    connections.close_all()
    gate, reports = _fork.Barrier(PROCESSES * THREADS), _fork.SimpleQueue()
    processes = []
    for n in range(PROCESSES):
        days = [
            Day(officer, case_ids, random.Random(f"{seed}-{officer.username}"), now)
            for officer in officers[n::PROCESSES]
        ]
        processes.append(_fork.Process(target=_process, args=(days, n_each, gate, reports)))
    for process in processes:
        process.start()
    whole = _joined([reports.get() for _ in processes])
    for process in processes:
        process.join()
    return whole


def _process(days: list[Day], n_each: int, gate: Barrier, reports: Any) -> None:
    found = [Report() for _ in days]
    threads = [
        Thread(target=_work, args=(day, n_each, gate, report))
        for day, report in zip(days, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reports.put(_joined(found))


def _joined(reports: list[Report]) -> Report:
    whole = Report()
    for report in reports:
        whole.done += report.done
        whole.refused += report.refused
        whole.n_done += report.n_done
        whole.errors += report.errors
    return whole


def _work(day: Day, n_each: int, gate: Barrier, report: Report) -> None:
    gate.wait()
    try:
        for _ in range(n_each):
            day.now += timedelta(milliseconds=1)
            _try(day, report)
    except Exception:  # whatever it is, the test must name it
        report.errors.append(traceback.format_exc(limit=-4))
    finally:
        connection.close()


def _try(day: Day, report: Report) -> None:
    try:
        event, case_id = day.act()
    except tuple(REFUSALS) as refusal:
        report.refused[type(refusal).__name__] += 1
        return
    report.n_done += 1
    if event:
        report.done.append((day.officer.pk, case_id, event))
