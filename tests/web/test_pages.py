"""Every screen opens for who may see it, stays inert and small, and asks the database little."""

import gzip
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import django_htmx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case, User
from cases.rules.permissions import Role
from tests.cases.steps import drafting, judge, watched
from tests.web.paper import Paper
from tests.world import Desk, mention, person

STATIC = Path(__file__).parents[2] / "cases" / "static" / "cases"
PAGES = (
    "/inbox/",
    "/inbox/?view=mine",
    "/inbox/?view=decide",
    "/inbox/?view=snoozed",
    "/inbox/?view=all",
    "/me/",
    "/messages/",
    "/messages/?failing=1&channel=email",
    "/cases/many/?all=1&do=judge",
    "/cases/many/?all=1&do=assign",
    "/cases/",
    "/cases/?q=loswal&state=new",
    "/alarms/",
    "/ladders/",
    "/watching/",
    "/watching/?show=worse",
    "/watching/?mine=1&post=&level=2",
    "/watching/after/",
    "/figures/?span=hour",
    "/figures/",
    "/figures/?span=week",
    "/notifications/",
    "/audit/",
    "/audit/head/",
    "/promises/",
    "/promises/?show=all",
    "/templates/",
    "/templates/new/",
    "/report/",
    "/queries/",
    "/queries/new/",
    "/sources/",
    "/sources/quarantine/",
    "/import/",
    "/help/",
    "/help/scheme/",
    "/help/states/",
    "/schemes/",
    "/more/",
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7|add:7 }} {% load static %}",
    "javascript:alert(1)",
    "\u202egnp.exe \u2066right to left\u2069",
    "😀" * 3000,
    "<style>*{display:none}</style></article></main>",
)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_opens_empty_and_with_work_on_it(
    url: str, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen = sit(desk.lead)
    assert screen.open(url).status == 200
    case = desk.hear(mention(1, at=noon))[0]
    watched(desk, case, now=noon)
    assert screen.open(url).status == 200


@pytest.mark.parametrize("url", PAGES)
def test_a_page_holds_nothing_inline(url: str, screen: Paper) -> None:
    for tag, has in screen.open(url).tags():
        assert "style" not in has, (tag, has)
        assert not [name for name in has if name.startswith("on")], (tag, has)
        assert tag != "style"
        assert tag != "script" or has.get("src", "").startswith("/static/")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_post_is_only_text(
    text: str, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    case = desk.hear(mention(1, f"loswal {text}", at=noon))[0]
    screen = sit(desk.officer)
    for url in ("/inbox/", f"/cases/{case.pk}/", "/cases/"):
        tags = screen.open(url).tags()
        assert screen.status == 200
        assert not [tag for tag, has in tags if tag == "script" and not has.get("src")]
        assert not [tag for tag, has in tags if tag in ("style", "img") or "onerror" in has]
        assert "onmouseover" not in {name for _, has in tags for name in has}


def test_an_address_of_a_post_that_is_no_address_is_no_link(
    desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    case = desk.hear(mention(1, at=noon))[0]
    type(case.post).objects.filter(pk=case.pk).update(url="javascript:alert(1)")
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    assert not [has for tag, has in screen.tags() if has.get("href", "").startswith("javascript:")]


@pytest.mark.parametrize("url", ["/inbox/", "/inbox/?view=all", "/cases/", "/watching/"])
def test_a_list_asks_the_database_as_little_for_100_rows_as_for_1(
    url: str, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    first = desk.hear(mention(0, at=noon))[0]
    watched(desk, first, now=noon)
    screen = sit(desk.officer).open(url)
    with CaptureQueriesContext(connection) as few:
        screen.open(url)
    for case in desk.hear(*(mention(n, at=noon) for n in range(1, 100))):
        if url == "/watching/":
            watched(desk, case, now=noon)
    screen.open(url)  # what is remembered for a minute may be over by now
    with CaptureQueriesContext(connection) as many:
        screen.open(url)
    assert len(many) <= len(few)
    assert len(few) <= 34  # with the watches and alarms that the inbox shows


def test_a_page_of_a_long_list_leads_to_the_next_without_repeating(
    desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    desk.hear(*(mention(n, f"loswal bericht {n:03}", at=noon) for n in range(90)))
    screen = sit(desk.officer)
    for view in ("new", "all"):
        seen: list[str] = []
        onward = f"?view={view}"
        while onward:
            screen.open(f"/inbox/{onward}")
            links = [has.get("href", "") for tag, has in screen.tags() if tag == "a"]
            seen += [has["href"].rpartition("case=")[2] for _, has in screen.tags() if "data-row" in has]
            pages = [href for href in links if href.startswith("?") and "after=" in href]
            onward = next((href for href in pages if "case=" not in href and href != onward), "")
        assert len(seen) == len(set(seen)) == 90


@pytest.mark.parametrize("role", list(Role))
def test_everybody_lands_on_a_page_of_their_own(role: Role, desk: Desk, sit: Callable[[User], Paper]) -> None:
    screen = sit(person(f"role-{role}", role)).open("/")
    assert screen.status == 200


@pytest.mark.parametrize(
    ("role", "url", "status"),
    [
        (Role.ADMINISTRATOR, "/cases/1/", 404),
        (Role.BOARD, "/cases/1/", 404),
        (Role.BOARD, "/figures/", 200),
        (Role.WATCHER, "/queries/new/", 403),
        (Role.WATCHER, "/watching/", 200),
        (Role.ADMINISTRATOR, "/queries/new/", 200),
        (Role.EMPLOYEE, "/sources/", 403),
    ],
)
def test_a_role_opens_what_it_may(
    role: Role, url: str, status: int, case: Case, sit: Callable[[User], Paper]
) -> None:
    url = url.replace("/1/", f"/{case.pk}/")
    assert sit(person(f"role-{role}", role)).open(url).status == status


def test_a_watcher_reads_the_scheme_and_cannot_judge(case: Case, sit: Callable[[User], Paper]) -> None:
    screen = sit(person("joris", Role.WATCHER)).open(f"/inbox/?case={case.pk}")
    assert "Your role may read this, not judge it." in screen.html
    assert not screen.offers("positive", at="/answer/")
    refused = screen.client.post(f"/cases/{case.pk}/answer/", {"question": "Q1", "choice": "positive"})
    assert refused.status_code == 403


def test_nobody_gets_in_without_signing_in(db: None) -> None:
    screen = Paper(Client())
    for url in PAGES:
        assert screen.open(url).url.startswith("/sign-in/")


def test_the_language_can_be_changed_before_signing_in(desk: Desk) -> None:
    screen = Paper(Client())
    assert "Meld u aan" in screen.open("/sign-in/").html
    assert "User name" in screen.press("en", at="/language/").html


def test_a_form_sends_nobody_to_another_site(screen: Paper, case: Case) -> None:
    answer = screen.client.post(
        f"/cases/{case.pk}/answer/",
        {"question": "Q1", "choice": "positive", "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/inbox/"


def test_the_scripts_and_the_style_stay_within_their_budget() -> None:
    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    scripts = [STATIC / "app.js", STATIC / "theme.js", htmx]
    assert sum(_zipped(path) for path in scripts) <= 35_000
    assert _zipped(STATIC / "app.js") <= 6_000
    assert _zipped(STATIC / "app.css") <= 12_000


def test_a_page_asks_for_few_files_and_is_small(screen: Paper, desk: Desk, noon: datetime) -> None:
    desk.hear(*(mention(n, f"loswal {n}", at=noon) for n in range(2, 60)))
    screen.open("/inbox/")
    asked = {has["href"] for tag, has in screen.tags() if tag == "link"}
    asked |= {has["src"] for tag, has in screen.tags() if tag == "script"}
    assert len(asked) + 2 <= 8  # the screen and the sprite
    assert len(gzip.compress(screen.html.encode())) <= 15_000


def test_a_draft_that_somebody_else_writes_is_read_and_not_overwritten(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    drafting(case, by=desk.officer, now=noon)
    screen = sit(person("joris", Role.WATCHER)).open(f"/cases/{case.pk}/")
    assert not screen.offers("save", at="/replies/")


def test_the_help_page_names_the_source_of_the_scheme(screen: Paper) -> None:
    screen.open("/help/")
    for name in ("VDMMP", "www.vdmmp.nl", "www.infopuntveiligheid.nl", "US Air Force"):
        assert name in screen.html


def test_communications_sees_where_professionals_find_tips(screen: Paper, case: Case, desk: Desk) -> None:
    screen.press("", at="/exit/escalate/")
    screen.open(f"/cases/{case.pk}/")
    assert "infopuntveiligheid.nl" in screen.html


def test_the_timeline_says_in_plain_words_what_happened(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    judge(case, "insult", by=desk.officer, now=noon)
    screen.open(f"/cases/{case.pk}/")
    assert "Sanne chose: Negative" in screen.html
    assert "Sanne: the case is now “judged”" in screen.html
    assert "The post came in" in screen.html


def _zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_who_signs_in_again_after_pressing_a_button_sees_where_that_button_stands(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    reply, watch = drafting(case, by=desk.officer, now=noon), watched(desk, case, now=noon)
    for url, place in (
        (f"/cases/{case.pk}/answer/", f"/cases/{case.pk}/"),
        (f"/replies/{reply.pk}/", f"/cases/{case.pk}/"),
        (f"/watching/{watch.pk}/check/", "/watching/"),
        ("/undo/", "/inbox/"),
    ):
        assert screen.open(url).url == place
        assert screen.status == 200
