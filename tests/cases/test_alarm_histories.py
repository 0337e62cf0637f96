"""Random histories of watching: posts, people who say worse, pauses, duty that changes, alarms that climb."""

from datetime import datetime, timedelta

import pytest
from django.db.models import Count, Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import AuditEvent, Case, DutyPost, Escalation, Notification, Shift, User, Watch
from cases.rules.ladders import Function
from cases.services import audit, escalation, watching
from config.errors import REFUSALS
from monitoring.connectors.base import Kind
from monitoring.models import Source
from tests.cases.steps import watched
from tests.ticks import sweep
from tests.world import Desk, mention

N_WATCHES = 3
DAY = timedelta(days=1)
BEGIN_AGAIN = {"escalated", "escalated further", "acknowledgement ran out"}
STEPS = {"step taken", "crisis proposed", "nobody has taken it"}
which = st.integers(0, N_WATCHES - 1)
who = st.integers(0, 2)


class AlarmHistories(RuleBasedStateMachine):
    """Three watches at a desk; whatever happens to them, somebody knows, and nobody is told twice."""

    desk: Desk
    starts = 0

    @initialize()
    def three_cases_are_watched(self) -> None:
        type(self).starts += 1
        self.now: datetime = self.desk.now + timedelta(days=20) * self.starts
        self.n_posts = 0
        Source.objects.update(connector="manual")
        self.people = [self.desk.officer, self.desk.colleague, self.desk.lead]
        User.objects.filter(pk__in=[person.pk for person in self.people]).update(is_active=True)
        Watch.objects.filter(ended_at=None).update(ended_at=self.now)
        Escalation.objects.filter(resolved_at=None).update(
            status="resolved", resolved_at=self.now, next_step_at=None, taken_until=None
        )
        self.post, _ = DutyPost.objects.get_or_create(name="officers", function=Function.OFFICER.value)
        Shift.objects.all().delete()
        names = [f"{self.starts}-{n}" for n in range(N_WATCHES)]
        self.cases = [
            self.desk.hear(mention(name, at=self.now, thread=f"t{name}"), now=self.now)[0] for name in names
        ]
        for case in self.cases:
            watched(self.desk, case, now=self.now)

    def watch(self, n: int) -> Watch:
        return Watch.objects.select_related("case").get(case=self.cases[n], ended_at=None)

    def alarm(self, n: int) -> Escalation | None:
        return Escalation.objects.filter(case=self.cases[n], resolved_at=None).select_related("case").first()

    @rule(n=which, n_posts=st.sampled_from([1, 4, 30]))
    def posts_come_in(self, n: int, n_posts: int) -> None:
        thread = f"t{self.starts}-{n}"
        first, self.n_posts = self.n_posts, self.n_posts + n_posts
        numbers = range(first, self.n_posts)
        replies = [
            mention(f"r{self.starts}-{k}", at=self.now, thread=thread, kind=Kind.REPLY) for k in numbers
        ]
        self.desk.store(replies, now=self.now)

    @rule(minutes=st.sampled_from([1, 5, 16, 65, 250]))
    def time_goes_by(self, minutes: int) -> None:
        """The machine comes by five times on the way; the last time it is all done."""
        for _ in range(5):
            self.now += timedelta(minutes=minutes / 5)
            sweep(now=self.now)

    @rule(n=which, by=who)
    def somebody_says_worse(self, n: int, by: int) -> None:
        watching.say_worse(self.watch(n), by=self.people[by], now=self.now)

    @rule(n=which, by=who)
    def somebody_looks(self, n: int, by: int) -> None:
        watching.log_check(self.watch(n), by=self.people[by], now=self.now)

    @rule(n=which, by=who, level=st.integers(0, 3))
    def somebody_sets_a_floor(self, n: int, by: int, level: int) -> None:
        self.tried(
            lambda: watching.set_floor(self.watch(n), level, by=self.people[by], now=self.now, reason="x")
        )

    @rule(n=which, by=who, minutes=st.sampled_from([10, 120]))
    def somebody_pauses(self, n: int, by: int, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        self.tried(
            lambda: watching.pause(self.watch(n), until=until, by=self.people[by], now=self.now, reason="x")
        )

    @rule(n=which, by=who)
    def somebody_resumes(self, n: int, by: int) -> None:
        self.tried(lambda: watching.resume(self.watch(n), by=self.people[by], now=self.now))

    @rule(n=which, by=who)
    def somebody_takes_the_alarm(self, n: int, by: int) -> None:
        if alarm := self.alarm(n):
            escalation.acknowledge(alarm, by=self.people[by], now=self.now)

    @rule(by=who, hours=st.integers(1, 12))
    def a_shift_begins(self, by: int, hours: int) -> None:
        ends_at = self.now + timedelta(hours=hours)
        Shift.objects.create(post=self.post, person=self.people[by], starts_at=self.now, ends_at=ends_at)

    @rule(by=who, is_active=st.booleans())
    def somebody_leaves_or_comes_back(self, by: int, is_active: bool) -> None:
        User.objects.filter(pk=self.people[by].pk).update(is_active=is_active)

    def tried(self, work) -> None:  # type: ignore[no-untyped-def]
        try:
            work()
        except tuple(REFUSALS):
            return

    @invariant()
    def no_watch_is_below_what_a_person_set(self) -> None:
        for watch in self.open_watches():
            assert watch.level >= watch.floor, watch

    @invariant()
    def what_rose_rings_or_is_paused(self) -> None:
        for watch in self.open_watches():
            if watch.level_state.get("level", 0) >= 2:
                assert Escalation.objects.filter(case=watch.case_id).exists(), watch.level_state

    @invariant()
    def an_alarm_has_told_somebody_or_says_that_it_reached_nobody(self) -> None:
        waiting = Q(next_step_at__lte=self.now)
        ringing = Escalation.objects.filter(case__in=self.here(), status="running").exclude(waiting)
        for alarm in ringing.select_related("part_of"):
            rings = alarm.part_of or alarm
            is_told = rings.notifications.filter(round=rings.round).exists()
            assert is_told or rings.unreached, (alarm, alarm.ladder, alarm.step)

    @invariant()
    def nobody_is_told_of_a_step_twice_or_too_early(self) -> None:
        told = Notification.objects.filter(escalation__case__in=self.here())
        keys = told.values("escalation", "round", "step", "recipient", "channel", "contact")
        assert not keys.annotate(n=Count("pk")).filter(n__gt=1).exists()
        for alarm in Escalation.objects.filter(case__in=self.here(), unreached=[]):
            for row in told.filter(escalation=alarm, round=alarm.round):
                due_at = alarm.raised_at + timedelta(seconds=alarm.ladder[row.step]["after_s"])
                assert row.created_at >= due_at, (alarm, row.step)

    @invariant()
    def every_step_is_taken_once_in_each_climb(self) -> None:
        for case_id in self.here():
            last = 0
            events = AuditEvent.objects.filter(subject=audit.subject_of(case_id)).order_by("seq")
            for action, facts in events.values_list("action", "facts"):
                if action in BEGIN_AGAIN:
                    last = 0
                elif action in STEPS:
                    assert facts["step"] > last, (case_id, facts)
                    last = facts["step"]

    @invariant()
    def nobody_is_told_while_an_alarm_is_somebodys(self) -> None:
        taken = Escalation.objects.filter(case__in=self.here(), status="acknowledged")
        for alarm in taken:
            later = alarm.notifications.filter(round=alarm.round, created_at__gt=alarm.acknowledged_at)
            assert not later.exists(), alarm
            assert alarm.next_step_at is None

    def here(self) -> list[int]:
        return [case.pk for case in self.cases]

    def open_watches(self) -> list[Watch]:
        return list(Watch.objects.filter(case__in=self.here(), ended_at=None))


# Takes seconds on purpose, as the other histories do.
@pytest.mark.django_db
def test_whatever_happens_to_watches_alarms_lose_nothing_and_tell_nobody_twice(desk: Desk) -> None:
    AlarmHistories.desk, AlarmHistories.starts = desk, 0
    run_state_machine_as_test(
        AlarmHistories,
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not Case.objects.filter(state="").exists()
