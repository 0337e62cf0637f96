"""Watching: counts by event time become a level, and a level that rises becomes an alarm."""

from datetime import datetime, timedelta

import pytest

from cases import wording
from cases.models import Case, Escalation, Notification, User, Watch, WatchCheck
from cases.rules.workflow import State
from cases.rules.worsening import BUCKET_S
from cases.services import decisions, escalation, watching
from cases.services.watching import AlreadyWatched
from monitoring.connectors.base import Kind
from monitoring.models import Source
from tests.cases.steps import choose, fresh, judge, last_event, plan, trail, watched
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
WORSE, MUCH_WORSE = 8, 24
"""Replies within minutes that make level 2 and level 3 of a new watch."""


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    return watched(desk, case, now=noon)


def replies(desk: Desk, n: int, *, at: datetime, text: str = "De brandweer weer", **more: object) -> None:
    """Posts in the thread of case 1, heard when they were written, from a source that answers."""
    Source.objects.filter(pk=desk.source.pk).update(last_success_at=at)
    stamp = f"{at:%d%H%M%S}"
    posts = [mention(f"{stamp}-{i}", text, at=at, thread="m1", kind=Kind.REPLY, **more) for i in range(n)]  # type: ignore[arg-type]
    desk.hear(*posts, now=at)


def evaluated(watch: Watch, *, now: datetime) -> Watch:
    watching.evaluate(watch.pk, now=now)
    watch.refresh_from_db()
    return watch


