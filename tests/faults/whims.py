"""What an officer does when something comes to mind, sensible or not."""

from cases import policy
from cases.models import Case, Escalation, Watch
from cases.rules.scheme import Advice, Question, deviations, possible_answers
from cases.rules.workflow import State
from cases.services import assignment, copies, decisions, escalation, responses, triage, undo, watching
from cases.services.decisions import APPROACHES, Chosen
from tests.faults.day import LATER, Day, Verb
from tests.faults.replying import (
    approves,
    changes_option,
    delivers,
    gives_back,
    releases_alone,
    reviews,
    sends,
    submits,
    takes_back,
)
from tests.faults.together import (
    author_edits,
    author_reacts,
    does_many,
    drops,
    keeps,
    promises_something,
    takes_next,
)

EXITS = ["not_relevant", "neutral", "question", "rumour", "later", "escalate", "danger"]


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


SENSIBLE: dict[State, tuple[Verb, ...]] = {
    State.NEW: (answers, answers, answers, answers, leaves_scheme, takes, takes_next, merges, does_many),
    State.ASSESSED: (chooses, chooses, chooses, undoes, steps_back, answers_elsewhere),
    State.DRAFTING: (sends, sends, submits, submits, undoes, changes_option),
    State.APPROVAL: (approves, approves, gives_back, releases_alone),
    State.SENDING: (delivers, delivers, takes_back),
    State.RESPONDED: (closes, closes, judges_again, refers, promises_something, reviews, author_reacts),
    State.WATCHING: (looks, closes, judges_again),
    State.COMMS: (decides, decides, takes_alarm),
    State.CLOSED: (judges_again, author_reacts),
    State.DISMISSED: (judges_again, undoes),
    State.MERGED: (detaches, undoes, author_edits, promises_something),
}
"""What somebody would do with a case in each state."""

ANYTHING: tuple[Verb, ...] = (
    *dict.fromkeys(verb for verbs in SENSIBLE.values() for verb in verbs),
    *(releases, assigns, snoozes, watches, reports_danger),
    *(keeps, keeps, drops),
)


def act(day: Day) -> tuple[str, list[tuple[str, int]]]:
    """Do one thing; returns its name, and the events with their cases that must be in the trail for it."""
    case = day.case()
    sensible = SENSIBLE[State(case.state)] if day.chance.random() < 0.7 else ()
    verb = day.chance.choice(sensible or ANYTHING)
    found = verb(day, case)
    events = [(found, case.pk)] if isinstance(found, str) else found
    return verb.__name__, [(event, case_id) for event, case_id in events if event]
