"""The audit trail on a page: six fields, found by object, person, action and period; and its head."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import AuditCheckpoint, AuditEvent, Case, User
from cases.services import audit
from tests.web.paper import Paper
from tests.web.states import every_event
from tests.world import Desk


@pytest.fixture
def privacy(desk: Desk, case: Case, noon: datetime, sit: Callable[[User], Paper]) -> Paper:
    """Somebody who may see the trail, with a few events in it."""
    audit.append("case:77", "taken", by=desk.officer, now=noon)
    audit.append("case:77", "released", by=desk.officer, now=noon + timedelta(days=2), result="refused")
    audit.append("query:3", "query ended", by=desk.lead, now=noon)
    return sit(desk.lead).open("/audit/")


def shown(screen: Paper, url: str) -> list[str]:
    """The objects on the page, from top to bottom."""
    links = [has.get("href", "") for tag, has in screen.open(url).tags() if tag == "a"]
    found = [link for link in links if link.startswith("?subject=") and "before=" not in link]
    return [link.partition("subject=")[2].replace("%3A", ":") for link in found]


def test_each_event_shows_who_did_what_to_what_when_from_where_and_with_which_result(privacy: Paper) -> None:
    for words in ("Sanne took the case", "Sanne let the case go", "Bram stopped this query"):
        assert words in privacy.html
    for words in ("case:77", "refused", "page", "rule", "04-03-2026 13:00:00", "The system"):
        assert words in privacy.html


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("subject=case:77", ["case:77", "case:77"]),
        ("subject=77", ["case:77", "case:77"]),
        ("actor=bram", ["query:3"]),
        ("action=released", ["case:77"]),
        ("since=2026-03-03", ["case:77"]),
        ("until=2026-03-02&actor=sanne", ["case:77"]),
        ("subject=case:78", []),
    ],
)
def test_events_are_found_by_what_is_asked(asked: str, found: list[str], privacy: Paper) -> None:
    assert shown(privacy, f"/audit/?{asked}") == found


@pytest.mark.parametrize("asked", ["since=gisteren", "before=x", "before=" + "9" * 40, "subject=" + "9" * 60])
def test_what_cannot_be_asked_breaks_nothing(asked: str, privacy: Paper) -> None:
    assert privacy.open(f"/audit/?{asked}").status == 200


def test_what_somebody_wrote_stays_with_the_case(
    desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    every_event(desk, noon)
    html = sit(desk.lead).open("/audit/").html
    for words in ("Vals alarm", "Rustiger graag", "Dank je wel", "Stil geworden"):
        assert words not in html


def test_older_events_are_a_page_further_and_nothing_shifts(privacy: Paper, noon: datetime) -> None:
    for n in range(60):
        audit.append("case:5", "taken", by=None, now=noon, facts={"n": n})
    first = shown(privacy, "/audit/?subject=case:5")
    older = next(
        has["href"] for tag, has in privacy.tags() if tag == "a" and "before=" in has.get("href", "")
    )
    audit.append("case:5", "taken", by=None, now=noon)
    assert (len(first), len(shown(privacy, f"/audit/{older}"))) == (40, 20)


def test_the_page_asks_as_much_at_a_hundred_events_as_at_one(privacy: Paper, noon: datetime) -> None:
    asked = []
    for n in (1, 100):
        for _ in range(n):
            audit.append("case:5", "taken", by=None, now=noon)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            privacy.open("/audit/?subject=case:5")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_the_button_seals_the_trail_and_shows_the_line_to_publish(privacy: Paper) -> None:
    assert "Nothing was sealed yet." in privacy.open("/audit/head/").html
    privacy.press("Seal everything up to now")
    point = AuditCheckpoint.objects.get()
    assert f"weerwoord-audit/1 events={AuditEvent.objects.count()} " in privacy.html
    assert point.hash in privacy.html
