"""What each role is led to: no link into a wall, and no button that may not be pressed."""

from collections.abc import Callable
from datetime import datetime

import pytest

from cases.models import Case, Notification, Response, User
from cases.rules.doors import PAGES
from cases.rules.permissions import Role
from cases.services import escalation
from cases.web.urls import urlpatterns
from tests.doors import addresses, rows
from tests.web.paper import Paper
from tests.world import Desk, person

NO_PAGES = ("live", "sign_in", "case_file_pdf")
READ = [
    name
    for name, door in PAGES.items()
    if door.get is not None and name not in (*NO_PAGES, "one_tap")  # it speaks to whom it was sent to
]


@pytest.fixture
def urls(desk: Desk, noon: datetime) -> dict[str, str]:
    """Every address with the number of something that is really there."""
    listed = addresses(urlpatterns, rows(desk, now=noon), space="cases")
    return {at.name: at.there for at in listed}


@pytest.mark.parametrize("role", list(Role))
def test_no_link_and_no_button_leads_into_a_wall(
    role: Role, urls: dict[str, str], sit: Callable[[User], Paper]
) -> None:
    screen = sit(person(f"role-{role}", role))
    leads: dict[str, str] = {}
    for name in READ:
        page = urls[name]
        if screen.open(page).status == 200:
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
    for name in READ:
        if screen.open(urls[name]).status == 200:
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
