"""A watched insult goes round: the counts rise, an alarm rings, somebody takes it, communications decides."""

from cases.models import Escalation, Watch
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper


def is_told(screen: Paper, since: str) -> dict[str, object]:
    answer = screen.client.get("/live/", {"since": since})
    return dict(answer.json()) if answer.status_code == 200 else {}


def test_a_watch_that_worsens_rings_until_it_is_taken_and_is_decided(story: Story, officer: Paper) -> None:
    case = story.hears("Prutsers van de brandweer")
    judges(officer.open("/inbox/"), "negative", "insult").press("watch", at="/choose/")
    since = next(has["data-poll-since"] for tag, has in officer.tags() if tag == "body")
    story.goes_on(minutes=20)
    assert stands(case) == "watching"
    assert not story.mailed()

    story.hears("Schande, die brandweer", answers=case, n=14, spread_s=20)
    story.goes_on(seconds=10)
    alarm = Escalation.objects.get(case=case)
    assert (alarm.cause, alarm.status, stands(case)) == ("worsened", "running", "comms")
    assert story.mailed()
    news = is_told(officer, since)
    assert "An alarm rings" in str(news["alarm"])
    officer.open("/watching/")
    assert f"nobody has taken case {case.pk} yet" in officer.html
    assert 'class="hot"' in officer.html

    n_told = len(story.mailed())
    story.goes_on(minutes=30)
    assert len(story.mailed()) > n_told
    lead = story.sits(story.desk.lead, f"/alarms/{alarm.pk}/")
    lead.press("I take this", at="")
    assert lead.url == f"/cases/{case.pk}/"
    n_told = len(story.mailed())
    story.goes_on(hours=3)
    assert len(story.mailed()) == n_told
    assert "Bram has it since" in lead.open(f"/cases/{case.pk}/").html

    lead.press("reply", at="/decide/", also={"reason": "Nu zwijgen we niet meer."})
    lead.press("send", at="/replies/", also={"text": "We leggen vandaag uit wat er gebeurde."})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert len(story.sent()) == 1
    assert "No alarm rings." in lead.open("/watching/").html


def test_a_person_sees_it_first_and_communications_is_alarmed_at_once(story: Story, officer: Paper) -> None:
    case = story.hears("Prutsers van de brandweer")
    judges(officer.open("/inbox/"), "negative", "insult").press("watch", at="/choose/")
    watcher = story.sits(story.desk.employee, f"/watching/{Watch.objects.get(case=case).pk}/")
    watcher.press("worse", at="/check/", also={"note": "Een raadslid deelt het"})
    assert "Communications is alarmed." in watcher.html
    story.goes_on(seconds=1)
    assert story.mailed()
    assert "Een raadslid deelt het" in story.sits(story.desk.lead, f"/cases/{case.pk}/").html
    assert stands(case) == "comms"


def test_a_quiet_watch_rings_nobody(story: Story, officer: Paper) -> None:
    case = story.hears("Prutsers van de brandweer")
    judges(officer.open("/inbox/"), "negative", "insult").press("watch", at="/choose/")
    for _hour in range(6):
        story.goes_on(hours=1)
        story.hears("Ja hoor, de brandweer weer", answers=case)
    story.goes_on(minutes=5)
    assert (stands(case), story.mailed()) == ("watching", [])
