"""A mandate for one situation is given, shown and handed on where all mandates are."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from cases.models import Mandate, Situation, User
from cases.services import closing, mandates, situations
from cases.services.mandates import Terms
from cases.services.situations import Plan
from tests.web.paper import Paper
from tests.world import Desk

Sit = Callable[[User], Paper]
IN_ENGLISH = {"accept-language": "en"}


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("Brand De Loswal"), by=desk.officer, now=noon)


def test_a_mandate_is_given_for_the_cases_of_one_situation_and_says_so(
    desk: Desk, sit: Sit, fire: Situation
) -> None:
    chosen = {
        "holder": str(desk.employee.pk),
        "situation": str(fire.pk),
        "valid_until": "2026-03-09T12:00",
    }
    screen = sit(desk.lead).open("/mandates/").press("Give the mandate", also=chosen)
    made = Mandate.objects.get(situation=fire)
    assert made.holder == desk.employee
    assert "Brand De Loswal</a>" in screen.html


def test_a_mandate_without_a_choice_is_for_all_cases(desk: Desk, sit: Sit, fire: Situation) -> None:
    chosen = {"holder": str(desk.employee.pk), "valid_until": "2026-03-09T12:00"}
    sit(desk.lead).open("/mandates/").press("Give the mandate", also=chosen)
    assert Mandate.objects.get(holder=desk.employee, valid_until__year=2026).situation is None


def test_a_mandate_for_one_situation_is_handed_on_for_that_one_only(
    desk: Desk, sit: Sit, fire: Situation, noon: datetime
) -> None:
    situations.open_situation(Plan("Stroomstoring"), by=desk.officer, now=noon)
    until = noon.replace(year=2027)
    terms = Terms(["*"], noon, until, situation=fire, may_delegate=True)
    held = mandates.grant(desk.colleague, terms, by=desk.lead, now=noon)
    screen = sit(desk.colleague).open("/mandates/")
    assert "Stroomstoring" not in screen.html
    chosen = {"holder": str(desk.employee.pk), "valid_until": "2026-03-09T12:00"}
    screen.press("Hand it on", at=f"/mandates/{held.pk}/", also=chosen)
    assert Mandate.objects.get(delegated_from=held).situation == fire


def test_a_situation_that_is_over_is_no_choice_and_never_becomes_all_cases(
    desk: Desk, client: Client, fire: Situation, noon: datetime
) -> None:
    closing.close(fire, {}, up_to=0, reason="Het is over", by=desk.officer, now=noon)
    client.force_login(desk.lead)
    before = Mandate.objects.count()
    sent = {
        "holder": str(desk.employee.pk),
        "situation": str(fire.pk),
        "categories": "*",
        "options": "*",
        "visibilities": "*",
        "accounts": "*",
        "valid_until": "2026-03-09T12:00",
        "next": "/mandates/",
    }
    answer = client.post("/mandates/grant/", sent, follow=True, headers=IN_ENGLISH)
    assert "This situation is over." in answer.content.decode()
    assert Mandate.objects.count() == before
