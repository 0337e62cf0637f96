"""Queries with their grounds, and posts that people bring."""

from collections.abc import Callable
from datetime import datetime

import pytest

from cases.models import Case, User
from monitoring.models import Query
from tests.web.paper import Paper
from tests.world import Desk

GROUNDS: dict[str, str | list[str]] = {
    "name": "asbest",
    "terms": "asbest, loswal",
    "purpose": "vragen over asbest beantwoorden",
    "legal_basis": "public task",
    "ends_on": "2026-06-01",
}


@pytest.mark.parametrize("ground", ["name", "terms", "purpose", "legal_basis", "ends_on"])
def test_a_query_without_one_of_its_grounds_is_not_started(screen: Paper, ground: str) -> None:
    screen.open("/queries/new/").press("Start listening", also=GROUNDS | {ground: ""})
    assert screen.status == 422
    assert "This query was not started." in screen.html
    assert not Query.objects.filter(name="asbest").exists()


def test_a_query_with_its_grounds_listens(screen: Paper, desk: Desk) -> None:
    screen.open("/queries/new/")
    screen.press("Start listening", also=GROUNDS | {"sources": [str(desk.source.pk)]})
    query = Query.objects.get(name="asbest")
    assert list(query.sources.all()) == [desk.source]
    assert query.owner == desk.officer
    assert "vragen over asbest beantwoorden" in screen.html


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends_on": "2026-01-01"}, "A query needs an end date in the future"),
        ({"name": "the organisation"}, "There is already a query with this name"),
        ({"terms": '"open'}, "terms-errors"),
    ],
)
def test_a_query_that_cannot_be_is_explained_and_keeps_what_was_typed(
    screen: Paper, wrong: dict[str, str], sentence: str
) -> None:
    screen.open("/queries/new/").press("Start listening", also=GROUNDS | wrong)
    assert screen.status == 422
    assert sentence in screen.html
    assert "vragen over asbest beantwoorden" in screen.html


def test_a_query_is_stopped_at_once(screen: Paper, desk: Desk) -> None:
    screen.open("/queries/").press("Stop listening: the organisation", at="/end/")
    desk.query.refresh_from_db()
    assert desk.query.ends_at == desk.now


def test_a_pasted_address_becomes_a_case_and_is_known_the_second_time(screen: Paper) -> None:
    typed: dict[str, str | list[str]] = {
        "url": "https://forum.example/t/9",
        "text": "Er komt rook uit de loods.",
    }
    screen.open("/report/").press("Make it a case", also=typed)
    case = Case.objects.latest("pk")
    assert screen.url == f"/cases/{case.pk}/"
    assert "Er komt rook uit de loods." in screen.html
    screen.open("/report/").press("Make it a case", also=typed)
    assert screen.url == f"/cases/{case.pk}/"
    assert "This post was known already" in screen.html


def test_a_phone_tip_needs_no_address_and_is_answered_elsewhere(screen: Paper) -> None:
    typed: dict[str, str | list[str]] = {"channel": "phone", "text": "Buurman zegt dat de sirene stuk is."}
    screen.open("/report/").press("Make it a case", also=typed)
    assert Case.objects.latest("pk").post.raw["via"] == "phone"
    screen.press("positive", at="/answer/").press("P3", at="/choose/")
    assert "Weerwoord cannot place a reply here itself." in screen.html


@pytest.mark.parametrize("typed", [{}, {"url": "javascript:alert(1)"}, {"url": "not an address"}])
def test_nothing_to_capture_is_refused_and_said(screen: Paper, typed: dict[str, str | list[str]]) -> None:
    before = Case.objects.count()
    screen.open("/report/").press("Make it a case", also=typed)
    assert screen.status == 422
    assert Case.objects.count() == before


def test_the_officer_s_typed_text_comes_back_after_a_refused_capture(screen: Paper) -> None:
    screen.open("/report/").press(
        "Make it a case", also={"url": "nonsense", "text": "Er is iets aan de hand."}
    )
    assert "Er is iets aan de hand." in screen.html


def test_only_who_may_change_queries_is_offered_to(
    desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    assert sit(desk.employee).open("/queries/").status == 403
    assert sit(desk.officer).open("/queries/").offers("Stop listening: the organisation", at="/end/")
