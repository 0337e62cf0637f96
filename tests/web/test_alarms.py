"""The page of open alarms and that of one alarm, by plain forms."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case, ChainBeat, Escalation, Ladder, User
from cases.services import escalation
from cases.services.escalation import Alarm
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]
HOUR = timedelta(hours=1)
IN_ENGLISH = {"accept-language": "en"}


@pytest.fixture
def alarm(case: Case, desk: Desk, noon: datetime) -> Escalation:
    found = escalation.raise_escalation(case, Alarm(2, "referred", {"note": "x"}), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    return found


def test_an_alarm_is_taken_with_one_press_from_the_list(alarm: Escalation, desk: Desk, sit: Sit) -> None:
    screen = sit(desk.officer).open("/alarms/")
    assert "Told:" in screen.html
    screen.press("", at=f"/alarms/{alarm.pk}/")
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == desk.officer
    assert "Sanne has it since" in screen.open("/alarms/").html


def test_an_alarm_that_rose_after_the_page_was_opened_is_not_taken(
    alarm: Escalation, desk: Desk, sit: Sit, noon: datetime
) -> None:
    screen = sit(desk.officer).open(f"/alarms/{alarm.pk}/")
    escalation.raise_escalation(alarm.case, Alarm(3, "danger", {}), by=None, now=noon)
    screen.press("", at=f"/alarms/{alarm.pk}/")
    assert "rose from level 2 to level 3" in screen.html
    alarm.refresh_from_db()
    assert alarm.status == "running"


def test_the_highest_alarm_that_nobody_has_stands_first(desk: Desk, sit: Sit, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(3)))
    for case, level in zip(cases, (2, 3, 4), strict=True):
        escalation.raise_escalation(case, Alarm(level, "referred", {}), by=None, now=noon)
    escalation.acknowledge(cases[2].escalations.get(), by=desk.lead, now=noon)
    html = sit(desk.officer).open("/alarms/").html
    places = [html.index(f"/cases/{case.pk}/") for case in (cases[1], cases[0], cases[2])]
    assert places == sorted(places)


def test_an_alarm_is_handed_over_accepted_and_ended(alarm: Escalation, desk: Desk, sit: Sit) -> None:
    path = f"/alarms/{alarm.pk}/"
    mine = sit(desk.officer).open(path).press("", at=path).open(path)
    mine.press("", at="/offer/", also={"to": str(desk.colleague.pk)})
    assert "Ilse is asked. You have the alarm until they accept." in mine.html
    theirs = sit(desk.colleague).open(path).press("I take it over", at="/accept/")
    assert "You have this alarm now." in theirs.html
    theirs.open(path).press("", at="/finish/", also={"note": "it was a drill"})
    alarm.refresh_from_db()
    assert (alarm.status, alarm.resolution) == ("resolved", "it was a drill")
    assert "This alarm is over since" in theirs.open(path).html


def test_a_crisis_is_declared_with_its_reason(alarm: Escalation, desk: Desk, sit: Sit) -> None:
    screen = sit(desk.lead).open(f"/alarms/{alarm.pk}/").press("", at="/crisis/", also={"note": "inside"})
    assert "This is a crisis now" in screen.html
    alarm.refresh_from_db()
    assert alarm.level == 4


def test_an_alarm_that_nobody_took_to_its_end_stands_there_as_such(
    alarm: Escalation, desk: Desk, sit: Sit, noon: datetime
) -> None:
    for hours in range(5):
        escalation.take_due_steps(now=noon + hours * HOUR)
    assert "Nobody has taken this" in sit(desk.officer).open("/alarms/").html


def test_leads_read_on_every_page_that_a_step_reached_nobody(
    case: Case, desk: Desk, sit: Sit, noon: datetime
) -> None:
    User.objects.filter(role="officer").update(is_active=False)
    User.objects.filter(pk=desk.lead.pk).update(email="", email_from=0)
    escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    assert "reached nobody: Bram cannot be reached" in sit(desk.lead).open("/inbox/").html
    assert "reached nobody" not in sit(desk.employee).open("/inbox/").html


def test_every_page_says_since_when_alarms_are_not_delivered(desk: Desk, sit: Sit, noon: datetime) -> None:
    ChainBeat.objects.create(due_at=noon - HOUR, stepped_at=noon - HOUR, delivered_at=noon - HOUR)
    assert "Alarms are not being delivered since" in sit(desk.employee).open("/inbox/").html


def test_the_list_asks_the_database_as_often_for_a_hundred_alarms_as_for_one(
    desk: Desk, client: Client, noon: datetime
) -> None:
    client.force_login(desk.lead)
    asked = []
    for n in (1, 99):
        for case in desk.hear(*(mention(f"q{n}-{i}", at=noon) for i in range(n))):
            found = escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
            Escalation.objects.filter(pk=found.pk).update(
                unreached=[{"step": 1, "who": f"person:{desk.officer.pk}", "at": "", "people": []}]
            )
        escalation.take_due_steps(now=noon)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/alarms/").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


# ── ladders ─────────────────────────────────────────────────────────────────
def test_a_lead_adds_moves_and_removes_a_step_without_javascript(desk: Desk, sit: Sit) -> None:
    screen = sit(desk.lead).open("/ladders/")
    screen.press("add", at="/ladders/2/")
    assert "Saved." in screen.html
    assert [step["who"] for step in Ladder.objects.get(level=2).steps][-1] == "head"
    screen.press("up-4", at="/ladders/2/")
    steps = Ladder.objects.get(level=2).steps
    assert [(step["who"], step["after_s"]) for step in steps][2:4] == [
        ("head", 1800),
        ("communications", 3600),
    ]
    screen.press("remove-1", at="/ladders/2/")
    steps = Ladder.objects.get(level=2).steps
    assert (steps[0]["who"], steps[0]["after_s"]) == ("officer", 0)
    assert "Bram made version 4 of a ladder." in screen.html


def test_a_ladder_that_calls_nobody_is_refused_in_words(desk: Desk, client: Client) -> None:
    client.force_login(desk.lead)
    typed = {"n_steps": "0", "seen": "1", "repeats": "0", "taken_minutes": "60", "next": "/ladders/"}
    answer = client.post("/ladders/1/", typed, follow=True, headers=IN_ENGLISH)
    assert "This ladder calls nobody. Add at least one step." in answer.content.decode()
    assert Ladder.objects.get(level=1).version == 1


def test_an_officer_reads_who_is_called_and_changes_nothing(desk: Desk, sit: Sit, client: Client) -> None:
    html = sit(desk.officer).open("/ladders/").html
    assert "Sanne, Ilse" in html
    assert 'name="minutes_1"' not in html
    client.force_login(desk.officer)
    assert client.post("/ladders/2/", {}).status_code == 403


def test_a_level_that_does_not_exist_has_no_ladder(desk: Desk, client: Client) -> None:
    client.force_login(desk.lead)
    assert client.post("/ladders/7/", {}).status_code == 404


def test_an_offer_to_somebody_who_takes_no_alarms_is_told(
    alarm: Escalation, desk: Desk, client: Client, noon: datetime
) -> None:
    escalation.acknowledge(alarm, by=desk.officer, now=noon)
    client.force_login(desk.officer)
    answer = client.post(f"/alarms/{alarm.pk}/offer/", {"to": "999999"}, follow=True, headers=IN_ENGLISH)
    assert "Choose a colleague who may take alarms." in answer.content.decode()
