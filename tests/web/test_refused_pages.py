"""Pages that say no: each in words, with a way out, and without a detail that helps an intruder."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from cases.models import AuditEvent, Case, SchemeVersion, User
from cases.rules.permissions import Role
from cases.services import watching
from cases.services.decisions import default_plan
from config.errors import server_error
from tests.cases.steps import fresh
from tests.web.paper import Paper
from tests.world import Desk, person


def problem(screen: Paper) -> None:
    """A page that the small script can show in place, with a way out."""
    classes = [has.get("class", "") for _, has in screen.tags()]
    assert any("problem" in names.split() for names in classes)
    assert "/inbox/" in [has.get("href") for tag, has in screen.tags() if tag == "a"]


def test_what_is_not_there_is_said_with_a_way_out(screen: Paper, desk: Desk) -> None:
    assert screen.open("/no-such-page/").status == 404
    problem(screen)


def test_what_a_role_may_not_is_said_with_a_way_out(desk: Desk, sit: Callable[[User], Paper]) -> None:
    screen = sit(person("joris", Role.WATCHER)).open("/queries/")
    assert screen.status == 403
    assert "This page or this step is not for your role." in screen.html
    problem(screen)


def test_a_form_from_before_signing_in_again_is_refused_in_words(desk: Desk, case: Case) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(desk.officer)
    left_open = Paper(client).open(f"/inbox/?case={case.pk}")
    client.logout()
    typed: dict[str, str | list[str]] = {"username": "sanne", "password": "a long enough passphrase"}
    Paper(client).open("/sign-in/").press("Sign in", also=typed)
    left_open.press("positive", at="/answer/")
    assert left_open.status == 403
    assert "This page is from before you signed in" in left_open.html
    problem(left_open)
    assert fresh(case).scheme_node == "Q1"


def test_what_nobody_foresaw_is_said_without_a_word_of_the_inside(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/")
    try:
        raise ValueError("secret-detail at 10.1.2.3")
    except ValueError:
        answer = server_error(request)
    html = answer.content.decode()
    assert answer.status_code == 500
    assert "Er ging iets mis" in html
    assert "Something went wrong" in html
    assert "secret-detail" not in html
    assert "ValueError" not in html


def test_a_scheme_that_was_tampered_with_leaves_the_list_and_the_post_readable(
    screen: Paper, case: Case
) -> None:
    SchemeVersion.objects.update(toml="no scheme")
    for url in (f"/inbox/?case={case.pk}", "/help/"):
        assert screen.open(url).status == 200
    assert screen.open(f"/cases/{case.pk}/").status == 503
    assert case.post.text in screen.open("/inbox/").html
    assert "The decision scheme of this case cannot be read" in screen.html


def test_judging_by_a_scheme_that_cannot_be_read_is_refused_in_words(screen: Paper, case: Case) -> None:
    SchemeVersion.objects.update(toml="no scheme")
    screen.press("positive", at="/answer/")
    assert screen.status == 503
    assert "is not the text that was published" in screen.html
    assert fresh(case).scheme_node == "Q1"
    problem(screen)


def test_a_post_reported_before_a_scheme_is_published_is_refused_in_words(screen: Paper) -> None:
    screen.open("/report/")
    SchemeVersion.objects.update(is_current=False)
    screen.press("Make it a case", also={"text": "Er komt rook uit de loods."})
    assert screen.status == 503
    assert "No decision scheme has been published yet" in screen.html


TOO_LONG = "a" * 6000


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("watch", {"days": "120"}, "For how many days: Ensure this value is less than or equal to 90."),
        ("watch", {"every_minutes": "soon"}, "Look every: Enter a whole number."),
        ("exit/not_relevant", {"reason": TOO_LONG}, "Reason: Ensure this value has at most 5000"),
        ("answer", {"question": "Q1"}, "Choice: This field is required."),
        ("step-back", {"seen": "never"}, "Seen: Select a valid choice."),
        ("toggle", {}, "Toggle: This field is required."),
        ("choose", {"option": "watch", "days": "0"}, "For how many days: Ensure this value is greater than"),
    ],
)
def test_a_form_that_is_filled_in_wrong_says_so_and_does_nothing(
    screen: Paper, case: Case, step: str, typed: dict[str, str], said: str
) -> None:
    before = AuditEvent.objects.count()
    slug = {"step-back": "back"}.get(step, step)
    screen.client.post(f"/cases/{case.pk}/{slug}/", typed)
    assert said in screen.open(f"/inbox/?case={case.pk}").html
    assert AuditEvent.objects.count() == before
    assert fresh(case).state == "new"


@pytest.mark.parametrize(
    ("step", "typed", "said"),
    [
        ("check", {"note": TOO_LONG}, "Note: Ensure this value has at most 500 characters"),
        ("pause", {"minutes": "9999"}, "Minutes: Ensure this value is less than or equal to 4320."),
        ("end", {"note": TOO_LONG}, "Note: Ensure this value has at most 500 characters"),
    ],
)
def test_a_watch_stays_as_it_is_when_its_form_is_filled_in_wrong(
    screen: Paper, desk: Desk, case: Case, step: str, typed: dict[str, str], said: str
) -> None:
    watch = watching.start(case, default_plan(desk.officer, now=desk.now), by=desk.officer, now=desk.now)
    before = AuditEvent.objects.count()
    screen.client.post(f"/watching/{watch.pk}/{step}/", typed)
    assert said in screen.open("/watching/").html
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 25])
def test_a_number_that_is_nobody_s_is_not_there_however_long_it_is(screen: Paper, number: str) -> None:
    assert screen.client.get("/inbox/", {"case": number}).status_code == 404
    live = {"since": f"{number}.{number}", "shown": number}
    assert screen.client.get("/live/", live).status_code == 200
    assert screen.client.get("/inbox/", {"after": f"1_5_-{number}"}).status_code == 200


def test_who_may_not_judge_takes_nothing_back(desk: Desk, sit: Callable[[User], Paper], case: Case) -> None:
    screen = sit(desk.employee).open(f"/inbox/?case={case.pk}")
    screen.client.post(f"/cases/{case.pk}/exit/not_relevant/", {"reason": "over taart"})
    assert fresh(case).state == "dismissed"
    User.objects.filter(pk=desk.employee.pk).update(role=Role.WATCHER)
    assert screen.client.post("/undo/").status_code == 403
    assert fresh(case).state == "dismissed"


@pytest.mark.parametrize("url", ["/cases/1/answer/", "/undo/", "/replies/1/", "/sign-out/"])
def test_a_step_is_never_taken_by_a_link(screen: Paper, url: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = screen.client.get(url)
    assert answer.status_code in (302, 404, 405)
    assert not [query for query in asked if "UPDATE" in query["sql"] and "cases_case" in query["sql"]]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_move_that_is_not_there_names_the_ones_that_are_in_the_words_of_the_page(
    language: str, desk: Desk, case: Case
) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(desk.officer)
    refused = client.post(f"/cases/{case.pk}/close/", {"note": "", "seen": "new"})
    assert refused.status_code == 409
    said = {
        "en": "and cannot become “closed”. What it can become: “judged”, “with communications”",
        "nl": "en kan niet “gesloten” worden. Wel mogelijk: “beoordeeld”, “bij communicatie”",
    }
    assert said[language] in refused.content.decode()