# ── a watch begins, is checked, and ends ────────────────────────────────────
def test_a_watch_has_a_watcher_a_rule_a_next_check_and_an_end(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert (watch.watcher, watch.rule) == (desk.officer, "more posts than now")
    assert (watch.next_check_at, watch.ends_at) == (noon + timedelta(hours=1), noon + timedelta(days=7))
    assert ([(t.platform, t.thread_id) for t in watch.threads.all()], watch.level) == ([("x", "m1")], 0)
    assert last_event(watch.case).action == "watch started"


def test_a_second_watch_on_a_case_is_refused_by_name(watch: Watch, desk: Desk, noon: datetime) -> None:
    with pytest.raises(AlreadyWatched, match=f"Case {watch.case_id} is already watched by Sanne"):
        watching.start(watch.case, plan(desk, now=noon), by=desk.colleague, now=noon)


@pytest.mark.parametrize("state", sorted(set(State) - {State.MERGED}))
def test_a_case_can_be_watched_in_whatever_state_it_is(
    state: State, case: Case, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(state=state)
    watched(desk, fresh(case), now=noon)
    assert fresh(case).state == state


def test_a_case_can_be_watched_again_after_its_watch_ended(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.end(watch, by=desk.officer, now=noon, reason="quiet")
    assert watched(desk, watch.case, now=noon).pk != watch.pk


def test_a_check_sets_the_next_one(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.log_check(watch, by=desk.colleague, now=noon + 90 * MINUTE, note="nothing new")
    check = WatchCheck.objects.get()
    assert (check.by, check.note, check.is_worse) == (desk.colleague, "nothing new", False)
    watch.refresh_from_db()
    assert watch.next_check_at == noon + 150 * MINUTE


def test_the_end_of_its_watch_closes_a_case_that_rested_in_it(case: Case, desk: Desk, noon: datetime) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    watching.end(case.watches.get(), by=desk.officer, now=noon, reason="quiet again")
    assert (fresh(case).state, trail(case)[-2:]) == ("closed", ["watch ended", "moved"])


def test_the_end_of_a_watch_leaves_every_other_case_where_it_is(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert watching.end(watch, by=desk.officer, now=noon, reason="quiet")
    assert fresh(watch.case).state == State.NEW
    assert not watching.end(watch, by=desk.officer, now=noon, reason="again")
    assert trail(watch.case).count("watch ended") == 1


def test_a_watch_ends_by_itself_when_its_time_is_over(watch: Watch, noon: datetime) -> None:
    assert watching.evaluate(watch.pk, now=watch.ends_at) is None
    watch.refresh_from_db()
    assert (watch.ended_at, watch.end_reason) == (watch.ends_at, "its time was over")
    assert watching.due_watches(now=watch.ends_at + timedelta(days=1)) == []


# ── counting ────────────────────────────────────────────────────────────────
def test_posts_of_the_thread_are_counted_by_when_they_were_written(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    early, late = noon + MINUTE, noon + 6 * MINUTE
    replies(desk, 2, at=early, followers=10)
    replies(desk, 1, at=late, text="Brandweer, schaam je, ik dien een klacht in", followers=500)
    first, second = watch.counts.order_by("bucket")
    assert first.bucket == int(early.timestamp()) // BUCKET_S
    assert (first.n, first.n_negative, first.reach) == (2, 0, 20)
    assert (second.n, second.n_negative, second.reach) == (1, 1, 500)


def test_a_late_post_joins_the_bucket_of_its_own_time(watch: Watch, desk: Desk, noon: datetime) -> None:
    replies(desk, 1, at=noon + MINUTE)
    desk.hear(mention("late", at=noon + 2 * MINUTE, thread="m1"), now=noon + 50 * MINUTE)
    assert watch.counts.get().n == 2


def test_a_post_from_the_future_counts_when_it_arrives(watch: Watch, desk: Desk, noon: datetime) -> None:
    desk.hear(mention("f", at=noon + timedelta(days=2), thread="m1"), now=noon + MINUTE)
    assert watch.counts.get().bucket == int(noon.timestamp()) // BUCKET_S


def test_other_threads_and_platforms_are_not_counted(watch: Watch, desk: Desk, noon: datetime) -> None:
    desk.hear(mention(2, at=noon), mention(3, at=noon, thread="m1", platform="rss"))
    assert not watch.counts.exists()


def test_a_post_heard_twice_is_counted_once(watch: Watch, desk: Desk, noon: datetime) -> None:
    for _ in range(2):
        desk.hear(mention(2, at=noon, thread="m1"))
    assert watch.counts.get().n == 1


def test_nothing_is_counted_for_a_watch_that_ended(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.end(watch, by=desk.officer, now=noon, reason="quiet")
    desk.hear(mention(2, at=noon, thread="m1"))
    assert not watch.counts.exists()


def test_a_watch_is_due_when_a_post_arrives_and_when_a_bucket_closes(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    evaluated(watch, now=noon)
    assert watching.due_watches(now=noon + 4 * MINUTE) == []
    replies(desk, 1, at=noon + 4 * MINUTE)
    assert watching.due_watches(now=noon + 4 * MINUTE) == [watch.pk]
    evaluated(watch, now=noon + 4 * MINUTE)
    assert watching.due_watches(now=noon + 8 * MINUTE) == []
    assert watching.due_watches(now=noon + 9 * MINUTE) == [watch.pk]


# ── worse ───────────────────────────────────────────────────────────────────
def test_a_few_posts_are_no_alarm(watch: Watch, desk: Desk, noon: datetime) -> None:
    replies(desk, 4, at=noon + 5 * MINUTE)
    assert evaluated(watch, now=noon + 6 * MINUTE).level == 0
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(("n", "level"), [(WORSE, 2), (MUCH_WORSE, 3)])
def test_a_rise_raises_an_alarm_with_every_number_of_it(
    n: int, level: int, watch: Watch, desk: Desk, noon: datetime
) -> None:
    replies(desk, n, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    alarm = Escalation.objects.get()
    assert (alarm.level, alarm.cause, alarm.watch, alarm.raised_by) == (level, "worsened", watch, None)
    assert (alarm.evidence["n"], alarm.evidence["n_60"], alarm.evidence["signs"]["S1"]["level"]) == (
        n,
        n,
        level,
    )
    assert watch.level == level
    assert wording.alarm(alarm).startswith(
        f"The situation around case {watch.case_id} gets worse. {n} posts in the last 15 minutes; usual "
    )


def test_the_same_rise_is_told_once(watch: Watch, desk: Desk, noon: datetime) -> None:
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    for minute in range(6, 60, 5):
        Source.objects.update(last_success_at=noon + minute * MINUTE)
        evaluated(watch, now=noon + minute * MINUTE)
    assert trail(watch.case).count("escalated") == 1
    assert Escalation.objects.get().round == 1


def test_a_case_that_rests_in_silence_comes_to_communications_when_it_worsens(
    case: Case, desk: Desk, noon: datetime
) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    watching.evaluate(case.watches.get().pk, now=noon + 6 * MINUTE)
    assert fresh(case).state == State.COMMS


@pytest.mark.parametrize("state", ["new", "assessed", "drafting", "sending", "responded", "closed"])
def test_a_case_in_any_other_state_is_alarmed_where_it_is(
    state: str, watch: Watch, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=watch.case_id).update(state=state)
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    assert fresh(watch.case).state == state
    assert Escalation.objects.get().level == 2


def test_a_rise_above_what_somebody_took_rings_again(watch: Watch, desk: Desk, noon: datetime) -> None:
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    escalation.acknowledge(Escalation.objects.get(), by=desk.officer, now=noon + 7 * MINUTE)
    replies(desk, MUCH_WORSE, at=noon + 8 * MINUTE)
    evaluated(watch, now=noon + 9 * MINUTE)
    alarm = Escalation.objects.get()
    assert (alarm.level, alarm.round, alarm.status) == (3, 2, "running")


# ── a pause ─────────────────────────────────────────────────────────────────
def test_a_rise_during_a_pause_rings_when_the_pause_is_over(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.pause(watch, until=noon + 12 * MINUTE, by=desk.officer, now=noon)
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    assert not Escalation.objects.exists()
    evaluated(watch, now=noon + 11 * MINUTE)
    assert not Escalation.objects.exists()
    evaluated(watch, now=noon + 12 * MINUTE)
    assert Escalation.objects.get().level == 2


def test_a_rise_that_is_over_before_the_pause_is_does_not_ring(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    watching.pause(watch, until=noon + 180 * MINUTE, by=desk.officer, now=noon)
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    Source.objects.update(last_success_at=noon + 181 * MINUTE)
    evaluated(watch, now=noon + 181 * MINUTE)
    assert not Escalation.objects.exists()


# ── a person says so ────────────────────────────────────────────────────────
def test_a_person_who_says_it_is_worse_alarms_communications_at_once(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    watching.say_worse(watch, by=desk.officer, now=noon, note="people gather at the gate")
    alarm = Escalation.objects.get()
    assert (alarm.level, alarm.cause, alarm.raised_by) == (2, "person says worse", desk.officer)
    assert alarm.evidence == {"note": "people gather at the gate", "who": "Sanne"}
    assert WatchCheck.objects.get().is_worse


def test_whoever_says_it_is_worse_is_not_the_one_who_is_told(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert watching.say_worse(watch, by=desk.officer, now=noon)
    escalation.take_due_steps(now=noon)
    assert {str(n.recipient) for n in Notification.objects.all()} == {"Ilse"}
    escalation.take_due_steps(now=noon + 60 * MINUTE)
    assert {str(n.recipient) for n in Notification.objects.all()} == {"Ilse", "Bram"}


def test_the_only_officer_who_says_it_is_worse_calls_the_head_at_once(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    User.objects.filter(pk=desk.colleague.pk).update(is_active=False)
    watching.say_worse(watch, by=desk.officer, now=noon)
    escalation.take_due_steps(now=noon)
    assert {str(n.recipient) for n in Notification.objects.all()} == {"Bram"}


def test_a_persons_word_rings_again_after_somebody_took_the_first(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert watching.say_worse(watch, by=desk.officer, now=noon, note="a crowd")
    assert not watching.say_worse(watch, by=desk.officer, now=noon + MINUTE, note="a bigger crowd")
    alarm = Escalation.objects.get()
    assert [said["note"] for said in alarm.evidence["later"]] == ["a bigger crowd"]
    escalation.acknowledge(alarm, by=desk.colleague, now=noon + 2 * MINUTE)
    assert watching.say_worse(watch, by=desk.officer, now=noon + 3 * MINUTE, note="stones")
    alarm.refresh_from_db()
    assert (alarm.status, alarm.round, alarm.evidence["note"]) == ("running", 2, "stones")


def test_a_persons_word_rings_while_a_measured_rise_has_told_the_watcher_only(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    replies(desk, WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    escalation.take_due_steps(now=noon + 6 * MINUTE)
    assert watching.say_worse(watch, by=desk.officer, now=noon + 7 * MINUTE)
    escalation.take_due_steps(now=noon + 7 * MINUTE)
    assert {str(n.recipient) for n in Notification.objects.filter(round=2)} == {"Ilse"}


def test_a_level_that_a_person_set_does_not_fall_by_itself(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.say_worse(watch, by=desk.officer, now=noon)
    Source.objects.update(last_success_at=noon + timedelta(days=2))
    assert evaluated(watch, now=noon + timedelta(days=2)).level == 2


def test_a_persons_word_is_not_brought_again_by_the_next_evaluation(
    case: Case, desk: Desk, noon: datetime
) -> None:
    choose(judge(case, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    watch = case.watches.get()
    watching.say_worse(watch, by=desk.officer, now=noon)
    decisions.decide(fresh(case), "watch", reason="seen, nothing yet", by=desk.lead, now=noon + MINUTE)
    Source.objects.update(last_success_at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 5 * MINUTE)
    assert fresh(case).state == State.WATCHING
    assert Escalation.objects.get().status == "resolved"


def test_a_persons_word_does_not_lower_a_level_that_rose_meanwhile(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    old_page = Watch.objects.get(pk=watch.pk)
    replies(desk, MUCH_WORSE, at=noon + 5 * MINUTE)
    evaluated(watch, now=noon + 6 * MINUTE)
    watching.say_worse(old_page, by=desk.officer, now=noon + 7 * MINUTE)
    watch.refresh_from_db()
    assert (watch.level, watch.floor, Escalation.objects.get().level) == (3, 2, 3)


# ── blind, and seeing again ─────────────────────────────────────────────────
def test_a_blind_watch_rings_once_and_is_calm_when_it_sees_again(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    for minute in (31, 36, 41):
        assert evaluated(watch, now=noon + minute * MINUTE).level == 2
    assert trail(watch.case).count("escalated") == 1
    assert "more evidence" not in trail(watch.case)
    Source.objects.update(last_success_at=noon + 45 * MINUTE)
    assert evaluated(watch, now=noon + 46 * MINUTE).level == 0


def test_what_comes_to_light_after_a_blindness_rings_although_the_blindness_rang(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    evaluated(watch, now=noon + 31 * MINUTE)
    escalation.resolve(watch.case, by=desk.lead, now=noon + 32 * MINUTE, resolution="the source is back")
    replies(desk, WORSE, at=noon + 33 * MINUTE)
    evaluated(watch, now=noon + 34 * MINUTE)
    alarm = Escalation.objects.latest("pk")
    assert (alarm.status, alarm.cause, alarm.level) == ("running", "worsened", 2)


def test_a_watch_that_goes_blind_during_a_pause_rings_after_it(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    watching.pause(watch, until=noon + 60 * MINUTE, by=desk.officer, now=noon)
    evaluated(watch, now=noon + 31 * MINUTE)
    assert not Escalation.objects.exists()
    evaluated(watch, now=noon + 60 * MINUTE)
    assert Escalation.objects.get().cause == "blind"
