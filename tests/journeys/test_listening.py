"""From a query without grounds to the first post it hears, and to its end."""

from cases.models import Case
from monitoring.models import Query
from tests.journeys.story import Story
from tests.web.paper import Paper

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
