"""Every operation of the API for every role, with rows that are there and with ones that are not."""

from typing import Any

import pytest
from django.urls import URLPattern
from rest_framework.test import APIClient
from time_machine import Traveller

from cases.api.urls import urlpatterns
from cases.rules.doors import API, Open
from cases.rules.permissions import Role
from tests.api.client import sign_in
from tests.doors import METHODS, Address, addresses, rolled_back, rows, said, wanted, without_row
from tests.world import Desk, person

VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def listed(desk: Desk) -> list[Address]:
    return addresses(urlpatterns, rows(desk, now=desk.now), space="api")


def answered(client: APIClient, method: str, url: str) -> str:
    answer: Any = rolled_back(getattr(client, method), url)
    return said(answer.status_code)


def test_every_address_has_its_row(desk: Desk) -> None:
    assert without_row(urlpatterns, API, rows(desk, now=desk.now)) == []


def test_every_operation_is_in_the_table_and_no_other_is_there() -> None:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        view: Any = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        there = {verb for verb in VERBS if hasattr(view, verb)}
        declared = {verb for verb in METHODS if getattr(API[str(pattern.name)], verb)}
        assert (pattern.name, there) == (pattern.name, declared)


# Over 0.5 s: every operation, twice by each method.
@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_the_table_says_and_nothing_else(
    role: Role, listed: list[Address], clock: Traveller
) -> None:
    client = sign_in(person("noor", role), clock).client
    wrong = []
    for at in (at for at in listed if at.name in API):
        for method in METHODS:
            who = getattr(API[at.name], method)
            for url in filter(None, (at.there, at.nowhere)):
                got, may_be = answered(client, method, url), wanted(role, who, at, is_there=url == at.there)
                if got not in may_be:
                    wrong.append((method, url, got, may_be))
    assert wrong == []


def test_nobody_does_anything_without_a_token(listed: list[Address]) -> None:
    client = APIClient()
    got = {
        (at.name, method): answered(client, method, at.there)
        for at in listed
        if at.name in API
        for method in METHODS
        if getattr(API[at.name], method) is not Open.PUBLIC
    }
    assert {door for door, answer in got.items() if answer not in ("who?", "not so")} == set()


def test_a_token_opens_the_api_and_no_page(listed: list[Address], clock: Traveller) -> None:
    """A program works by the API only: on a page its token says nothing."""
    client = sign_in(person("noor", Role.LEAD), clock).client
    assert answered(client, "get", "/api/v1/cases/") == "may"
    for page in ("/inbox/", "/cases/", "/figures/", "/sources/", "/more/"):
        answer: Any = client.get(page)
        assert said(answer.status_code, answer.headers.get("Location", "")) == "who?"
