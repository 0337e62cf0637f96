"""Alarms and ladders through the API."""

from datetime import datetime

import pytest

from cases.models import Case, Escalation, Ladder
from cases.services import escalation
from cases.services.escalation import Alarm
from tests.api.client import Api


@pytest.fixture
def alarm(case: Case, noon: datetime) -> Escalation:
    found = escalation.raise_escalation(case, Alarm(2, "referred", {"note": "x"}), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    return found


def test_an_open_alarm_says_who_was_told_and_who_is_next(officer: Api, alarm: Escalation) -> None:
    (row,) = officer.read("open-alarms")["results"]
    assert (row["alarm"]["id"], row["alarm"]["level"], row["parts"], row["missed"]) == (alarm.pk, 2, [], [])
    assert row["told"]
    assert row["next_people"]
    assert not row["is_unanswered"]


def test_an_alarm_that_rose_is_not_taken_by_who_saw_it_lower(
    officer: Api, alarm: Escalation, noon: datetime
) -> None:
    escalation.raise_escalation(alarm.case, Alarm(3, "danger", {}), by=None, now=noon)
    status, body = officer.refused("acknowledge", alarm.pk, seen=2)
    assert (status, body["code"]) == (409, "alarm_rose")
    taken = officer.done("acknowledge", alarm.pk, seen=3)
    assert (taken["status"], taken["acknowledged_by"]["username"]) == ("acknowledged", officer.user.username)
    assert taken["taken_until"]


def test_an_alarm_is_offered_accepted_made_a_crisis_and_ended(
    officer: Api, lead: Api, alarm: Escalation
) -> None:
    assert officer.refused("offer-alarm", alarm.pk, to=lead.user.username)[1]["code"] == "alarm_refused"
    officer.done("acknowledge", alarm.pk)
    offered = officer.done("offer-alarm", alarm.pk, to=lead.user.username)
    assert offered["offered_to"]["username"] == lead.user.username
    assert lead.done("accept-alarm", alarm.pk)["acknowledged_by"]["username"] == lead.user.username
    assert lead.done("declare-crisis", alarm.pk, reason="inside")["level"] == 4
    ended = lead.done("finish-alarm", alarm.pk, reason="all out")
    assert (ended["status"], ended["resolution"]) == ("resolved", "all out")
    assert officer.read("open-alarms")["results"] == []


def test_a_ladder_is_read_and_changed_by_who_saw_it(lead: Api, officer: Api) -> None:
    second = lead.read("ladders")["ladders"][1]
    assert (second["level"], second["version"], second["steps"][0]["who"]) == (2, 1, "watcher")
    wanted = {
        "steps": [{"who": "officer", "minutes": 0, "channels": ["in-app"]}],
        "repeats": 2,
        "taken_minutes": 30,
        "seen": 1,
    }
    changed = lead.done("change-ladder", 2, **wanted)["ladders"][1]
    assert (changed["version"], changed["repeats"], changed["taken_minutes"]) == (2, 2, 30)
    assert lead.refused("change-ladder", 2, **wanted)[1]["code"] == "ladder_changed"
    status, body = lead.refused("change-ladder", 2, **(wanted | {"steps": [], "seen": 2}))
    assert (status, body["code"]) == (422, "ladder_refused")
    assert body["reasons"] == ["This ladder calls nobody. Add at least one step."]
    assert lead.refused("change-ladder", 9, **wanted)[0] == 404
    assert officer.refused("change-ladder", 2, **wanted)[0] == 403
    assert Ladder.objects.get(level=2).repeats == 2
