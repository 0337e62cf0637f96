"""Who has an alarm: for how long, handed to whom, ended why, and when it is a crisis."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case, CommsDecision, Escalation, Notification, User
from cases.rules.permissions import Role
from cases.services import audit, notifications, taking, watching
from cases.services.escalation import Alarm, AlarmRose, acknowledge, raise_escalation, take_due_steps
from cases.services.taking import TakingRefused, due_lapses, lapse
from tests.cases.steps import last_event, queued, watched
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def alarm(case: Case, desk: Desk, noon: datetime) -> Escalation:
    """Level 2 on a watched case."""
    watch = watched(desk, case, now=noon)
    return raise_escalation(case, Alarm(2, "worsened", {"n": 8}, watch), by=None, now=noon)


def sweep(now: datetime) -> list[bool]:
    rang = [lapse(number, now=now) for number in due_lapses(now=now)]
    take_due_steps(now=now)
    return rang


def n_told() -> int:
    return Notification.objects.count()


# ── taking what one saw ─────────────────────────────────────────────────────
def test_who_saw_a_lower_level_has_not_taken_the_higher_one(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    raise_escalation(alarm.case, Alarm(3, "danger", {}), by=None, now=noon + MINUTE)
    with pytest.raises(AlarmRose, match="from level 2 to level 3 after you opened it"):
        acknowledge(alarm, by=desk.officer, now=noon + MINUTE, seen=2)
    alarm.refresh_from_db()
    assert alarm.status == "running"
    assert acknowledge(alarm, by=desk.officer, now=noon + MINUTE, seen=3)


# ── how long it holds ───────────────────────────────────────────────────────
@pytest.mark.parametrize(("level", "holds"), [(2, 4 * HOUR), (3, HOUR)])
def test_an_alarm_that_was_taken_and_left_lying_rings_again_and_tells_who_took_it_first(
    level: int, holds: timedelta, case: Case, desk: Desk, noon: datetime
) -> None:
    alarm = raise_escalation(case, Alarm(level, "worsened", {"n": 8}), by=None, now=noon)
    take_due_steps(now=noon)
    acknowledge(alarm, by=desk.colleague, now=noon)
    assert alarm.taken_until == noon + holds
    assert sweep(noon + holds - MINUTE) == []
    assert sweep(noon + holds) == [True]
    alarm.refresh_from_db()
    assert (alarm.status, alarm.round, alarm.acknowledged_by) == ("running", 2, None)
    first = Notification.objects.filter(round=2).order_by("step", "pk").first()
    assert first is not None
    assert first.recipient == desk.colleague
    assert AuditEvent.objects.filter(action="acknowledgement ran out").count() == 1


def _checks(alarm: Escalation, desk: Desk, now: datetime) -> None:
    assert alarm.watch
    watching.log_check(alarm.watch, by=desk.officer, now=now, note="quiet")


def _decides(alarm: Escalation, desk: Desk, now: datetime) -> None:
    CommsDecision.objects.create(case=alarm.case, approach="reply", reason="yes", by=desk.lead, at=now)


def _tells_the_control_room(alarm: Escalation, desk: Desk, now: datetime) -> None:
    audit.append(f"case:{alarm.case_id}", "handed over", by=desk.officer, now=now, facts={"to": "112"})


@pytest.mark.parametrize("act", [_checks, _decides, _tells_the_control_room])
def test_after_something_was_done_time_alone_never_rings_again(
    act: object, alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    take_due_steps(now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    act(alarm, desk, noon + HOUR)  # type: ignore[operator]
    before = n_told()
    for hours in range(1, 24 * 30):
        assert sweep(noon + hours * HOUR) in ([], [False])
    assert n_told() == before


def test_a_reply_that_was_let_go_deals_with_an_alarm_and_a_draft_does_not(
    case: Case, desk: Desk, noon: datetime
) -> None:
    alarm = raise_escalation(case, Alarm(2, "worsened", {"n": 8}), by=None, now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    assert not taking.is_dealt_with(alarm)
    queued(case, by=desk.officer, now=noon + MINUTE)
    assert taking.is_dealt_with(alarm)


def test_a_check_from_before_it_was_taken_does_not_count(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    _checks(alarm, desk, noon)
    acknowledge(alarm, by=desk.officer, now=noon + MINUTE)
    assert not taking.is_dealt_with(alarm)


def test_within_its_time_an_alarm_that_was_taken_gives_no_further_notice(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    take_due_steps(now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    before = n_told()
    for minute in range(1, 240):
        assert sweep(noon + minute * MINUTE) == []
    assert n_told() == before


def test_two_sweeps_let_an_acknowledgement_run_out_once(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    acknowledge(alarm, by=desk.officer, now=noon)
    due = due_lapses(now=noon + 5 * HOUR)
    assert [lapse(number, now=noon + 5 * HOUR) for number in due * 2] == [True, False]


# ── from hand to hand ───────────────────────────────────────────────────────
def test_an_alarm_goes_to_the_colleague_who_accepts_it(alarm: Escalation, desk: Desk, noon: datetime) -> None:
    acknowledge(alarm, by=desk.officer, now=noon)
    taking.offer(alarm, desk.colleague, by=desk.officer, now=noon + HOUR)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.offered_to) == (desk.officer, desk.colleague)
    told = Notification.objects.filter(recipient=desk.colleague, kind="handed over", channel="in-app").get()
    assert told.facts["case"] == alarm.case_id
    taking.accept(alarm, by=desk.colleague, now=noon + 2 * HOUR)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.offered_to) == (desk.colleague, None)
    assert alarm.taken_until == noon + 6 * HOUR
    assert last_event(alarm.case).facts["from"] == "Sanne"


def test_only_who_has_an_alarm_hands_it_over_and_only_who_was_asked_accepts(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(TakingRefused, match="Take it first"):
        taking.offer(alarm, desk.colleague, by=desk.officer, now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    with pytest.raises(TakingRefused, match="You do not have this alarm"):
        taking.offer(alarm, desk.lead, by=desk.colleague, now=noon)
    with pytest.raises(TakingRefused, match="Karel cannot take this alarm"):
        taking.offer(alarm, person("karel", Role.ANALYST), by=desk.officer, now=noon)
    with pytest.raises(TakingRefused, match="Nobody offers you"):
        taking.accept(alarm, by=desk.colleague, now=noon)


# ── over, or worse ──────────────────────────────────────────────────────────
def test_an_alarm_is_ended_with_a_reason_once(alarm: Escalation, desk: Desk, noon: datetime) -> None:
    with pytest.raises(TakingRefused, match="Say why"):
        taking.finish(alarm, reason=" ", by=desk.officer, now=noon)
    taking.finish(alarm, reason="it was a drill", by=desk.officer, now=noon)
    alarm.refresh_from_db()
    assert (alarm.status, alarm.resolution) == ("resolved", "it was a drill")
    with pytest.raises(TakingRefused, match="over already"):
        taking.finish(alarm, reason="again", by=desk.officer, now=noon)
    assert sweep(noon + 5 * HOUR) == []


def test_a_crisis_is_said_by_a_person_with_a_reason_and_calls_the_whole_fourth_level(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    acknowledge(alarm, by=desk.officer, now=noon)
    with pytest.raises(TakingRefused, match="Say why"):
        taking.declare_crisis(alarm, reason="", by=desk.lead, now=noon)
    taking.declare_crisis(alarm, reason="people inside", by=desk.lead, now=noon + MINUTE)
    take_due_steps(now=noon + MINUTE)
    alarm.refresh_from_db()
    assert (alarm.level, alarm.status, alarm.cause, alarm.round) == (4, "running", "crisis", 2)
    assert alarm.evidence == {"note": "people inside", "who": "Bram"}
    people = Notification.objects.filter(round=2, channel="in-app").values_list("recipient", flat=True)
    assert set(people) == {desk.officer.pk, desk.colleague.pk, desk.lead.pk}
    with pytest.raises(TakingRefused, match="a crisis already"):
        taking.declare_crisis(alarm, reason="worse", by=desk.lead, now=noon + HOUR)


def test_nobody_is_sent_the_alarm_that_somebody_took_meanwhile(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    take_due_steps(now=noon)
    due = notifications.due_notifications(now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    assert not any(notifications.deliver(number, now=noon) for number in due)


def test_a_colleague_who_may_no_longer_sign_in_is_not_told_first(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    acknowledge(alarm, by=desk.colleague, now=noon)
    User.objects.filter(pk=desk.colleague.pk).update(is_active=False)
    sweep(noon + 4 * HOUR)
    assert not Notification.objects.filter(round=2, recipient=desk.colleague).exists()
    assert Notification.objects.filter(round=2).exists()
