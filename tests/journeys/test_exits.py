"""The exits outside the scheme, each to its end."""

from cases.models import Escalation, Response
from tests.journeys.story import Story, stands
from tests.web.paper import Paper


def test_not_about_us_is_gone_and_can_be_reopened(story: Story, officer: Paper) -> None:
    case = story.hears("Te koop: brandweerhelm, Loswal 4")
    officer.open("/inbox/").press("", at="/exit/not_relevant/")
    assert stands(case) == "dismissed"
    assert "All posts have been judged" in officer.html
    officer.open(f"/cases/{case.pk}/").press("Reopen and judge again", at="/judge-again/")
    assert stands(case) == "new"
    assert "helm" in officer.open("/inbox/").html


def test_information_is_counted_and_closed(story: Story, officer: Paper) -> None:
    case = story.hears("Brandweer oefent zaterdag aan de Loswal")
    officer.open("/inbox/").press("", at="/exit/neutral/")
    assert stands(case) == "closed"
    assert "information only" in officer.open(f"/cases/{case.pk}/").html


def test_a_question_is_answered(story: Story, officer: Paper) -> None:
    case = story.hears("Is de Loswal weer open?")
    officer.open("/inbox/").press("", at="/exit/question/")
    assert officer.url == f"/cases/{case.pk}/"
    officer.press("send", at="/replies/", also={"text": "Ja, sinds vanmiddag."})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert [sent["text"] for sent in story.sent()] == ["Ja, sinds vanmiddag."]


def test_a_rumour_passed_on_is_put_right_with_a_source(story: Story, officer: Paper) -> None:
    case = story.hears("Mijn buurvrouw zegt dat de brandweer evacueert")
    officer.open("/inbox/").press("", at="/exit/rumour/")
    officer.press("send", at="/replies/", also={"text": "Er wordt niemand geëvacueerd."})
    assert "Name the source of the facts" in officer.html
    officer.press(
        "send", at="/replies/", also={"claim": "dat het brandt", "fact_source": "officier van dienst"}
    )
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert Response.objects.get(case=case).fact_source == "officier van dienst"


def test_later_comes_back_by_itself(story: Story, officer: Paper) -> None:
    case = story.hears("Even kijken wat de brandweer hierover zegt")
    officer.open("/inbox/").press("", at="/exit/later/")
    assert "All posts have been judged" in officer.html
    assert "back at 14:00" in officer.open("/inbox/?view=snoozed").html
    story.goes_on(minutes=61)
    assert "Even kijken" in officer.open("/inbox/").html
    assert stands(case) == "new"


def test_escalating_alarms_communications_who_take_it_and_decide(story: Story) -> None:
    case = story.hears("Journalist vraagt de brandweer om een reactie")
    front_line = story.sits(story.desk.employee)
    front_line.press("", at="/exit/escalate/")
    assert stands(case) == "comms"
    story.goes_on(seconds=1)
    n_told = len(story.mailed())
    assert n_told
    officer = story.sits(story.desk.officer, "/watching/")
    assert f"nobody has taken case {case.pk} yet" in officer.html
    officer.press("", at="/alarms/")
    alarm = Escalation.objects.get(case=case)
    assert (alarm.status, alarm.acknowledged_by) == ("acknowledged", story.desk.officer)
    story.goes_on(hours=2)
    assert len(story.mailed()) == n_told
    officer.press("handed over", at="/decide/", also={"reason": "Persvoorlichter belt terug."})
    assert stands(case) == "closed"
