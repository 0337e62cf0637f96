"""Many cases on paper: the list and the count first, one confirmation, the truth afterwards, one undo."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, SavedView, User
from cases.services import decisions, triage
from tests.cases.steps import fresh, judge
from tests.web.paper import Paper
from tests.world import Desk, mention


@pytest.fixture
def cases(desk: Desk, noon: datetime) -> list[Case]:
    return desk.hear(*(mention(f"b{n}", f"Uitverkoop {n}", at=noon, thread="t") for n in range(5)))


@pytest.fixture
def screen(sit: Callable[[User], Paper], desk: Desk, cases: list[Case]) -> Paper:
    return sit(desk.officer)


def test_ticked_cases_are_shown_with_the_count_and_done_by_one_button(
    screen: Paper, cases: list[Case]
) -> None:
    ids = "&".join(f"case={case.pk}" for case in cases[:3])
    screen.open(f"/cases/many/?{ids}")
    assert "3 cases will be done" in screen.html
    assert "Uitverkoop 2" in screen.html
    assert {fresh(case).state for case in cases[:3]} == {"new"}
    screen.press("do", also={"reason": "reclame"})
    assert "3 cases done" in screen.html
    assert {fresh(case).state for case in cases[:3]} == {"dismissed"}
    screen.press("Undo Z", at="/undo/")
    assert "Taken back: 3 cases." in screen.html
    assert {fresh(case).state for case in cases[:3]} == {"new"}


def test_what_was_ticked_to_be_left_out_is_left_out(screen: Paper, cases: list[Case]) -> None:
    ids = "&".join(f"case={case.pk}" for case in cases[:3])
    screen.open(f"/cases/many/?{ids}").press("do", also={"leave": [str(cases[0].pk)]})
    assert [fresh(case).state for case in cases[:3]] == ["new", "dismissed", "dismissed"]


def test_who_is_left_out_is_named_and_what_changed_meanwhile_is_told(
    screen: Paper, cases: list[Case], desk: Desk, noon: datetime
) -> None:
    decisions.report_danger(cases[0], by=desk.colleague, now=noon)
    ids = "&".join(f"case={case.pk}" for case in cases[:3])
    screen.open(f"/cases/many/?{ids}")
    assert "1 case is left out" in screen.html
    assert f"Case {cases[0].pk} is urgent" in screen.html
    judge(cases[1], "thanks", by=desk.colleague, now=noon)
    screen.press("do")
    assert "1 case done" in screen.html
    assert f"Case {cases[1].pk} was" in screen.html


def test_all_that_match_are_done_with_one_judgement(screen: Paper, cases: list[Case]) -> None:
    screen.open("/cases/many/?text=uitverkoop&all=1&do=judge").press("do", also={"route": "positive/P1"})
    assert {fresh(case).state for case in cases} == {"closed"}


def test_one_case_proposes_its_conversation_and_what_is_alike(screen: Paper, cases: list[Case]) -> None:
    open_ones = [fresh(case) for case in cases]
    screen.open(f"/cases/many/?like={open_ones[0].pk}")
    for case in open_ones:
        assert f"Case {case.pk}" in screen.html


def test_the_page_asks_the_database_no_more_for_a_hundred_than_for_one(
    screen: Paper, desk: Desk, noon: datetime
) -> None:
    more = desk.hear(*(mention(f"q{n}", at=noon) for n in range(100)))
    counted = []
    for picked in (more[:1], more):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            screen.open("/cases/many/?" + "&".join(f"case={case.pk}" for case in picked))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_a_search_is_kept_shared_renamed_and_removed(
    screen: Paper, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    screen.open("/cases/?text=uitverkoop&state=new").press("keep", at="/views/", also={"name": "Reclame"})
    view = SavedView.objects.get()
    assert (view.name, view.wanted, view.is_shared) == (
        "Reclame",
        {"text": "uitverkoop", "state": "new"},
        False,
    )
    assert "Reclame" not in sit(desk.colleague).open("/cases/").html
    screen.press("keep", at=f"/views/{view.pk}/", also={"name": "Spam", "is_shared": "1"})
    shared = sit(desk.colleague).open("/cases/")
    assert 'href="?text=uitverkoop&amp;state=new"' in shared.html
    assert "Spam" in shared.html
    screen.press("remove", at=f"/views/{view.pk}/")
    assert not SavedView.objects.exists()


def test_a_view_without_a_name_or_a_search_is_refused_with_a_sentence(screen: Paper) -> None:
    screen.open("/cases/?text=uitverkoop").press("keep", at="/views/", also={"name": " "})
    assert "A view needs a name." in screen.html


def test_keys_are_chosen_and_a_conflict_is_refused(screen: Paper, desk: Desk) -> None:
    screen.open("/me/").press("Keep", also={"key_undo": "u", "key_next": "", "language": "en"})
    desk.officer.refresh_from_db()
    assert (desk.officer.keys, desk.officer.language) == ({"undo": "u"}, "en")
    assert (
        'data-keys="{&quot;z&quot;: &quot;&quot;, &quot;u&quot;: &quot;z&quot;}"'
        in screen.open("/inbox/").html
    )
    screen.open("/me/").press("Keep", also={"key_undo": "j", "language": "en"})
    assert "Two actions would have one key" in screen.html
    screen.press("Keep", also={"key_undo": "1", "language": "en"})
    assert "answers a question of the scheme" in screen.html
    desk.officer.refresh_from_db()
    assert desk.officer.keys == {"undo": "u"}


def test_single_keys_are_switched_off_for_a_person(screen: Paper, desk: Desk) -> None:
    form = next(form for form in screen.open("/me/").forms() if "key_undo" in form.controls)
    fields = {name: value for name, value in form.fields if name != "has_single_keys"}
    screen.client.post("/me/", fields)
    assert 'data-single-keys="off"' in screen.open("/inbox/").html


def test_filters_narrow_what_is_found(screen: Paper, cases: list[Case], desk: Desk, noon: datetime) -> None:
    triage.dismiss(cases[0], reason="x", by=desk.officer, now=noon)
    assert "No case matches" in screen.open("/cases/?platform=bluesky").html
    assert "No case matches" in screen.open("/cases/?until=2026-01-01").html
    assert f"/cases/{cases[0].pk}/" in screen.open("/cases/?state=dismissed&text=UITVERK").html
    assert "No case matches" in screen.open("/cases/?is_overdue=1&has_promise=1").html
