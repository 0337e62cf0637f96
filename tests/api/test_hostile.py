"""Every field of every operation, with whatever somebody may put into it: refused in words, or stored as is.

The fields come from the table of addresses: an operation that is added is tried by itself.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.urls import URLPattern
from rest_framework import serializers
from rest_framework.test import APIClient
from time_machine import Traveller

from cases.api.urls import urlpatterns
from cases.rules.doors import API, opens
from cases.rules.permissions import Role
from tests.api.client import sign_in
from tests.doors import addresses, rolled_back, rows
from tests.hostile import ALL, NAUGHTY, SCRIPT, TEXTS, fitting, packs, texts_in
from tests.world import Desk, person

Taken = tuple[str, str, str, serializers.Serializer[Any]]
LONGEST, PACKS = 5_000, 3
ASKED = (Role.LEAD, Role.OFFICER, Role.ADMINISTRATOR, Role.PRIVACY)


@pytest.fixture
def taken(desk: Desk) -> list[Taken]:
    """(name, method, address, shape) of every operation that takes anything."""
    there = {at.name: at.there for at in addresses(urlpatterns, rows(desk, now=desk.now), space="api")}
    listed = []
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        view: Any = getattr(pattern.callback, "cls", None)
        if takes := getattr(view, "takes", None):
            method = "get" if hasattr(view, "get") else "post"
            listed.append((str(pattern.name), method, there[str(pattern.name)], takes()))
    return listed


@pytest.fixture
def clients(clock: Traveller, desk: Desk) -> dict[Role, APIClient]:
    return {role: sign_in(person(f"role-{role}", role), clock).client for role in ASKED}


@pytest.fixture
def base(desk: Desk) -> dict[str, Any]:
    """What is really there, for fields of which anything else is refused at the door."""
    return {
        "person": "sanne",
        "seen_person": "sanne",
        "holder": "sanne",
        "to": "sanne",
        "assignee": "sanne",
        "watcher": "sanne",
        "owner": "bram",
        "question": "Q1",
        "choice": "negative",
        "via": "text",
        "week": ["9:00-17:00"] * 7,
        "hours": "9:00-17:00",
    }


def filled(shape: serializers.Serializer[Any], base: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    return {
        name: base[name] if name in base else fitting(field, now=now) for name, field in shape.fields.items()
    }


def send(client: APIClient, method: str, url: str, sent: Any) -> Any:
    if method == "get":
        asked = {name: value for name, value in sent.items() if value is not None}
        return rolled_back(lambda to: client.get(to, asked), url)
    body = json.dumps(sent)
    return rolled_back(lambda to: client.post(to, body, content_type="application/json"), url)


def who(clients: dict[Role, APIClient], name: str, method: str) -> APIClient:
    need = getattr(API[name], method)
    return clients[next(role for role in ASKED if opens(role, need))]


def lets_by(field: Any, odd: Any) -> bool:
    """Whether a field lets it by. It says no in words, and never fails."""
    try:
        field.run_validation(odd)
    except serializers.ValidationError:
        return False
    return True


def is_text(field: Any) -> bool:
    return isinstance(field, serializers.CharField)


def test_every_text_field_takes_every_naughty_string_or_says_no(taken: list[Taken]) -> None:
    """And lets nothing by that a database cannot keep: PostgreSQL has no NUL and no lone surrogate."""
    let_by = []
    for name, _method, _url, shape in taken:
        for field_name, field in texts_in(shape):
            for text in (*NAUGHTY, *TEXTS):
                try:
                    kept = field.run_validation(text)
                except serializers.ValidationError:
                    continue
                if "\x00" in str(kept) or any("\ud800" <= sign <= "\udfff" for sign in str(kept)):
                    let_by.append((name, field_name, text[:20]))
    assert let_by == []


def variants(
    shape: serializers.Serializer[Any], base: dict[str, Any], *, now: datetime
) -> Iterator[dict[str, Any]]:
    """What the shape lets by of all that is odd: each field by itself, and all texts at once."""
    fit = filled(shape, base, now=now)
    texts = {name: field for name, field in shape.fields.items() if is_text(field)}
    for n in range(PACKS if texts else 0):
        yield fit | {name: pack(field, n) for name, field in texts.items() if name not in base}
        yield fit | {name: pack(field, n) for name, field in texts.items()}
    for name, field in shape.fields.items():
        yield {key: value for key, value in fit.items() if key != name}
        if name not in texts:
            yield from ({**fit, name: odd} for odd in ALL if lets_by(field, odd))


def pack(field: Any, n: int) -> str:
    """As many naughty strings as the field takes; another choice of them with every `n`."""
    if n == 0:
        return SCRIPT[: field.max_length]
    found = packs(field.max_length or LONGEST, n=PACKS)
    return found[n % len(found)].replace("\x00", "")


# Over 0.5 s: every field of every operation.
def test_no_field_of_any_operation_breaks_it(
    taken: list[Taken], clients: dict[Role, APIClient], base: dict[str, Any], desk: Desk
) -> None:
    broken = []
    for name, method, url, shape in taken:
        client = who(clients, name, method)
        client.raise_request_exception = False
        for sent in variants(shape, base, now=desk.now):
            answer = send(client, method, url, sent)
            if answer.status_code >= 500:
                broken.append((name, {key: str(value)[:40] for key, value in sent.items()}))
    assert broken == []


BODIES = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a text": '"x"',
    "null": "null",
    "not a number": '{"seen": NaN}',
    "a number of 5,000 digits": '{"seen": ' + "1" * 5_000 + "}",
    "one key twice": '{"seen": "new", "seen": "closed"}',
    "no UTF-8": b"\xff\xfe",
    "deep": "[" * 100_000,
}
KINDS = (
    "application/json",
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "",
)


# Over 0.5 s: every operation, with every body.
def test_no_body_and_no_content_type_breaks_an_operation(
    taken: list[Taken], clients: dict[Role, APIClient]
) -> None:
    broken = []
    for name, method, url, _shape in taken:
        if method == "get":
            continue
        client = who(clients, name, method)
        client.raise_request_exception = False
        sent = [(body, "application/json") for body in BODIES.values()] + [("{}", kind) for kind in KINDS]
        for body, kind in sent:
            answer: Any = rolled_back(partial(client.post, data=body, content_type=kind), url)
            if answer.status_code >= 500:
                broken.append((name, str(body)[:20], kind))
    assert broken == []
