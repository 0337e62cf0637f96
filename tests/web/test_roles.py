"""Every address for every role: open or shut as the table of permissions says, and no link into a wall."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.urls import URLPattern, reverse

from cases.models import Case, Notification, Response, User
from cases.rules.permissions import Need, Role, may
from cases.services import escalation, imports
from cases.web.urls import urlpatterns
from monitoring.models import RejectedMention
from tests.cases.steps import drafting, watched
from tests.web.paper import Paper
from tests.world import Desk, mention, person

EVERYBODY = None
PAGES: dict[str, Need | None] = {
    "home": EVERYBODY,
    "inbox": EVERYBODY,
    "cases": Need.SEE,
    "case": Need.SEE,
    "watch_board": Need.SEE,
    "dashboard": Need.SEE_FIGURES,
    "notifications": EVERYBODY,
    "acknowledge": Need.ACKNOWLEDGE,
    "capture": Need.CAPTURE,
    "queries": Need.SEE_SOURCES,
    "new_query": Need.LISTEN,
    "query": Need.SEE_SOURCES,
    "sources": Need.SEE_SOURCES,
    "source": Need.SEE_SOURCES,
    "quarantine": Need.SEE_SOURCES,
    "imports": Need.IMPORT,
    "import": Need.IMPORT,
    "import_template": Need.IMPORT,
    "import_errors": Need.IMPORT,
    "help": EVERYBODY,
    "more": EVERYBODY,
    "live": EVERYBODY,
}
STEPS: dict[str, Need | None] = {
    "answer": Need.JUDGE,
    "step_back": Need.JUDGE,
    "toggle": Need.JUDGE,
    "choose": Need.JUDGE,
    "exit": Need.JUDGE,
    "take": Need.JUDGE,
    "release": Need.JUDGE,
    "assign": Need.ASSIGN,
    "judge_again": Need.JUDGE,
    "detach": Need.JUDGE,
    "merge": Need.JUDGE,
    "follow_up": Need.DRAFT,
    "elsewhere": Need.DRAFT,
    "close": Need.JUDGE,
    "refer": Need.JUDGE,
    "decide": Need.DECIDE,
    "danger": Need.DANGER,
    "hand_over": Need.DANGER,
    "watch": Need.WATCH,
    "check": Need.WATCH,
    "pause": Need.WATCH,
    "end_watch": Need.WATCH,
    "acknowledge": Need.ACKNOWLEDGE,
    "reply": Need.DRAFT,
    "approve": Need.APPROVE,
    "stop_sending": Need.DRAFT,
    "end_query": Need.LISTEN,
    "decide_query": Need.APPROVE_QUERY,
    "query": Need.LISTEN,
    "new_query": Need.LISTEN,
    "capture": Need.CAPTURE,
    "undo": Need.JUDGE,
    "poll_now": Need.MEND_SOURCES,
    "test_source": Need.MEND_SOURCES,
    "switch_source": Need.MEND_SOURCES,
    "read_again": Need.MEND_SOURCES,
    "drop_rejected": Need.MEND_SOURCES,
    "imports": Need.IMPORT,
    "start_import": Need.IMPORT,
    "discard_import": Need.IMPORT,
}
OWN_OR_OPEN = {"sign_in", "sign_out", "language", "read_notice", "intake"}
BY_SOURCE = {
    *("source", "quarantine", "poll_now", "test_source", "switch_source", "read_again", "drop_rejected"),
    *("imports", "import", "import_template", "import_errors", "start_import", "discard_import"),
}
BY_CASE = (
    {name for name, need in (PAGES | STEPS).items() if need}
    - BY_SOURCE
    - {
        *(
            "cases",
            "watch_board",
            "dashboard",
            "capture",
            "queries",
            "new_query",
            "sources",
            "end_query",
            "undo",
        ),
        *("query", "decide_query"),
    }
)
"""Addresses of one case: who may not see cases is told that there is none."""


@pytest.fixture
def urls(desk: Desk, noon: datetime) -> dict[str, str]:
    """Every address with the number of something that is really there."""
    case, other, third = desk.hear(*(mention(n, at=noon) for n in range(3)))
    watch = watched(desk, case, now=noon)
    response = drafting(other, by=desk.officer, now=noon)
    escalation.raise_escalation(
        third, escalation.Alarm(2, "referred", {"note": "x"}), by=desk.officer, now=noon
    )
    rejected = RejectedMention.objects.create(source=desk.source, raw="{}", reason="odd", at=noon)
    file = imports.prepare("posts.csv", b"text,posted_at\nBrand,2026-03-02", by=desk.lead, now=noon)
    numbers = {
        "case_id": case.pk,
        "exit_id": "neutral",
        "response_id": response.pk,
        "watch_id": watch.pk,
        "escalation_id": third.escalations.get().pk,
        "query_id": desk.query.pk,
        "source_id": desk.source.pk,
        "rejected_id": rejected.pk,
        "notification_id": 1,
    }
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        wanted = {name: numbers[name] for name in pattern.pattern.converters}
        if str(pattern.pattern).startswith("import/") and wanted:
            wanted = {"source_id": file}
        found[str(pattern.name)] = reverse(f"cases:{pattern.name}", kwargs=wanted)
    return found


def allowed(role: Role, name: str, need: Need | None) -> int:
    """200 for open, else how the door is shut."""
    if need is None or (may(role, need) and (name not in BY_CASE or may(role, Need.SEE))):
        return 200
    return 404 if name in BY_CASE and not may(role, Need.SEE) else 403


def test_every_address_has_its_need_written_down() -> None:
    assert {str(pattern.name) for pattern in urlpatterns} == set(PAGES) | set(STEPS) | OWN_OR_OPEN


@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_who_may_and_for_nobody_else(
    role: Role, urls: dict[str, str], sit: Callable[[User], Paper]
) -> None:
    screen = sit(person(f"role-{role}", role))
    opened = {name: min(screen.open(urls[name]).status, 404) for name in PAGES}
    opened["live"] = 200  # 200 or 204: never a wall
    assert opened == {name: allowed(role, name, need) for name, need in PAGES.items()}


@pytest.mark.parametrize("role", list(Role))
def test_a_step_is_taken_by_who_may_and_by_nobody_else(
    role: Role, urls: dict[str, str], sit: Callable[[User], Paper]
) -> None:
    client = sit(person(f"role-{role}", role)).client
    shut = {}
    for name in STEPS:
        status = client.post(urls[name]).status_code
        shut[name] = status if status in (403, 404) else 200
    assert shut == {name: allowed(role, name, need) for name, need in STEPS.items()}


@pytest.mark.parametrize("role", list(Role))
def test_no_link_and_no_button_leads_into_a_wall(
    role: Role, urls: dict[str, str], sit: Callable[[User], Paper]
) -> None:
    screen = sit(person(f"role-{role}", role))
    leads: dict[str, str] = {}
    for name in PAGES:
        page = urls[name]
        if name != "live" and screen.open(page).status == 200:
            for tag, has in screen.tags():
                link = has.get("href", "") if tag == "a" else ""
                if link.startswith("/") and not link.startswith("/static/"):
                    leads.setdefault(link.partition("#")[0], page)
    walls = {link: page for link, page in leads.items() if screen.open(link).status >= 400}
    assert walls == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_button_that_is_shown_may_be_pressed(
    role: Role, urls: dict[str, str], sit: Callable[[User], Paper]
) -> None:
    screen = sit(person(f"role-{role}", role))
    actions = set()
    for name in PAGES:
        if name != "live" and screen.open(urls[name]).status == 200:
            posted = [form for form in screen.forms() if form.buttons and form.method == "post"]
            actions |= {form.action or urls[name] for form in posted}
    actions -= {urls["sign_out"], urls["language"]}
    in_turn = sorted(actions, key=lambda action: ("discard" in action, action))  # nothing is left after it
    answers = {action: screen.client.post(action).status_code for action in in_turn}
    assert {action: status for action, status in answers.items() if status in (403, 404)} == {}


@pytest.mark.parametrize(("role", "is_told"), [(Role.WATCHER, True), (Role.BOARD, False)])
def test_an_alarm_is_told_to_who_may_see_cases(
    role: Role, is_told: bool, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen = sit(person(f"role-{role}", role)).open("/")
    since = next(has["data-poll-since"] for tag, has in screen.tags() if tag == "body")
    alarm = escalation.Alarm(2, "referred", {"note": "De krant belt"})
    escalation.raise_escalation(case, alarm, by=desk.officer, now=noon)
    answer = screen.client.get("/live/", {"since": since}).json()
    assert bool(answer["alarm"]) is is_told


def test_a_notice_of_somebody_else_does_not_exist(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    escalation.raise_escalation(
        case, escalation.Alarm(2, "referred", {"note": "x"}), by=desk.officer, now=noon
    )
    escalation.take_due_steps(now=noon)
    notice = Notification.objects.filter(channel="in-app").latest("pk")
    other = next(user for user in (desk.officer, desk.lead, desk.colleague) if user != notice.recipient)
    assert sit(other).client.post(f"/notifications/{notice.pk}/read/").status_code == 404


def test_a_number_that_nobody_has_is_nothing_here(screen: Paper, desk: Desk) -> None:
    for url in ("/cases/999999/", "/cases/99999999999999999999999/", "/alarms/77/", "/inbox/?case=999999"):
        assert screen.open(url).status == 404
        assert "This page or case does not exist, or you may not see it." in screen.html
    assert not Response.objects.exists()
