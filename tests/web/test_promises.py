"""The list of promises and the box on a case, by a browser without scripts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Task, User
from cases.services import outbox, promises
from tests.cases.steps import fresh, queued
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]


def promised(case: Case, desk: Desk, *, now: datetime, hours: float = 1, what: str = "Bel terug") -> Task:
    return promises.promise(case, what, due_at=now + timedelta(hours=hours), by=desk.officer, now=now)


def test_a_promise_is_made_and_kept_on_the_page_of_its_case(sit: Sit, desk: Desk, case: Case) -> None:
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("Write down", at="/promise/", also={"what": "Bel terug", "due_at": "2026-03-02T17:00"})
    assert "Written down as promised." in screen.html
    task = Task.objects.get()
    assert (task.what, task.assignee) == ("Bel terug", desk.officer)
    screen.press("keep", at=f"/promises/{task.pk}/")
    assert screen.url == f"/cases/{case.pk}/"
    task.refresh_from_db()
    assert task.done_by == desk.officer


def test_the_list_shows_mine_first_due_and_what_is_late(
    sit: Sit, desk: Desk, case: Case, noon: datetime, at_noon: time_machine.Traveller
) -> None:
    promised(case, desk, now=noon, hours=5, what="Schrijf de brief")
    promised(case, desk, now=noon, hours=1, what="Bel terug")
    at_noon.move_to(noon + timedelta(hours=2))
    screen = sit(desk.officer).open("/promises/")
    assert screen.html.index("Bel terug") < screen.html.index("Schrijf de brief")
    assert "1 late" in screen.html
    assert "Bel terug" not in sit(desk.lead).open("/promises/").html
    assert "Bel terug" in sit(desk.lead).open("/promises/?show=all").html


def test_dropping_asks_why_and_moving_asks_when(sit: Sit, desk: Desk, case: Case, noon: datetime) -> None:
    task = promised(case, desk, now=noon)
    screen = sit(desk.officer).open("/promises/")
    screen.press("move", at=f"/promises/{task.pk}/", also={"due_at": "2026-03-03T09:00"})
    task.refresh_from_db()
    assert task.due_at > noon + timedelta(hours=12)
    screen.press("drop", at=f"/promises/{task.pk}/")
    assert "Say why this promise is not kept" in screen.html
    screen.press("drop", at=f"/promises/{task.pk}/", also={"note": "Zij belde zelf"})
    task.refresh_from_db()
    assert task.is_dropped


def test_closing_over_a_promise_is_refused_on_the_page_with_its_words(
    sit: Sit, desk: Desk, case: Case, noon: datetime
) -> None:
    response = queued(case, by=desk.officer, now=noon)
    outbox.deliver(response.pk, now=noon + timedelta(seconds=20))
    promised(fresh(case), desk, now=noon)
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.client.post(f"/cases/{case.pk}/close/", {"seen": "responded", "next": f"/cases/{case.pk}/"})
    assert "“Bel terug”" in screen.open(f"/cases/{case.pk}/").html
    assert fresh(case).state == "responded"


def test_a_refused_promise_says_what_is_missing(sit: Sit, desk: Desk, case: Case) -> None:
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("Write down", at="/promise/", also={"what": "Bel terug", "due_at": "2020-03-02T17:00"})
    assert "The promised time is over already" in screen.html
    assert not Task.objects.exists()


def test_a_long_list_of_promises_goes_on_on_the_next_page_and_asks_little(
    sit: Sit, desk: Desk, noon: datetime
) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(100)))
    promised(cases[0], desk, now=noon, hours=1)
    screen = sit(desk.officer).open("/promises/")
    with CaptureQueriesContext(connection) as few:
        screen.open("/promises/")
    for n, case in enumerate(cases[1:]):
        promised(case, desk, now=noon, hours=2 + n)
    with CaptureQueriesContext(connection) as many:
        screen.open("/promises/")
    assert len(many) == len(few) <= 20
    assert screen.html.count('id="promise-') == 50
    href = next(has["href"] for tag, has in screen.tags() if "after=" in has.get("href", ""))
    screen.open(f"/promises/{href.replace('&amp;', '&')}")
    assert screen.html.count('id="promise-') == 50
    assert "More promises" not in screen.html
