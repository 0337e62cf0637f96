"""From a query without grounds to the first post it hears, and to its end."""

from datetime import timedelta

from cases.models import Case
from cases.rules.permissions import Role
from cases.services import warnings
from monitoring.models import Query, Source
from tests.journeys.story import Story
from tests.web.paper import Paper
from tests.world import person

ASKED: dict[str, str | list[str]] = {"name": "asbest", "terms": "asbest, -daken"}


def test_a_query_is_refused_without_grounds_then_listens_and_stops(story: Story, officer: Paper) -> None:
    officer.open("/queries/new/").press("Start listening", also=ASKED)
    assert officer.status == 422
    assert "This query was not started." in officer.html
    for field in ("purpose", "basis", "end"):
        assert f'id="{field}-errors"' in officer.html
    assert 'value="asbest"' in officer.html
    assert not Query.objects.filter(name="asbest").exists()

    grounds: dict[str, str | list[str]] = {
        "purpose": "vragen over asbest beantwoorden",
        "legal_basis": "public task",
        "ends_on": "2026-03-04",
        "sources": [str(story.desk.source.pk)],
    }
    officer.press("Start listening", also={**grounds, "ends_on": "2026-02-01"})
    assert "A query needs an end date in the future" in officer.html
    officer.press("Start listening", also=grounds)
    assert officer.url == "/queries/"
    assert "vragen over asbest beantwoorden" in officer.html

    case = story.hears("Ligt er asbest op straat?")
    assert "Ligt er asbest" in officer.open("/inbox/").html
    story.goes_on(minutes=1)
    officer.open("/queries/").press("Stop listening: asbest", at="/end/")
    assert "Stopped: nothing more is collected for this query." in officer.html
    story.goes_on(minutes=1)
    story.writes("Nog meer asbest gezien")
    story.goes_on(minutes=1)
    assert list(Case.objects.all()) == [case]


def test_a_query_is_over_when_its_end_has_come(story: Story, officer: Paper) -> None:
    Query.objects.filter(pk=story.desk.query.pk).update(ends_at=story.now)
    story.goes_on(minutes=1)
    story.writes("De brandweer bij de Loswal")
    story.goes_on(minutes=1)
    assert not Case.objects.exists()
    assert "Ended" in officer.open("/queries/").html


def test_a_word_with_a_minus_keeps_a_post_out(story: Story, officer: Paper) -> None:
    Query.objects.filter(pk=story.desk.query.pk).update(terms="loswal, -vakantie")
    story.writes("Vakantie aan de Loswal")
    story.goes_on(minutes=1)
    assert "All posts have been judged" in officer.open("/inbox/").html


def test_a_query_on_a_person_hears_nothing_before_the_privacy_officer_agrees(
    story: Story, officer: Paper
) -> None:
    privacy = story.sits(person("petra", Role.PRIVACY), "/notifications/")
    asked: dict[str, str | list[str]] = {
        **ASKED,
        "name": "de bakker",
        "terms": '"jan de bakker"',
        "purpose": "weten of hij iemand bedreigt",
        "legal_basis": "public task",
        "ends_on": "2026-03-20",
        "is_on_person": "on",
        "sources": [str(story.desk.source.pk)],
    }
    officer.open("/queries/new/").press("preview", also=asked)
    assert officer.status == 200
    officer.press("save")
    assert "We listen as soon as the privacy officer has approved it." in officer.html
    story.writes("Jan de Bakker dreigt weer")
    story.goes_on(minutes=1)
    assert not Case.objects.exists()
    assert "Weerwoord: zoekopdracht wacht op u" in story.mailed()

    privacy.open("/queries/").open(f"/queries/{Query.objects.get(name='de bakker').pk}/")
    privacy.press("approve", at="/decide/", also={"reason": "Er is aangifte gedaan."})
    story.goes_on(minutes=1)
    assert "Jan de Bakker dreigt weer" in officer.open("/inbox/").html
    story.goes_on(days=4)
    assert "Weerwoord: zoekopdracht eindigt binnenkort" in story.mailed()
    again = story.sits(story.desk.officer, "/notifications/")  # four days later: signed in anew
    assert "ends on 20 March 2026" in again.html


def test_an_administrator_hears_of_a_source_that_is_refused_once(story: Story) -> None:
    admin = person("ada", Role.ADMINISTRATOR)
    story.goes_on(minutes=1)
    Source.objects.update(health="refused", next_poll_at=story.now + timedelta(days=9))
    warnings.warn(now=story.now)
    warnings.warn(now=story.now)
    screen = story.sits(admin, "/notifications/")
    assert screen.html.count("is refused by its platform") == 2  # said, and named on its link
