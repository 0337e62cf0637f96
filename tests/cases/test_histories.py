"""Random histories of a desk: whatever people and machines do in whatever order, the rules hold."""

import contextlib
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases import policy
from cases.models import AuditEvent, Case, Escalation, Response, TriageAction, User, Watch
from cases.rules.scheme import Advice, Question, deviations, node_of, possible_answers
from cases.rules.workflow import MOVES, State
from cases.services import (
    approvals,
    assignment,
    audit,
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
from monitoring.connectors.base import Kind
from monitoring.models import Source
from tests.cases.steps import plan
from tests.world import Desk, mention

REFUSED = tuple(REFUSALS)
EXITS = ["not_relevant", "neutral", "question", "rumour", "later", "escalate", "danger"]
N_CASES = 3
picks = st.integers(0, 11)
cases = st.integers(0, N_CASES - 1)
officers = st.integers(0, 3)
REPLY = Draft(
    "Dank je wel", claim="not so", fact_source="https://fact.example", inquiry="asked", what_we_do="done"
)


class Histories(RuleBasedStateMachine):
    """Plays one desk; every history is rolled back at its end."""

    desk: ClassVar[Desk]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now: datetime = self.desk.now
        self.people = [self.desk.officer, self.desk.colleague, self.desk.lead, self.desk.employee]
        self.n_events = 0
        self.n_heard = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # ── what can happen ──
    @initialize()
    def posts_are_heard(self) -> None:
        self.ids = [case.pk for case in self.desk.hear(*(mention(n, at=self.now) for n in range(N_CASES)))]

    def case(self, n: int) -> Case:
        return Case.objects.select_related("post__source").get(pk=self.ids[n])

    def reply_of(self, n: int) -> Response | None:
        return Response.objects.filter(case=self.ids[n]).order_by("-pk").first()

    def tried(self, act: Callable[..., Any], *args: Any, **more: Any) -> None:
        """A refusal is a fine answer; anything else that is raised is a bug."""
        self.now += timedelta(milliseconds=1)
        with contextlib.suppress(*REFUSED):
            act(*args, **more, now=self.now)

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        Source.objects.filter(pk=self.desk.source.pk).update(last_success_at=self.now)

    @rule(n=cases, by=officers, pick=picks)
    def somebody_answers(self, n: int, by: int, pick: int) -> None:
        step = policy.judgement(self.case(n)).step
        question, answer = "Q1", "nonsense"
        if isinstance(step, Question):
            answers = possible_answers(step)
            question, answer = step.id, answers[pick % len(answers)]
        self.tried(triage.answer, self.case(n), question, answer, by=self.people[by])

    @rule(n=cases, by=officers, pick=picks, reason=st.sampled_from(["", "because"]))
    def somebody_chooses(self, n: int, by: int, pick: int, reason: str) -> None:
        step = policy.judgement(self.case(n)).step
        option = "nonsense"
        if isinstance(step, Advice):
            offered = [*step.options, *deviations(policy.scheme_of(self.case(n)), step)]
            option = offered[pick % len(offered)].id
        self.tried(decisions.choose, self.case(n), Chosen(option, reason=reason), by=self.people[by])

    @rule(n=cases, by=officers, exit_id=st.sampled_from(EXITS))
    def somebody_takes_an_exit(self, n: int, by: int, exit_id: str) -> None:
        self.tried(decisions.take_exit, self.case(n), exit_id, by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_steps_back(self, n: int, by: int) -> None:
        self.tried(triage.step_back, self.case(n), by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_judges_again(self, n: int, by: int) -> None:
        self.tried(triage.judge_again, self.case(n), by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_takes_it(self, n: int, by: int) -> None:
        self.tried(assignment.take, self.case(n), by=self.people[by])

    @rule(by=officers)
    def somebody_undoes(self, by: int) -> None:
        self.tried(undo.undo, self.people[by])

    @rule(n=cases, by=officers, how=st.sampled_from([responses.queue, approvals.submit]))
    def somebody_sends(self, n: int, by: int, how: Callable[..., None]) -> None:
        if reply := self.reply_of(n):
            self.tried(how, reply, REPLY, by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_approves(self, n: int, by: int) -> None:
        if reply := self.reply_of(n):
            self.tried(approvals.approve, reply, by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_gives_back(self, n: int, by: int) -> None:
        if reply := self.reply_of(n):
            self.tried(approvals.give_back, reply, comment="warmer", by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_stops_the_sending(self, n: int, by: int) -> None:
        if reply := self.reply_of(n):
            self.tried(responses.take_back, reply, by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_answers_by_telephone(self, n: int, by: int) -> None:
        self.tried(responses.record_elsewhere, self.case(n), medium="phone", note="x", by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_refers(self, n: int, by: int) -> None:
        self.tried(decisions.refer, self.case(n), reason="press", by=self.people[by])

    @rule(n=cases, by=officers, approach=st.sampled_from(sorted(APPROACHES)))
    def communications_decides(self, n: int, by: int, approach: str) -> None:
        self.tried(decisions.decide, self.case(n), approach, reason="because", by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_closes(self, n: int, by: int) -> None:
        self.tried(decisions.close, self.case(n), by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_watches(self, n: int, by: int) -> None:
        self.tried(watching.start, self.case(n), plan(self.desk, now=self.now, days=1), by=self.people[by])

    @rule(n=cases, by=officers, ends=st.booleans())
    def a_watcher_acts(self, n: int, by: int, ends: bool) -> None:
        watch = Watch.objects.filter(case=self.ids[n]).order_by("-pk").first()
        if watch and ends:
            watching.end(watch, by=self.people[by], now=self.now, reason="quiet")
        elif watch:
            watching.say_worse(watch, by=self.people[by], now=self.now)

    @rule(n=cases, many=st.sampled_from([1, 9, 16]))
    def replies_are_heard(self, n: int, many: int) -> None:
        self.n_heard += many
        stamps = range(self.n_heard - many, self.n_heard)
        self.desk.hear(
            *(mention(f"r{i}", at=self.now, thread=f"m{n}", kind=Kind.BOOST) for i in stamps),
            now=self.now,
        )

    @rule()
    def the_machine_sweeps(self) -> None:
        for watch_id in watching.due_watches(now=self.now):
            watching.evaluate(watch_id, now=self.now)
        escalation.take_due_steps(now=self.now)
        for response_id in outbox.due_responses(now=self.now):
            outbox.deliver(response_id, now=self.now)
        audit.checkpoint(now=self.now)

    @rule(fault=st.sampled_from(["", "", "publish_failed", "publish_unknown"]))
    def the_platform_changes(self, fault: str) -> None:
        Source.objects.filter(pk=self.desk.source.pk).update(
            settings=self.desk.source.settings | {"fail": fault}
        )

    @rule(n=cases, by=officers)
    def somebody_takes_the_alarm(self, n: int, by: int) -> None:
        alarm = Escalation.objects.filter(case=self.ids[n]).order_by("-pk").first()
        if alarm:
            escalation.acknowledge(alarm, by=self.people[by], now=self.now)

    @rule(work=st.lists(st.tuples(cases, officers, picks), min_size=3, max_size=9))
    def the_desk_works(self, work: list[tuple[int, int, int]]) -> None:
        """Several sensible steps in a row, so that histories get far and not only get refused."""
        for n, by, pick in work:
            sensible = self.next_steps(n, by, pick)[State(self.case(n).state)]
            sensible[pick % len(sensible)]()

    def next_steps(self, n: int, by: int, pick: int) -> dict[State, list[Callable[[], None]]]:
        """What somebody would do with a case in each state."""
        ask, choose = (
            partial(self.somebody_answers, n, by, pick),
            partial(self.somebody_chooses, n, by, pick, "x"),
        )
        send = partial(self.somebody_sends, n, by)
        again, takes_back = partial(self.somebody_judges_again, n, by), partial(self.somebody_undoes, by)
        close, sweep = partial(self.somebody_closes, n, by), self.the_machine_sweeps
        worse, quiet = (partial(self.a_watcher_acts, n, by, ends) for ends in (False, True))
        decide = partial(self.communications_decides, n, by, sorted(APPROACHES)[pick % len(APPROACHES)])
        exit_id = EXITS[pick % len(EXITS)]
        return {
            State.NEW: [ask, ask, partial(self.somebody_takes_an_exit, n, by, exit_id)],
            State.ASSESSED: [choose, choose, takes_back],
            State.DRAFTING: [partial(send, responses.queue), partial(send, approvals.submit), takes_back],
            State.APPROVAL: [
                partial(self.somebody_approves, n, by),
                partial(self.somebody_gives_back, n, by),
            ],
            State.SENDING: [self.a_minute_passes, sweep, partial(self.somebody_stops_the_sending, n, by)],
            State.RESPONDED: [close, again, partial(self.somebody_refers, n, by)],
            State.WATCHING: [worse, quiet, close, partial(self.replies_are_heard, n, 9), sweep],
            State.COMMS: [decide, decide, takes_back, partial(self.somebody_takes_the_alarm, n, by)],
            State.CLOSED: [again, takes_back],
            State.DISMISSED: [again, takes_back],
            State.MERGED: [],
        }

    def a_minute_passes(self) -> None:
        self.time_passes(1)
        self.the_machine_sweeps()

    # ── what always holds ──
    @invariant()
    def the_trail_holds_and_only_grows(self) -> None:
        assert audit.verify() == []
        assert AuditEvent.objects.count() >= self.n_events
        self.n_events = AuditEvent.objects.count()

    @invariant()
    def every_state_was_reached_by_moves_of_the_flow(self) -> None:
        at: dict[str, str] = defaultdict(lambda: "new")
        for event in AuditEvent.objects.filter(action="moved").order_by("subject", "seq"):
            before, after = event.facts["before"], event.facts["after"]
            assert before == at[event.subject]
            assert after in MOVES[State(before)]
            at[event.subject] = after
        for case in Case.objects.filter(pk__in=self.ids):
            assert case.state == at[audit.subject_of(case.pk)]

    @invariant()
    def of_everything_open_there_is_one(self) -> None:
        for case in Case.objects.filter(pk__in=self.ids):
            assert case.watches.filter(ended_at=None).count() <= 1
            assert case.escalations.filter(resolved_at=None).count() <= 1
            assert case.responses.filter(status__in=Response.PENDING).count() <= 1

    @invariant()
    def what_a_case_shows_agrees_with_its_state(self) -> None:
        for case in Case.objects.filter(pk__in=self.ids).select_related("scheme"):
            state = State(case.state)
            assert (case.closed_at is not None) == (state in (State.CLOSED, State.DISMISSED))
            assert (case.assessed_at is None) >= (state is State.NEW)
            pending = set(case.responses.filter(status__in=Response.PENDING).values_list("status", flat=True))
            assert (state is State.SENDING) == bool(pending & {"queued", "sending", "unknown"})
            assert state is not State.DRAFTING or pending == {"draft"}
            assert state is not State.APPROVAL or pending == {"submitted"}
            assert state is not State.WATCHING or case.watches.filter(ended_at=None).exists()
            if state in (State.NEW, State.ASSESSED):
                assert case.scheme_node == node_of(policy.judgement(case).step)

    @invariant()
    def only_a_running_alarm_has_a_next_step(self) -> None:
        assert not Escalation.objects.exclude(status="running").exclude(next_step_at=None).exists()


# Takes seconds on purpose: fewer and shorter histories do not get to the far corners.
@pytest.mark.django_db
def test_the_rules_hold_over_random_histories(desk: Desk) -> None:
    Histories.desk = desk
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not TriageAction.objects.exists()
    assert User.objects.count() == 4
