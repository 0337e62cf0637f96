"""Danger to life never waits: one press, the number to call, a logged hand-over, a serious alarm."""

import pytest

from cases.models import AuditEvent, Escalation
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

CRY = "HELP er zit nog iemand binnen bij de Loswal, brandweer!!"


def hands_over(screen: Paper, case_id: int) -> None:
    assert "Call the control room now: 112." in screen.html
    screen.press("Write it down", at="/hand-over/", also={"to": "meldkamer, Joke, 13:01"})
    logged = AuditEvent.objects.filter(action="handed over", facts__to="meldkamer, Joke, 13:01")
    assert logged.count() == 1
    assert "meldkamer, Joke, 13:01" in screen.open(f"/cases/{case_id}/").html


def test_a_cry_for_help_is_handed_to_the_control_room_and_decided(story: Story) -> None:
    case = story.hears(CRY)
    front_line = story.sits(story.desk.employee)
    front_line.press("", at="/danger/")
    assert front_line.url == f"/cases/{case.pk}/"
    hands_over(front_line, case.pk)
    alarm = Escalation.objects.get(case=case)
    assert (alarm.level, alarm.cause, stands(case)) == (3, "danger", "comms")
    story.goes_on(seconds=1)
    assert story.mailed()
    lead = story.sits(story.desk.lead, f"/cases/{case.pk}/")
    lead.press("I take this A", at="/alarms/")
    lead.press("handed over", at="/decide/", also={"reason": "Meldkamer heeft het overgenomen."})
    assert stands(case) == "closed"
    assert Escalation.objects.get(case=case).resolved_at == story.now


def test_nobody_takes_it_and_more_people_are_called(story: Story, officer: Paper) -> None:
    story.hears(CRY)
    officer.open("/inbox/").press("", at="/danger/")
    story.goes_on(seconds=1)
    first = len(story.mailed())
    story.goes_on(minutes=30)
    assert len(story.mailed()) > first


@pytest.mark.parametrize("option", ["watch", "P3"])
def test_danger_can_be_reported_after_something_else_was_chosen(
    story: Story, officer: Paper, option: str
) -> None:
    case = story.hears(CRY)
    officer.open("/inbox/")
    judges(officer, *(("negative", "insult") if option == "watch" else ("positive",)))
    officer.press(option, at="/choose/").open(f"/cases/{case.pk}/").press("", at="/danger/")
    assert Escalation.objects.get(case=case).level == 3
    hands_over(officer, case.pk)
