"""Keeping a watch: whose it is, pauses, a person's level, and reminders of checks."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, DutyPost, Escalation, Notification, Shift, Watch
from cases.rules.ladders import Function
from cases.services import decisions, reminding, watching
from cases.services.watching import Plan, WatchRefused
from monitoring.connectors.base import Kind, Mention
from monitoring.models import Source
from tests.cases.steps import last_event, plan
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    Source.objects.update(last_success_at=noon + timedelta(days=9))
    return watching.start(case, plan(desk, now=noon), by=desk.officer, now=noon)


def told() -> list[str]:
    rows = Notification.objects.filter(kind="check overdue", channel="in-app").order_by("pk")
    return [str(row.recipient) for row in rows]


def remind(*, now: datetime) -> int:
    return sum(reminding.remind(watch_id, now=now) for watch_id in reminding.due_reminders(now=now))


# ── whose it is ─────────────────────────────────────────────────────────────
def test_a_watch_without_a_person_is_kept_by_the_post_of_the_officers(
    case: Case, desk: Desk, noon: datetime
) -> None:
    post = DutyPost.objects.create(name="webcare", function=Function.OFFICER)
    watch = watching.start(case, Plan(rule="more"), by=desk.officer, now=noon)
    assert (watch.watcher, watch.post) == (None, post)


def test_a_watch_without_a_person_or_a_post_is_kept_by_who_starts_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    assert watching.start(case, Plan(), by=desk.colleague, now=noon).watcher == desk.colleague


def test_a_watch_is_handed_to_a_post_and_to_nobody_never(watch: Watch, desk: Desk, noon: datetime) -> None:
    post = DutyPost.objects.create(name="night")
    watching.hand(watch, by=desk.officer, now=noon, post=post, note="the night takes it")
    watch.refresh_from_db()
    assert (watch.watcher, watch.post) == (None, post)
    assert last_event(watch.case).action == "watch handed on"
    with pytest.raises(WatchRefused, match="must be kept by somebody"):
        watching.hand(watch, by=desk.officer, now=noon)


# ── pauses ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("hours", [0, 73])
def test_a_pause_ends_and_not_too_late(hours: int, watch: Watch, desk: Desk, noon: datetime) -> None:
    with pytest.raises(WatchRefused, match="within 72 hours"):
        watching.pause(watch, until=noon + hours * HOUR, by=desk.officer, now=noon)


def test_a_pause_that_is_ended_by_hand_lets_ring_what_rose_in_it(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    watching.pause(watch, until=noon + 5 * HOUR, by=desk.officer, now=noon, reason="a drill")
    desk.hear(*[reply(n, at=noon + 5 * MINUTE) for n in range(100, 110)], now=noon + 6 * MINUTE)
    watching.evaluate_many([watch.pk], now=noon + 6 * MINUTE)
    assert not Escalation.objects.exists()
    assert watching.resume(watch, by=desk.officer, now=noon + 7 * MINUTE)
    assert watching.due_watches(now=noon + 7 * MINUTE) == [watch.pk]
    watching.evaluate_many([watch.pk], now=noon + 7 * MINUTE)
    assert Escalation.objects.get().level == 2
    assert not watching.resume(watch, by=desk.officer, now=noon + 8 * MINUTE)


def reply(n: int, *, at: datetime) -> Mention:
    return mention(n, at=at, thread="m1", kind=Kind.REPLY)


# ── a person's level ────────────────────────────────────────────────────────
def test_a_person_sets_a_level_up_and_it_rings_and_down_again_with_a_reason(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert watching.set_floor(watch, 3, by=desk.officer, now=noon, reason="a crowd at the gate")
    assert (watch.level, watch.floor_by, Escalation.objects.get().level) == (3, desk.officer, 3)
    assert not watching.set_floor(watch, 3, by=desk.officer, now=noon, reason="again")
    assert watching.set_floor(watch, 0, by=desk.lead, now=noon + MINUTE, reason="they left")
    watch.refresh_from_db()
    assert (watch.floor, watch.level) == (0, 3)  # it falls late, as every level does
    watching.evaluate(watch.pk, now=noon + 2 * MINUTE)
    for hours in range(1, 12):
        watching.evaluate(watch.pk, now=noon + hours * HOUR)
    watch.refresh_from_db()
    assert watch.level < 2
    assert last_event(watch.case).facts["reason"] == "they left"


def test_a_level_is_not_set_without_a_reason_or_out_of_bounds(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(WatchRefused, match="needs a reason"):
        watching.set_floor(watch, 2, by=desk.officer, now=noon, reason=" ")
    with pytest.raises(WatchRefused, match="from 0 to 4"):
        watching.set_floor(watch, 5, by=desk.officer, now=noon, reason="x")


def test_a_persons_key_on_another_case_of_the_thread_is_serious_at_once(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(reply(7, at=noon + MINUTE), now=noon + MINUTE)
    decisions.report_danger(other, by=desk.officer, now=noon + 2 * MINUTE)
    watching.evaluate_many(watching.due_watches(now=noon + 2 * MINUTE), now=noon + 2 * MINUTE)
    watch.refresh_from_db()
    assert (watch.level, watch.triggers[0]["kind"]) == (3, "danger")
    assert Escalation.objects.filter(watch=watch, level=3).exists()


# ── checks that are overdue ─────────────────────────────────────────────────
def test_an_overdue_check_reminds_the_watcher_once_and_then_the_leads_and_rings_for_nobody(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    assert remind(now=noon + 59 * MINUTE) == 0
    remind(now=noon + 90 * MINUTE)
    remind(now=noon + 91 * MINUTE)
    assert told() == ["Sanne"]
    remind(now=noon + 3 * HOUR)
    remind(now=noon + 9 * HOUR)
    assert told() == ["Sanne", "Bram"]
    watching.evaluate(watch.pk, now=noon + 9 * HOUR)
    assert not Escalation.objects.exists()


def test_a_logged_check_sets_the_next_reminder(watch: Watch, desk: Desk, noon: datetime) -> None:
    remind(now=noon + 90 * MINUTE)
    watching.log_check(watch, by=desk.officer, now=noon + 95 * MINUTE)
    remind(now=noon + 2 * HOUR)
    assert told() == ["Sanne"]
    remind(now=noon + 4 * HOUR)
    assert told().count("Sanne") == 2


def test_whoever_is_on_duty_at_the_post_is_reminded(watch: Watch, desk: Desk, noon: datetime) -> None:
    post = DutyPost.objects.create(name="webcare", function=Function.OFFICER)
    Shift.objects.create(post=post, person=desk.colleague, starts_at=noon, ends_at=noon + 9 * HOUR)
    watching.hand(watch, by=desk.officer, now=noon, post=post)
    remind(now=noon + 90 * MINUTE)
    assert told() == ["Ilse"]


# ── many at once ────────────────────────────────────────────────────────────
def test_judging_a_hundred_watches_asks_as_often_as_judging_one(
    desk: Desk, noon: datetime, django_assert_max_num_queries: object
) -> None:
    Source.objects.update(last_success_at=noon + timedelta(days=9))
    cases = desk.hear(*[mention(n, at=noon) for n in range(100)])
    watches = [watching.start(case, plan(desk, now=noon), by=desk.officer, now=noon) for case in cases]
    later = [mention(1000 + n, at=noon + MINUTE, thread=f"m{n}", kind=Kind.REPLY) for n in range(100)]
    desk.hear(*later, now=noon + MINUTE)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        assert watching.evaluate_many([w.pk for w in watches], now=noon + 2 * MINUTE) == 100
    assert Watch.objects.filter(verdict__n_60=1).count() == 100


def test_what_a_watch_remembers_is_less_than_two_kilobytes(watch: Watch, desk: Desk, noon: datetime) -> None:
    for day in range(6):
        at = noon + timedelta(days=day)
        desk.hear(*[reply(1000 * day + n, at=at + n * MINUTE) for n in range(1, 30)], now=at + HOUR)
        watching.evaluate(watch.pk, now=at + 3 * HOUR)
    watch.refresh_from_db()
    size = sum(len(str(kept)) for kept in (watch.baseline, watch.level_state, watch.platforms))
    assert size < 2048
