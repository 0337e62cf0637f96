"""Alarms: climbed step by step, stopped by who takes them, and never repeated by time alone."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case, Escalation, Notification, User
from cases.rules.ladders import SHIPPED, climb
from cases.services import audit, escalation
from cases.services.escalation import Alarm, acknowledge, raise_escalation, resolve, take_due_steps
from tests.cases.steps import fresh, last_event, trail, watched
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
REFERRED = Alarm(2, "referred", {"note": "press"})


def told() -> list[tuple[str, int]]:
    """Who was told in the app, in which step."""
    rows = Notification.objects.filter(channel="in-app").order_by("round", "step", "recipient")
    return [(str(row.recipient), row.step) for row in rows.select_related("recipient")]


@pytest.fixture
def worsened(case: Case, desk: Desk, noon: datetime) -> Escalation:
    """Level 2 on a case that the employee watches."""
    watch = watched(desk, case, now=noon)
    watch.watcher = desk.employee
    watch.save()
    return raise_escalation(case, Alarm(2, "worsened", {"n": 8}, watch), by=None, now=noon)


# ── raising ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_ladder_is_copied_in_and_its_first_step_is_due_at_once(
    level: int, case: Case, desk: Desk, noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    alarm = raise_escalation(case, Alarm(level, "worsened", {}, watch), by=None, now=noon)
    assert alarm.ladder == climb(SHIPPED[level], has_watcher=True)
    assert alarm.ladder_version == 1
    assert (alarm.step, alarm.next_step_at, alarm.round) == (0, noon, 1)


def test_an_alarm_is_written_down_with_its_evidence(case: Case, desk: Desk, noon: datetime) -> None:
    alarm = raise_escalation(case, REFERRED, by=desk.officer, now=noon)
    event = last_event(case)
    assert (event.action, event.actor_id) == ("escalated", desk.officer.pk)
    assert event.facts == {
        "escalation": alarm.pk,
        "level": 2,
        "cause": "referred",
        "evidence": {"note": "press"},
    }


@pytest.mark.parametrize("level", [1, 2])
def test_more_of_the_same_adds_evidence_and_disturbs_nobody(
    level: int, worsened: Escalation, noon: datetime
) -> None:
    take_due_steps(now=noon)
    again = raise_escalation(worsened.case, Alarm(level, "referred", {"note": "x"}), by=None, now=noon)
    assert (again.pk, again.round, again.step) == (worsened.pk, 1, 1)
    assert trail(worsened.case)[-1] == "more evidence"
    assert take_due_steps(now=noon) == 0


def test_more_of_the_same_after_somebody_took_it_rings_no_more(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    acknowledge(worsened, by=desk.officer, now=noon)
    raise_escalation(worsened.case, Alarm(2, "worsened", {"n": 9}), by=None, now=noon)
    worsened.refresh_from_db()
    assert (worsened.status, worsened.next_step_at) == ("acknowledged", None)


def test_a_higher_level_starts_a_new_round_also_after_somebody_took_the_lower_one(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    take_due_steps(now=noon)
    acknowledge(worsened, by=desk.officer, now=noon)
    later = noon + 10 * MINUTE
    lifted = raise_escalation(worsened.case, Alarm(3, "danger", {"note": "inside"}), by=None, now=later)
    assert (lifted.pk, lifted.level, lifted.round, lifted.step) == (worsened.pk, 3, 2, 0)
    assert (lifted.status, lifted.acknowledged_by, lifted.next_step_at) == ("running", None, later)
    assert lifted.ladder == climb(SHIPPED[3], has_watcher=True)
    take_due_steps(now=later)
    assert Notification.objects.filter(round=2, channel="in-app").count() == 3  # watcher and two officers


def test_an_alarm_lifted_by_a_watch_tells_its_watcher(case: Case, desk: Desk, noon: datetime) -> None:
    raise_escalation(case, REFERRED, by=desk.officer, now=noon)
    watch = watched(desk, case, now=noon)
    raise_escalation(case, Alarm(3, "worsened", {"n": 14}, watch), by=None, now=noon)
    take_due_steps(now=noon)
    assert ("Sanne", 0) in told()


def test_a_lift_without_a_watch_keeps_the_watch_that_was_there(worsened: Escalation, noon: datetime) -> None:
    lifted = raise_escalation(worsened.case, Alarm(3, "danger", {}), by=None, now=noon)
    assert lifted.watch == worsened.watch


def test_danger_rings_beside_an_alarm_of_the_same_height_that_somebody_took(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    lifted = raise_escalation(worsened.case, Alarm(3, "worsened", {"n": 14}), by=None, now=noon)
    acknowledge(lifted, by=desk.officer, now=noon)
    later = noon + 10 * MINUTE
    found = raise_escalation(
        worsened.case, Alarm(3, "danger", {"note": "inside"}), by=desk.colleague, now=later
    )
    assert (found.cause, found.level, found.status, found.round) == ("danger", 3, "running", 3)
    assert (found.evidence, found.acknowledged_by) == ({"note": "inside"}, None)
    take_due_steps(now=later)
    assert [who for who, _ in told()] == ["Anouk", "Sanne", "Ilse"]


def test_danger_stays_danger_whatever_is_said_after_it(case: Case, desk: Desk, noon: datetime) -> None:
    alarm = raise_escalation(case, Alarm(3, "danger", {"note": "inside"}), by=desk.officer, now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    raise_escalation(case, Alarm(2, "person says worse", {"note": "smoke"}), by=desk.officer, now=noon)
    alarm.refresh_from_db()
    assert (alarm.cause, alarm.level, alarm.status) == ("danger", 3, "running")


@pytest.mark.parametrize("cause", ["referred", "blind"])
def test_a_measured_rise_rings_beside_an_alarm_that_measured_nothing(
    cause: str, case: Case, desk: Desk, noon: datetime
) -> None:
    alarm = raise_escalation(case, Alarm(2, cause, {"note": "x"}), by=None, now=noon)
    acknowledge(alarm, by=desk.officer, now=noon)
    raise_escalation(case, Alarm(2, "worsened", {"n": 9}), by=None, now=noon + MINUTE)
    alarm.refresh_from_db()
    assert (alarm.cause, alarm.status, alarm.next_step_at) == ("worsened", "running", noon + MINUTE)


def test_later_evidence_is_kept_on_the_alarm(worsened: Escalation, noon: datetime) -> None:
    raise_escalation(worsened.case, Alarm(2, "referred", {"note": "press"}), by=None, now=noon)
    worsened.refresh_from_db()
    assert worsened.evidence["n"] == 8
    assert worsened.evidence["later"] == [
        {"note": "press", "cause": "referred", "level": 2, "at": noon.isoformat()}
    ]


# ── climbing ────────────────────────────────────────────────────────────────
def test_level_2_climbs_from_the_watcher_to_the_head_as_time_passes(
    worsened: Escalation, noon: datetime
) -> None:
    climbed = []
    for minute in range(600):
        climbed.append((minute, take_due_steps(now=noon + minute * MINUTE)))
    assert [minute for minute, n in climbed if n] == [0, 15, 30, 60, 90, 105, 120, 150, 180]
    once = ["Anouk", "Sanne", "Ilse", "Bram", "Bram"]
    assert [who for who, _ in told()] == [*once, *once, "Sanne", "Bram", "Ilse"]


def test_level_3_tells_watcher_and_officers_at_once(worsened: Escalation, noon: datetime) -> None:
    raise_escalation(worsened.case, Alarm(3, "worsened", {}, worsened.watch), by=None, now=noon)
    assert take_due_steps(now=noon) == 2
    assert told() == [("Anouk", 0), ("Sanne", 1), ("Ilse", 1)]


def test_a_sweep_that_runs_twice_takes_no_step_twice(worsened: Escalation, noon: datetime) -> None:
    assert take_due_steps(now=noon) == 1
    assert take_due_steps(now=noon) == 0
    assert escalation.take_steps(worsened.pk, now=noon) == 0
    assert told() == [("Anouk", 0)]


def test_after_a_standstill_every_missed_step_is_taken(worsened: Escalation, noon: datetime) -> None:
    assert take_due_steps(now=noon + 61 * MINUTE) == 4
    worsened.refresh_from_db()
    assert (worsened.step, worsened.next_step_at) == (4, noon + 90 * MINUTE)


def test_a_step_by_which_nobody_can_be_reached_goes_on_to_the_next_at_once(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    User.objects.filter(pk=desk.employee.pk).update(is_active=False)
    assert take_due_steps(now=noon) == 2
    assert told() == [("Sanne", 1), ("Ilse", 1)]
    steps = AuditEvent.objects.filter(action="step taken").order_by("seq")
    assert [step.result for step in steps] == ["nobody could be reached", "done"]
    worsened.refresh_from_db()
    assert worsened.next_step_at == noon + 30 * MINUTE


def test_an_alarm_without_a_watch_goes_to_the_officers_at_once(
    case: Case, desk: Desk, noon: datetime
) -> None:
    raise_escalation(case, REFERRED, by=desk.officer, now=noon)
    take_due_steps(now=noon)
    assert told() == [("Sanne", 0), ("Ilse", 0)]


def test_an_alarm_that_reaches_nobody_tries_again_at_its_times_and_stays_open(
    worsened: Escalation, noon: datetime
) -> None:
    User.objects.update(is_active=False)
    tried = [(minute, take_due_steps(now=noon + minute * MINUTE)) for minute in range(0, 600, 30)]
    assert [pair for pair in tried if pair[1]] == [(0, 4), (90, 4), (180, 1)]
    worsened.refresh_from_db()
    assert (worsened.status, worsened.next_step_at) == ("running", None)
    assert len(worsened.unreached) == 9
    assert not Notification.objects.exists()


# ── taking ──────────────────────────────────────────────────────────────────
def test_taking_an_alarm_names_the_person_and_stops_the_ladder(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    take_due_steps(now=noon)
    assert acknowledge(worsened, by=desk.colleague, now=noon + MINUTE)
    assert (worsened.status, worsened.acknowledged_by) == ("acknowledged", desk.colleague)
    assert worsened.acknowledged_at == noon + MINUTE
    for hours in range(1, 72):
        assert take_due_steps(now=noon + timedelta(hours=hours)) == 0
    assert told() == [("Anouk", 0)]


def test_taking_what_somebody_has_changes_nothing_and_is_written_down(
    worsened: Escalation, desk: Desk, noon: datetime
) -> None:
    acknowledge(worsened, by=desk.officer, now=noon)
    assert not acknowledge(worsened, by=desk.colleague, now=noon + MINUTE)
    assert (worsened.acknowledged_by, worsened.acknowledged_at) == (desk.officer, noon)
    event = last_event(worsened.case)
    assert (event.action, event.result, event.actor_name) == ("acknowledged", "was over already", "Ilse")


def test_taking_what_is_over_changes_nothing(worsened: Escalation, desk: Desk, noon: datetime) -> None:
    resolve(worsened.case, by=desk.lead, now=noon, resolution="no reply")
    assert not acknowledge(worsened, by=desk.officer, now=noon)
    assert worsened.status == "resolved"


def test_a_resolved_alarm_makes_room_for_a_new_one(worsened: Escalation, desk: Desk, noon: datetime) -> None:
    assert resolve(worsened.case, by=desk.lead, now=noon, resolution="no reply")
    assert not resolve(worsened.case, by=desk.lead, now=noon, resolution="no reply")
    assert take_due_steps(now=noon) == 0
    raise_escalation(fresh(worsened.case), REFERRED, by=desk.officer, now=noon)
    assert Escalation.objects.count() == 2
    assert audit.verify() == []
