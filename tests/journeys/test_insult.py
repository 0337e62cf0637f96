"""A1: an insult is not answered; somebody keeps watch, and communications decides if it gets worse."""

from cases.models import Response, Watch
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper


def test_an_insult_is_watched_checked_and_let_go_without_a_word(story: Story, officer: Paper) -> None:
    case = story.hears("Stelletje prutsers daar bij de brandweer")
    officer.open("/inbox/")
    assert "Stelletje prutsers" in officer.html
    judges(officer, "negative", "insult")
    assert "Do not answer, keep watch" in officer.html
    plan: dict[str, str | list[str]] = {
        "watcher": str(story.desk.employee.pk),
        "every_minutes": "15",
        "days": "2",
        "rule": "een krant neemt het over",
    }
    officer.press("watch", at="/choose/", also=plan)
    assert stands(case) == "watching"
    assert "All posts have been judged" in officer.html

    watcher = story.sits(story.desk.employee, "/watching/")
    assert "een krant neemt het over" in watcher.html
    assert "Anouk" in watcher.html
    story.goes_on(minutes=16)
    assert "min overdue" in watcher.open("/watching/").html
    watch = Watch.objects.get(ended_at=None)
    watcher.open(f"/watching/{watch.pk}/")  # the board has the quick look; what was seen is told here
    watcher.press("check", at="/check/", also={"note": "Niemand reageert"})
    assert "min overdue" not in watcher.open("/watching/").html
    assert "Niemand reageert" in watcher.html

    story.goes_on(days=2)
    assert stands(case) == "closed"
    assert not Watch.objects.filter(ended_at=None).exists()
    assert not Response.objects.exists()
    assert story.sent() == []
    page = story.sits(story.desk.officer, f"/cases/{case.pk}/").html  # the shift, and the session, is over
    for line in ("Sanne chose: Negative", "Insult", "The post came in"):
        assert line in page


def test_an_insult_can_go_straight_to_communications_who_keep_watch(story: Story, officer: Paper) -> None:
    case = story.hears("De brandweer, wat een stel clowns")
    judges(officer.open("/inbox/"), "negative", "insult").press("to_comms", at="/choose/")
    assert stands(case) == "comms"
    story.goes_on(seconds=1)
    assert story.mailed()
    lead = story.sits(story.desk.lead, "/inbox/?view=decide")
    assert "wat een stel clowns" in lead.html
    lead.open(f"/cases/{case.pk}/").press("I take this A", at="/alarms/")
    lead.press("watch", at="/decide/", also={"reason": "Eerst afwachten."})
    assert stands(case) == "watching"
    assert "Eerst afwachten." in lead.open(f"/cases/{case.pk}/").html
    assert "No alarm rings." in lead.open("/watching/").html
