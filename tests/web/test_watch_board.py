"""The watch board and its alarms, by plain forms."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cases.models import Case, Escalation, User, Watch, WatchCheck
from cases.services import escalation
from tests.cases.steps import fresh, trail, watched
from tests.web.paper import Paper
from tests.world import Desk


def test_it_got_worse_rings_and_taking_it_stops_the_ladder(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open(f"/watching/{watch.pk}/")
    screen.press("worse", at="/check/", also={"note": "Overgenomen door de krant"})
    assert "Communications is alarmed." in screen.html
    assert f"nobody has taken case {case.pk} yet" in screen.html
    assert "Overgenomen door de krant" in screen.html
    escalation.take_due_steps(now=noon)
    screen.open("/watching/").press("", at="/alarms/")
    taken = Escalation.objects.get(case=case)
    assert (taken.status, taken.acknowledged_by, taken.next_step_at) == ("acknowledged", desk.officer, None)
    assert "Sanne has it since" in screen.html


def test_a_check_is_written_down_with_its_note(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open(f"/watching/{watch.pk}/")
    screen.press("check", at="/check/", also={"note": "Rustig"})
    assert WatchCheck.objects.get(watch=watch).note == "Rustig"
    assert "Sanne looked at" in screen.html
    assert "Rustig" in screen.html


def test_alarms_are_paused_for_half_an_hour_and_the_board_says_so(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open("/watching/").press("30", at="/pause/")
    assert Watch.objects.get(pk=watch.pk).paused_until == noon + timedelta(minutes=30)
    assert "Alarms paused" in screen.html


def test_a_watch_is_started_from_the_page_of_a_case_and_ended_there(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("Start watching", at="/watch/", also={"days": "3", "every_minutes": "15"})
    watch = Watch.objects.get(case=case, ended_at=None)
    assert watch.ends_at == noon + timedelta(days=3)
    assert watch.next_check_at == noon + timedelta(minutes=15)
    screen.press("Stop watching", at="/end/")
    assert not Watch.objects.filter(case=case, ended_at=None).exists()
    assert "watch ended" in trail(case)
    assert fresh(case).state == "new"


def test_the_link_of_a_message_asks_to_confirm_before_it_takes_an_alarm(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    alarm = Escalation.objects.get(case=case)
    screen.open(f"/alarms/{alarm.pk}/")
    assert Escalation.objects.get(case=case).status == "running"
    screen.press("I take this", at="")
    assert Escalation.objects.get(case=case).status == "acknowledged"


def test_taking_an_alarm_that_a_colleague_has_changes_nothing(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    alarm = Escalation.objects.get(case=case)
    other = sit(desk.colleague).open(f"/alarms/{alarm.pk}/")
    escalation.acknowledge(alarm, by=desk.officer, now=noon)
    other.press("I take this", at="")
    assert "was taken or over already" in other.html
    assert Escalation.objects.get(case=case).acknowledged_by == desk.officer


def test_a_notification_is_read_by_whom_it_is_for(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    escalation.take_due_steps(now=noon)
    mine = sit(desk.colleague).open("/notifications/")
    assert f"Case {case.pk} was handed to communications." in mine.html
    mine.press("Mark as read", at="/read/")
    assert not mine.offers("Mark as read", at="/read/")
