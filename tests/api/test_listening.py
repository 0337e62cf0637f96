"""Listening by program: grounds first, seen before changed, and another person's word about a person."""

from typing import Any

import pytest
from time_machine import Traveller

from cases.models import AuditEvent, Case
from cases.rules.permissions import Role
from monitoring.connectors import registry
from monitoring.models import Query, Source
from tests.api.client import Api, sign_in
from tests.web.test_capturing import Square
from tests.world import Desk, mention, person

GROUNDS: dict[str, Any] = {
    "name": "de kade",
    "terms": "kade AND brand",
    "purpose": "vragen beantwoorden",
    "legal_basis": "public task",
    "ends_at": "2026-06-01T12:00:00Z",
    "is_on_person": False,
}


@pytest.fixture
def privacy(desk: Desk, clock: Traveller) -> Api:
    return sign_in(person("petra", Role.PRIVACY), clock)


def test_a_query_is_started_read_changed_and_ended(officer: Api, desk: Desk) -> None:
    started = officer.done("start-query", **GROUNDS, sources=[desk.source.pk])
    assert (started["state"], started["owner"]["username"]) == ("active", "sanne")
    assert started["sources"] == [desk.source.pk]
    assert officer.read("query", started["id"]) == started
    listed = officer.read("queries", limit=1)
    assert [row["name"] for row in listed["results"]] == ["de kade"]
    assert listed["next"]
    changed = officer.done(
        "change-query", started["id"], **GROUNDS | {"terms": "kade", "owner": "bram"}, seen=started["edition"]
    )
    assert (changed["terms"], changed["owner"]["username"], changed["sources"]) == ("kade", "bram", [])
    assert officer.done("end-query", started["id"])["state"] == "ended"
    trail = AuditEvent.objects.filter(subject=f"query:{started['id']}").order_by("seq")
    assert [(event.action, event.origin) for event in trail] == [
        ("query started", "api"),
        ("query changed", "api"),
        ("query ended", "api"),
    ]


@pytest.mark.parametrize("ground", ["name", "terms", "purpose", "legal_basis", "ends_at", "is_on_person"])
def test_a_query_without_one_of_its_grounds_is_not_started(officer: Api, desk: Desk, ground: str) -> None:
    sent = {name: value for name, value in GROUNDS.items() if name != ground}
    status, body = officer.refused("start-query", **sent)
    assert (status, list(body["details"])) == (400, [ground])


def test_words_that_cannot_be_are_refused_with_their_place(officer: Api, desk: Desk) -> None:
    wrong = {"terms": 'kade "brand'}
    for status, body in (
        officer.refused("start-query", **GROUNDS | wrong),
        officer.refused("preview-query", **wrong),
    ):
        assert (status, body["code"], body["position"]) == (422, "bad_query", 6)


def test_what_may_not_be_is_refused_by_name(officer: Api, desk: Desk) -> None:
    too_long = officer.refused("start-query", **GROUNDS | {"ends_at": "2028-01-01T00:00:00Z"})
    assert (too_long[0], too_long[1]["code"]) == (422, "query_refused")
    edition = officer.read("query", desk.query.pk)["edition"]
    officer.done("change-query", desk.query.pk, **GROUNDS, seen=edition)
    second = officer.refused("change-query", desk.query.pk, **GROUNDS | {"name": "x"}, seen=edition)
    assert (second[0], second[1]["code"]) == (409, "query_changed")
    stranger = officer.refused("start-query", **GROUNDS | {"name": "y", "owner": "anouk"})
    assert (stranger[0], stranger[1]["code"]) == (422, "unknown_person")


def test_a_query_on_a_person_waits_for_the_privacy_officer(officer: Api, privacy: Api, desk: Desk) -> None:
    started = officer.done("start-query", **GROUNDS | {"is_on_person": True})
    assert started["state"] == "waits"
    assert officer.refused("approve-query", started["id"], reason="ja", seen=started["edition"])[0] == 403
    assert privacy.refused("approve-query", started["id"], seen=started["edition"])[0] == 400
    approved = privacy.done("approve-query", started["id"], reason="Nodig.", seen=started["edition"])
    assert (approved["state"], approved["approved_by"]["username"]) == ("active", "petra")
    again = privacy.refused("approve-query", started["id"], reason="Nodig.", seen=approved["edition"])
    assert (again[0], again[1]["code"]) == (422, "query_refused")
    refused = privacy.done("refuse-query", started["id"], reason="Toch niet.", seen=approved["edition"])
    assert (refused["state"], refused["decision_reason"]) == ("refused", "Toch niet.")


def test_a_preview_gives_hits_and_estimates_and_keeps_nothing(officer: Api, desk: Desk, case: Case) -> None:
    n_queries = Query.objects.count()
    found = officer.done("preview-query", terms="brandweer", sources=[desk.source.pk])
    assert [hit["text"] for hit in found["stored"]] == [case.post.text]
    assert found["sources"][0]["said"] == "answered"
    assert (Case.objects.count(), Query.objects.count()) == (1, n_queries)


def test_a_pasted_address_opens_the_case_of_the_post_itself(
    officer: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = mention(7, "Rook uit de loods", at=desk.now, platform="square")
    square = Square(answer=post)
    monkeypatch.setitem(registry.CONNECTORS, "square", square)
    Source.objects.create(name="plein", connector="square", next_poll_at=desk.now)
    opened = officer.done("capture", via="url", url="https://square.example/p/7")
    assert (opened["post"]["platform"], opened["post"]["canonical_id"]) == ("square", "m7")
    square.answer = None
    typed = officer.done("capture", via="url", url="https://square.example/p/8", text="Nog meer rook")
    assert (typed["post"]["platform"], typed["post"]["text"]) == ("manual", "Nog meer rook")
