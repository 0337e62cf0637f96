"""Random histories of casework: promises, bulk, copies, approval alone, the buttons after an answer."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from cases.models import AuditEvent, Case, Response, Task
from cases.rules.workflow import OPEN, State
from cases.services import (
    afterwards,
    approvals,
    audit,
    copies,
    many,
    promises,
    removal,
    triage,
)
from cases.services.many import Act, Verb
from cases.suggestions import leads
from monitoring.models import Post
from tests.cases.test_histories import N_CASES, Histories, cases, officers
from tests.world import Desk

ENDED = frozenset({State.CLOSED, State.DISMISSED})


class CaseworkHistories(Histories):
    """The desk of the other histories, with all that was added to it."""

    @initialize()
    def nobody_knows_a_lead(self) -> None:
        leads.known = leads.KnownLeads()

    @rule(n=cases, by=officers, hours=st.integers(-1, 48))
    def somebody_promises(self, n: int, by: int, hours: int) -> None:
        due_at = self.now + timedelta(hours=hours)
        self.tried(promises.promise, self.case(n), "call back", due_at=due_at, by=self.people[by])

    @rule(n=cases, by=officers, keeps=st.booleans())
    def somebody_settles_a_promise(self, n: int, by: int, keeps: bool) -> None:
        task = Task.objects.filter(case=self.ids[n]).order_by("-pk").first()
        if task and keeps:
            self.tried(promises.keep, task, by=self.people[by])
        elif task:
            self.tried(promises.drop, task, reason="solved by telephone", by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_only_watches(self, n: int, by: int) -> None:
        self.tried(afterwards.only_watch, self.case(n), by=self.people[by])

    @rule(n=cases, by=officers, what=st.sampled_from(["", "the press calls"]))
    def something_new_is_known(self, n: int, by: int, what: str) -> None:
        self.tried(afterwards.tell_new, self.case(n), what=what, by=self.people[by])

    @rule(n=cases, into=cases, by=officers)
    def somebody_merges(self, n: int, into: int, by: int) -> None:
        self.tried(copies.merge, self.case(n), self.case(into), by=self.people[by])

    @rule(n=cases, by=officers)
    def somebody_detaches(self, n: int, by: int) -> None:
        self.tried(copies.detach, self.case(n), by=self.people[by])

    @rule(n=cases, by=officers, minutes=st.integers(1, 600))
    def somebody_puts_it_aside(self, n: int, by: int, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        self.tried(triage.snooze, self.case(n), until=until, by=self.people[by])

    @rule(by=officers)
    def somebody_dismisses_all(self, by: int) -> None:
        proposed = many.propose(self.ids, Verb.DISMISS, by=self.people[by], now=self.now)
        self.tried(many.carry_out, proposed.seen, Act(Verb.DISMISS, reason="spam"), by=self.people[by])

    @rule(n=cases, by=officers, reason=st.sampled_from(["", "nobody else is here"]))
    def somebody_alone_lets_it_go(self, n: int, by: int, reason: str) -> None:
        if reply := self.reply_of(n):
            self.tried(approvals.release_alone, reply, reason=reason, by=self.people[by])

    @rule()
    def approvals_that_wait_too_long_are_escalated(self) -> None:
        for response_id in approvals.overdue(now=self.now):
            approvals.escalate_overdue(response_id, now=self.now)
        promises.warn(now=self.now)

    @rule(n=cases)
    def a_source_is_removed(self, n: int) -> None:
        before = self.case(n)
        removal.on_gone({before.pk: "deleted"}, now=self.now)
        after = self.case(n)
        if after.state == State.CLOSED and before.state in OPEN:
            sent = Response.objects.filter(case=after, status__in=removal.SENT)
            assert not (before.is_urgent or sent.exists() or after.watches.filter(ended_at=None).exists())
            assert not after.escalations.filter(resolved_at=None).exists()
        Post.objects.filter(pk=before.pk).update(gone_at=None)

    def next_steps(self, n: int, by: int, pick: int) -> dict[State, list[Any]]:
        steps = super().next_steps(n, by, pick)
        steps[State.APPROVAL].append(lambda: self.somebody_alone_lets_it_go(n, by, "alone"))
        steps[State.RESPONDED] += [
            lambda: self.somebody_promises(n, by, 4),
            lambda: self.somebody_settles_a_promise(n, by, True),
            lambda: self.somebody_only_watches(n, by),
        ]
        steps[State.WATCHING].append(lambda: self.something_new_is_known(n, by, "the press calls"))
        steps[State.MERGED] += [lambda: self.somebody_detaches(n, by), lambda: self.somebody_undoes(by)]
        return steps

    # ── what always holds ──
    @invariant()
    def nothing_ends_over_an_open_promise(self) -> None:
        ended = Case.objects.filter(pk__in=self.ids, state__in=ENDED)
        assert not Task.objects.filter(case__in=ended, done_at=None).exists()

    @invariant()
    def every_lead_counts_its_copies(self) -> None:
        counted = Case.objects.annotate(n=Count("copies", filter=Q(copies__state=State.MERGED)))
        assert [case.pk for case in counted if case.n != case.n_copies] == []
        assert not Case.objects.filter(state=State.MERGED, lead__state=State.MERGED).exists()

    @invariant()
    def nobody_approved_their_own_words_but_alone_and_with_a_reason(self) -> None:
        for reply in Response.objects.exclude(approved_by=None):
            alone = reply.approved_by_id in reply.writers
            assert not alone or (reply.solo_reason and reply.review_due_at)

    @invariant()
    def every_event_follows_the_one_before_it(self) -> None:
        seqs = Counter(AuditEvent.objects.values_list("subject", flat=True))
        for case_id in self.ids:
            subject = audit.subject_of(case_id)
            last = AuditEvent.objects.filter(subject=subject).latest("seq").seq
            assert last == seqs[subject]

    @invariant()
    def a_case_that_waits_has_a_clock(self) -> None:
        waiting = Case.objects.filter(pk__in=self.ids, state=State.NEW)
        assert all(case.due_at >= (case.restarted_at or case.opened_at) for case in waiting)
        assert Case.objects.filter(pk__in=self.ids).count() == N_CASES


# Takes seconds on purpose, as the other histories do.
@pytest.mark.django_db
def test_the_rules_hold_over_random_histories_of_casework(desk: Desk) -> None:
    CaseworkHistories.desk = desk
    run_state_machine_as_test(
        CaseworkHistories,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not Task.objects.exists()
