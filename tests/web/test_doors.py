"""Every page and every step, for every role, with rows that are there and with ones that are not."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cases.rules.doors import PAGES, Open
from cases.rules.permissions import Role
from cases.web.urls import urlpatterns
from tests.doors import METHODS, Address, addresses, rolled_back, rows, said, wanted, without_row
from tests.world import Desk, person


@pytest.fixture
def listed(desk: Desk, noon: datetime) -> list[Address]:
    return addresses(urlpatterns, rows(desk, now=noon), space="cases")


def answered(client: Client, method: str, url: str) -> str:
    """What an address says, to who is signed in before it and stays so after it."""
    cookies: Any = client.cookies.copy()
    answer: Any = rolled_back(getattr(client, method), url)
    client.cookies = cookies
    return said(answer.status_code, answer.headers.get("Location", ""))


def test_every_address_has_its_row(desk: Desk, noon: datetime) -> None:
    assert without_row(urlpatterns, PAGES, rows(desk, now=noon)) == []


# Over 0.5 s: every address, twice by each method.
@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_in_where_the_table_says_and_nowhere_else(role: Role, listed: list[Address]) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person(f"role-{role}", role))
    wrong = []
    for at in (at for at in listed if at.name in PAGES):
        for method in METHODS:
            who = getattr(PAGES[at.name], method)
            for url in filter(None, (at.there, at.nowhere)):
                got, may_be = answered(client, method, url), wanted(role, who, at, is_there=url == at.there)
                if got not in may_be:
                    wrong.append((method, url, got, may_be))
    assert wrong == []


def test_nobody_gets_in_without_signing_in(listed: list[Address]) -> None:
    client = Client()
    got = {
        (at.name, method): answered(client, method, at.there)
        for at in listed
        if at.name in PAGES
        for method in METHODS
        if not {PAGES[at.name].get, PAGES[at.name].post} & {Open.PUBLIC, Open.KEY}
    }
    assert {door for door, answer in got.items() if answer not in ("who?", "not so")} == set()
