"""The pages of an exercise, the marks on every page of its space, and the scores of earlier ones."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cases.models import Exercise, Inject, User
from cases.reads.casefile import case_file
from cases.reads.score import score_of
from cases.rules.permissions import Role
from cases.services import exercises
from cases.services.exercises import InjectPlan
from cases.sheet.pdf import MARK
from cases.sheet.pdf import pdf_of as picture_pdf
from cases.sheet.words import sheet
from cases.web.casefile import paper
from cases.web.pdf import pdf_of as casefile_pdf
from config.exercise.marks import HEADER, SpaceMiddleware
from tests.cases.pictures import fire, made
from tests.exercising import exercise_on
from tests.web.paper import Paper
from tests.web.test_casefile import inside
from tests.world import Desk, person

Sit = Callable[[User], Paper]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def exercise(desk: Desk, noon: datetime) -> Exercise:
    return exercise_on(desk, now=noon)


@pytest.fixture
def space(settings: Any, tmp_path: Path) -> Path:
    """What the settings say in the space of an exercise."""
    settings.SPACE, settings.DATA_DIR = "exercise", tmp_path
    return tmp_path


def test_a_real_installation_has_no_exercise_to_lead(sit: Sit, desk: Desk) -> None:
    client = sit(desk.lead).client
    assert client.get("/exercise/").status_code == 404
    assert client.get("/exercise/score/").status_code == 404
    assert client.post("/exercise/lead/", {"do": "play"}).status_code == 404
    assert client.post("/exercise/injects/", {"text": "x", "kind": "other"}).status_code == 404
    assert "/exercise/" not in client.get("/inbox/").content.decode()


def test_who_leads_sets_the_story_going_holds_it_and_ends_it(
    sit: Sit, desk: Desk, exercise: Exercise, space: Path
) -> None:
    screen = sit(desk.lead).open("/exercise/")
    assert "It has not begun." in screen.html
    screen.press("Begin")
    assert "60 times as fast" in screen.html
    screen.press("Pause")
    assert "Stands still at 0:00:00 of 0:30:00." in screen.html
    screen.press("Set the speed", also={"speed": "2"})
    screen.press("Go on")
    assert "2 times as fast" in screen.html
    screen.press("Yes, end it")
    assert "How it went" in screen.html
    assert json.loads((space / "score.json").read_text(encoding="utf-8"))["n_posts"] == 0


def test_a_page_that_shows_another_speed_is_refused(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    screen = sit(desk.lead).open("/exercise/")
    exercises.play(exercise, by=desk.lead, now=noon)
    assert screen.client.post("/exercise/lead/", {"do": "pause", "seen": "0"}).status_code == 409


def test_an_officer_sees_what_happened_to_them_and_deals_with_it(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    exercises.add_inject(exercise, InjectPlan("De burgemeester belt."), by=desk.lead, now=noon)
    exercises.add_inject(exercise, InjectPlan("De raad mailt.", to_role="lead"), by=desk.lead, now=noon)
    screen = sit(desk.officer).open("/exercise/")
    assert "De burgemeester belt." in screen.html
    assert "De raad mailt." not in screen.html
    assert "that are still to come" not in screen.html
    assert "Let something happen now" not in screen.html
    screen.press("Dealt with", also={"note": "Teruggebeld"})
    assert "Teruggebeld" in screen.html
    assert Inject.objects.get(text="De burgemeester belt.").done_by == desk.officer


def test_who_leads_lets_something_happen_to_a_role(sit: Sit, desk: Desk, exercise: Exercise) -> None:
    screen = sit(desk.lead).open("/exercise/")
    what = {"text": "De stroom valt uit.", "to": "role:officer", "kind": "report", "sender": "Wacht"}
    screen.press("Let it happen", also=what)
    made = Inject.objects.get(text="De stroom valt uit.")
    assert (made.to_role, made.kind, made.sender, made.added_by) == ("officer", "report", "Wacht", desk.lead)


@pytest.mark.parametrize("n", [1, 100])
def test_the_page_asks_the_database_no_more_for_a_hundred_injects_than_for_one(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime, django_assert_max_num_queries: Any, n: int
) -> None:
    Inject.objects.bulk_create(
        Inject(exercise=exercise, text=f"{i}", told_at=noon, done_at=noon, done_by=desk.officer)
        for i in range(n)
    )
    client = sit(desk.lead).client
    client.get("/exercise/")
    with django_assert_max_num_queries(21):
        client.get("/exercise/")


def test_the_score_is_never_shown_while_the_story_is_played(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    exercises.play(exercise, by=desk.lead, now=noon)
    desk.poll(now=noon + MINUTE)
    assert "Time to triage" not in sit(desk.lead).open("/exercise/").html
    assert sit(desk.lead).client.get("/exercise/score/").status_code == 404


def test_the_score_is_a_page_and_a_spreadsheet_without_formulas(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime, space: Path
) -> None:
    exercises.play(exercise, by=desk.lead, now=noon)
    desk.poll(now=noon + MINUTE)
    exercises.end(exercise, by=desk.lead, now=noon + MINUTE)
    screen = sit(desk.officer).open("/exercise/")
    assert "Cries for help for which no alarm rang" in screen.html
    sheet = screen.client.get("/exercise/score/").content.decode()
    assert "Time to triage" in sheet
    assert not any(
        cell.startswith(("=", "+", "@")) for line in sheet.splitlines() for cell in line.split(",")
    )


@pytest.mark.parametrize("url", ["/inbox/", "/cases/", "/sign-in/", "/help/", "/nowhere/", "/exercise/"])
def test_every_page_of_a_space_says_what_it_is(
    sit: Sit, desk: Desk, exercise: Exercise, space: Path, url: str
) -> None:
    html = (Client() if url == "/sign-in/" else sit(desk.officer).client).get(url).content.decode()
    assert "OEFENING" in html.partition("</title>")[0]
    assert 'class="space-mark"' in html
    assert "logo-exercise.svg" in html


def test_a_page_of_a_real_installation_says_nothing_of_it(sit: Sit, desk: Desk) -> None:
    html = sit(desk.officer).client.get("/inbox/").content.decode()
    assert "OEFENING" not in html
    assert "space.css" not in html


def test_a_sheet_on_paper_says_it_too(desk: Desk, case: Any, noon: datetime, settings: Any) -> None:
    file = paper(case_file(case, by=desk.officer, now=noon), with_names=False)
    shown = sheet(made(fire(desk, now=noon), desk, now=noon))
    plain = [written(casefile_pdf(file)), written(picture_pdf(shown))]
    assert [written(casefile_pdf(file)), written(picture_pdf(shown))] == plain
    settings.SPACE = "exercise"
    # Each page says it: two words more.
    marked = [written(casefile_pdf(file)), written(picture_pdf(shown))]
    assert all(one > other for one, other in zip(marked, plain, strict=True))
    assert MARK == "OEFENING – EXERCISE"


def written(pdf: bytes) -> int:
    """How much text stands on the pages of a PDF: runs of letters, of which its dates are none."""
    return sum(inside(pdf).count(operator) for operator in (b" Tj", b"]TJ", b"] TJ", b"Tj\n"))


def test_every_answer_says_it_in_a_header() -> None:
    answer = SpaceMiddleware(lambda request: HttpResponse())(None)  # type: ignore[arg-type]
    assert answer[HEADER] == "exercise"


def test_a_real_installation_lists_earlier_exercises_with_their_scores(
    sit: Sit, desk: Desk, exercise: Exercise, noon: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.EXERCISES_DIR = tmp_path
    for name, files in {
        "2026-03-01-1200-sluis": {"score.json": json.dumps(score_of(exercise).kept())},
        "2026-03-02-1200-loswal": {},
        "2026-03-03-1200-broken": {"score.json": "{"},
    }.items():
        (tmp_path / name).mkdir()
        made = {"incident": name.rpartition("-")[2], "made_at": noon.isoformat()}
        for file, text in {"exercise.json": json.dumps(made), **files}.items():
            (tmp_path / name / file).write_text(text, encoding="utf-8")
    (tmp_path / "stray").mkdir()
    screen = sit(desk.lead).open("/exercises/")
    assert screen.html.index("loswal, 2 March") < screen.html.index("sluis, 2 March")
    assert "Nobody judged a post." in screen.html
    assert "manage.py exercise score 2026-03-02-1200-loswal" in screen.html
    assert "bin/exercise --incident loswal" in screen.html


def test_only_who_may_run_exercises_reads_earlier_scores(sit: Sit, desk: Desk) -> None:
    assert sit(desk.officer).client.get("/exercises/").status_code == 403
    assert sit(person("hanna", Role.ADMINISTRATOR)).client.get(reverse("cases:exercises")).status_code == 200
