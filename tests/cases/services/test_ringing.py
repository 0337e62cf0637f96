"""Who an alarm calls and when: the rota, steps that reach nobody, topics, reasons that come together."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases import duty
from cases.models import AuditEvent, Case, DutyPost, Escalation, Ladder, Notification, Shift, User
from cases.rules.ladders import SHIPPED, Step, climb
from cases.rules.ladders import Ladder as Rungs
from cases.rules.permissions import Role
from cases.services import notifications, ringing
from cases.services.escalation import Alarm, acknowledge, raise_escalation, resolve, take_due_steps
from tests.cases.steps import watched
from tests.world import Desk, mention, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def on_shift(
    who: User, function: str, *, now: datetime, hours: int = 8, is_on_call: bool = False
) -> DutyPost:
    post = DutyPost.objects.create(name=f"{function} of {who}", function=function)
    ends_at = now + timedelta(hours=hours)
    Shift.objects.create(post=post, person=who, starts_at=now, ends_at=ends_at, is_on_call=is_on_call)
    return post


def named(people: list[User]) -> list[str]:
    return [str(one) for one in people]


def called(**wanted: object) -> list[str]:
    """Who was told in the app, in order."""
    rows = Notification.objects.filter(channel="in-app", **wanted).order_by("round", "step", "recipient")
    return [str(row.recipient) for row in rows.select_related("recipient")]


@pytest.fixture
def alarm(case: Case, desk: Desk, noon: datetime) -> Escalation:
    return raise_escalation(case, Alarm(2, "referred", {"note": "press"}), by=None, now=noon)


# ── the rota ────────────────────────────────────────────────────────────────
def test_a_function_is_whoever_is_on_duty_for_it_now_working_or_on_call(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    on_shift(desk.colleague, "officer", now=noon, hours=4)
    night = on_shift(desk.lead, "officer", now=noon + 4 * HOUR, is_on_call=True)
    assert named(duty.people_for(alarm, "officer", now=noon)) == ["Ilse"]
    assert named(duty.people_for(alarm, "officer", now=noon + 4 * HOUR)) == ["Bram"]
    assert named(duty.people_for(alarm, f"post:{night.pk}", now=noon + 4 * HOUR)) == ["Bram"]
    assert duty.people_for(alarm, f"post:{night.pk}", now=noon) == []


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("officer", ["Sanne", "Ilse"]),
        ("backup", ["Bram"]),
        ("communications", ["Bram"]),
        ("head", ["Bram"]),
        ("crisis", ["Bram"]),
        ("propose crisis", ["Bram"]),
        ("everybody", ["Bram", "Sanne", "Ilse"]),
    ],
)
def test_with_nobody_on_shift_a_function_falls_to_the_role_that_answers_for_it(
    who: str, people: list[str], alarm: Escalation, noon: datetime
) -> None:
    assert named(duty.people_for(alarm, who, now=noon)) == people


def test_without_any_lead_what_a_lead_would_hear_goes_to_the_officers(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    User.objects.filter(pk=desk.lead.pk).update(is_active=False)
    assert named(duty.people_for(alarm, "head", now=noon)) == ["Sanne", "Ilse"]


def test_who_may_not_take_an_alarm_is_not_called_though_on_duty(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    on_shift(person("karel", Role.ANALYST), "head", now=noon)
    assert named(duty.people_for(alarm, "head", now=noon)) == ["Bram"]


def test_a_watch_kept_by_a_post_calls_whoever_is_there_when_the_step_is_due(
    case: Case, desk: Desk, noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    watch.post, watch.watcher = on_shift(desk.colleague, "officer", now=noon), None
    watch.save()
    raise_escalation(case, Alarm(2, "worsened", {"n": 8}, watch), by=None, now=noon)
    take_due_steps(now=noon)
    assert called() == ["Ilse"]


# ── steps that reach nobody ─────────────────────────────────────────────────
def test_a_step_whose_people_have_no_way_to_be_reached_goes_on_at_once_and_says_so(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    User.objects.filter(role=Role.OFFICER).update(email="", email_from=0)
    take_due_steps(now=noon)
    alarm.refresh_from_db()
    assert [missed["step"] for missed in alarm.unreached] == [1]
    assert alarm.unreached[0]["people"] == ["Sanne", "Ilse"]
    assert "Bram" in called()
    first = AuditEvent.objects.filter(action="step taken").earliest("seq")
    assert (first.result, first.facts["unreached"]) == ("nobody could be reached", ["Sanne", "Ilse"])


def test_an_alarm_that_nobody_takes_ends_by_telling_everybody_once_and_stands(
    alarm: Escalation, noon: datetime
) -> None:
    for minute in range(0, 48 * 60, 5):
        take_due_steps(now=noon + minute * MINUTE)
    alarm.refresh_from_db()
    last = len(alarm.ladder) - 1
    assert called(step=last) == ["Sanne", "Bram", "Ilse"]
    assert (alarm.status, alarm.next_step_at, alarm.step) == ("running", None, last + 1)
    assert AuditEvent.objects.filter(action="nobody has taken it").count() == 1


def test_level_3_that_nobody_takes_for_two_hours_is_proposed_as_a_crisis_and_stays_level_3(
    case: Case, desk: Desk, noon: datetime
) -> None:
    alarm = raise_escalation(case, Alarm(3, "danger", {}), by=None, now=noon)
    take_due_steps(now=noon + 2 * HOUR - MINUTE)
    assert not AuditEvent.objects.filter(action="crisis proposed").exists()
    take_due_steps(now=noon + 2 * HOUR)
    assert AuditEvent.objects.filter(action="crisis proposed").count() == 1
    alarm.refresh_from_db()
    assert alarm.level == 3


# ── exactly once, never early, whatever the clock does ──────────────────────
@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Amsterdam")),
        datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Amsterdam")),
    ],
    ids=["the hour is skipped", "the hour comes twice"],
)
def test_on_nights_when_the_clock_changes_every_step_comes_after_the_same_time(
    start: datetime, case: Case, desk: Desk
) -> None:
    begin = start.astimezone(ZoneInfo("UTC"))
    raise_escalation(case, Alarm(2, "referred", {}), by=None, now=begin)
    taken = [n for n in range(240) if take_due_steps(now=begin + n * MINUTE)]
    assert taken == [0, 30, 60, 90, 120, 150, 180]


@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR])
def test_a_clock_that_jumps_makes_no_step_come_twice_nor_any_be_skipped(
    jump: timedelta, alarm: Escalation, noon: datetime
) -> None:
    clock = [noon + n * MINUTE for n in range(20)]
    clock += [noon + 20 * MINUTE + jump + n * MINUTE for n in range(60 * 12)]
    for now in clock:
        take_due_steps(now=now)
    alarm.refresh_from_db()
    taken = AuditEvent.objects.filter(action__in=("step taken", "nobody has taken it"))
    assert taken.count() == len(alarm.ladder) == alarm.step
    seen = Notification.objects.values_list("round", "step", "recipient", "channel")
    assert len(seen) == len(set(seen))


# ── the ladder written out ──────────────────────────────────────────────────
def test_repeats_are_written_out_with_the_last_wait_before_each() -> None:
    steps = climb(SHIPPED[3], has_watcher=True)
    minutes = [(step["who"], step["after_s"] // 60) for step in steps]
    assert minutes[:7] == [
        ("watcher", 0),
        ("officer", 0),
        ("backup", 5),
        ("head", 15),
        ("crisis", 30),
        ("watcher", 45),
        ("officer", 45),
    ]
    assert minutes[-1] == ("everybody", 180)
    assert ("propose crisis", 120) in minutes
    assert len(steps) == 5 * 4 + 2


def test_without_anybody_who_keeps_watch_the_next_is_called_at_once() -> None:
    steps = climb(SHIPPED[2], has_watcher=False)
    assert [(step["who"], step["after_s"]) for step in steps][:2] == [
        ("officer", 0),
        ("communications", 1800),
    ]


def test_a_ladder_of_the_watcher_only_calls_the_officers_where_nobody_keeps_watch() -> None:
    only = Rungs(2, (Step("watcher", 0),), repeats=0, taken_for_s=3600)
    assert [step["who"] for step in climb(only, has_watcher=False)] == ["officer", "everybody"]


def test_editing_a_ladder_changes_later_alarms_only(alarm: Escalation, desk: Desk, noon: datetime) -> None:
    before = list(alarm.ladder)
    step = {"who": f"person:{desk.colleague.pk}", "after_s": 0, "channels": ["in-app"]}
    Ladder.objects.filter(level=2).update(steps=[step], version=2)
    alarm.refresh_from_db()
    assert (alarm.ladder, alarm.ladder_version) == (before, 1)
    resolve(alarm.case, by=None, now=noon, resolution="over")
    again = raise_escalation(alarm.case, Alarm(2, "referred", {}), by=None, now=noon)
    assert (again.ladder_version, again.ladder[0]["who"]) == (2, f"person:{desk.colleague.pk}")


def test_where_no_row_is_kept_the_shipped_ladder_rings(case: Case, noon: datetime) -> None:
    Ladder.objects.all().delete()
    assert ringing.ladder_of(3) == SHIPPED[3]


# ── one topic, one message ──────────────────────────────────────────────────
def topic(desk: Desk, n: int, *, now: datetime) -> list[Case]:
    """Cases of one conversation."""
    cases = desk.hear(*(mention(f"t{i}", at=now, thread="one") for i in range(n)))
    Case.objects.update(conversation=cases[0].pk)
    return list(Case.objects.order_by("pk"))


def rise(case: Case, *, now: datetime, level: int = 2) -> Escalation:
    return raise_escalation(case, Alarm(level, "worsened", {"n": 8}), by=None, now=now)


def test_ten_that_rise_together_in_one_topic_ring_once_and_are_taken_together(
    desk: Desk, noon: datetime
) -> None:
    rung = [
        rise(case, now=noon + n * timedelta(seconds=50)) for n, case in enumerate(topic(desk, 10, now=noon))
    ]
    for minute in range(12):
        take_due_steps(now=noon + minute * MINUTE)
    assert called() == ["Sanne", "Ilse"]
    assert {part.part_of for part in rung[1:]} == {rung[0]}
    assert acknowledge(rung[0], by=desk.officer, now=noon + 12 * MINUTE)
    taken = Escalation.objects.filter(status="acknowledged", acknowledged_by=desk.officer)
    assert taken.count() == 10
    assert AuditEvent.objects.filter(action="acknowledged").values("subject").distinct().count() == 10


def test_one_that_rises_after_ten_minutes_or_elsewhere_rings_by_itself(desk: Desk, noon: datetime) -> None:
    cases = topic(desk, 3, now=noon)
    Case.objects.filter(pk=cases[2].pk).update(conversation=None)
    rise(cases[0], now=noon)
    assert rise(cases[1], now=noon + 11 * MINUTE).part_of is None
    cases[2].refresh_from_db()
    assert rise(cases[2], now=noon).part_of is None


def test_a_part_that_goes_to_a_higher_level_rings_itself(desk: Desk, noon: datetime) -> None:
    cases = topic(desk, 2, now=noon)
    rise(cases[0], now=noon)
    part = rise(cases[1], now=noon)
    higher = rise(cases[1], now=noon + MINUTE, level=3)
    assert (higher.pk, higher.part_of) == (part.pk, None)
    assert take_due_steps(now=noon + MINUTE) >= 1
    assert called(escalation=part) == ["Sanne", "Ilse"]


def test_a_part_is_not_lost_when_its_whole_ends_before_anybody_took_it(desk: Desk, noon: datetime) -> None:
    cases = topic(desk, 3, now=noon)
    whole, one, two = [rise(case, now=noon) for case in cases]
    resolve(whole.case, by=desk.lead, now=noon + MINUTE, resolution="no reply")
    take_due_steps(now=noon + 2 * MINUTE)
    assert called(escalation=one) == ["Sanne", "Ilse"]
    two.refresh_from_db()
    assert two.part_of == one


def test_a_part_that_joined_while_its_whole_was_taken_rings_by_itself(desk: Desk, noon: datetime) -> None:
    cases = topic(desk, 2, now=noon)
    whole, part = rise(cases[0], now=noon), rise(cases[1], now=noon + MINUTE)
    Escalation.objects.filter(pk=whole.pk).update(
        status="acknowledged", acknowledged_at=noon + timedelta(seconds=30), next_step_at=None
    )
    take_due_steps(now=noon + 3 * MINUTE)
    part.refresh_from_db()
    assert (part.part_of, part.status) == (None, "running")
    assert called(escalation=part) == ["Sanne", "Ilse"]


# ── reasons that come together ──────────────────────────────────────────────
def test_reasons_within_a_minute_are_one_message_with_the_numbers_of_both(
    alarm: Escalation, noon: datetime
) -> None:
    take_due_steps(now=noon)
    found = raise_escalation(alarm.case, Alarm(2, "worsened", {"n": 9}), by=None, now=noon + MINUTE / 2)
    take_due_steps(now=noon + MINUTE)
    assert (found.round, found.cause, found.evidence["n"]) == (1, "worsened", 9)
    assert called() == ["Sanne", "Ilse"]


def test_danger_is_never_only_added_to_an_alarm_of_a_moment_ago(
    case: Case, desk: Desk, noon: datetime
) -> None:
    raise_escalation(case, Alarm(3, "worsened", {"n": 20}), by=None, now=noon)
    found = raise_escalation(case, Alarm(3, "danger", {}), by=None, now=noon + MINUTE / 2)
    assert (found.cause, found.round) == ("danger", 2)


def test_what_was_not_sent_yet_is_not_sent_beside_the_message_of_the_higher_level(
    alarm: Escalation, noon: datetime
) -> None:
    take_due_steps(now=noon)
    waiting = Notification.objects.filter(channel="email", due_at__isnull=False)
    assert waiting.count() == 2
    raise_escalation(alarm.case, Alarm(3, "danger", {}), by=None, now=noon + MINUTE / 2)
    assert waiting.count() == 0
    take_due_steps(now=noon + MINUTE / 2)
    assert set(waiting.values_list("round", flat=True)) == {2}


# ── who sleeps, and who cannot be reached ───────────────────────────────────
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.fixture
def asleep(case: Case, desk: Desk) -> Escalation:
    """An alarm of level 2 while all three sleep."""
    User.objects.update(quiet_from=time(22), quiet_until=time(7), zone="Europe/Amsterdam")
    return raise_escalation(case, Alarm(2, "referred", {}), by=None, now=NIGHT)


def test_a_ladder_keeps_its_times_for_people_who_sleep(asleep: Escalation) -> None:
    taken = [n for n in range(61) if take_due_steps(now=NIGHT + n * MINUTE)]
    assert taken == [0, 30, 60]
    asleep.refresh_from_db()
    assert asleep.unreached == []
    first = AuditEvent.objects.filter(action="step taken").earliest("seq")
    assert (first.result, first.facts["asleep"]) == ("done", ["Sanne", "Ilse"])
    waiting = Notification.objects.filter(channel="email", delivered_at=None)
    assert waiting.count() == 4 and all(row.digest for row in waiting)


def test_who_is_at_work_hears_once_a_round_what_waits_for_sleepers(asleep: Escalation, desk: Desk) -> None:
    on_shift(desk.lead, "backup", now=NIGHT)
    take_due_steps(now=NIGHT)
    assert called(step=0) == ["Sanne", "Bram", "Ilse"]
    mail = Notification.objects.get(recipient=desk.lead, channel="email")
    assert (mail.due_at, mail.digest) == (NIGHT, False)
    first = AuditEvent.objects.filter(action="step taken").earliest("seq")
    assert first.facts["instead"] == ["Bram"]


def test_who_is_on_call_is_not_woken_for_sleepers(asleep: Escalation, desk: Desk) -> None:
    on_shift(desk.lead, "backup", now=NIGHT, is_on_call=True)
    take_due_steps(now=NIGHT)
    assert called(step=0) == ["Sanne", "Ilse"]


def test_a_step_whose_messages_failed_three_times_hands_on_before_its_time(
    alarm: Escalation, desk: Desk, noon: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    User.objects.filter(pk=desk.colleague.pk).update(email="")
    take_due_steps(now=noon)
    email = Notification.objects.get(channel="email", step=0)
    for attempt in range(3):
        take_due_steps(now=email.due_at or noon)
        assert called(step=1) == [], attempt
        now = email.due_at or noon
        notifications.deliver(email.pk, now=now)
        email.refresh_from_db()
    assert now < noon + 5 * MINUTE
    take_due_steps(now=now)
    assert called(step=1) == ["Bram"]
    alarm.refresh_from_db()
    assert [(missed["step"], missed["people"]) for missed in alarm.unreached] == [(1, ["Sanne", "Ilse"])]
    assert AuditEvent.objects.filter(action="step failed").count() == 1


def test_while_one_of_a_step_can_be_reached_the_next_keeps_its_time(
    alarm: Escalation, desk: Desk, noon: datetime, settings: Any
) -> None:
    take_due_steps(now=noon)
    first, second = Notification.objects.filter(channel="email", step=0)
    notifications.deliver(first.pk, now=noon)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    now = noon
    for _attempt in range(4):
        notifications.deliver(second.pk, now=now)
        second.refresh_from_db()
        now = second.due_at or now
    assert second.n_attempts == 4
    assert take_due_steps(now=noon + 29 * MINUTE) == 0
    alarm.refresh_from_db()
    assert alarm.next_step_at == noon + 30 * MINUTE
