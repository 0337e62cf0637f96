"""The queue through the API: the next case, later, press, and what is told of an author."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case
from cases.services import assignment
from monitoring.connectors.base import Kind
from monitoring.models import Author
from tests.api.client import Api
from tests.cases.steps import fresh
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db


def test_the_next_case_is_taken_until_none_waits(officer: Api, case: Case) -> None:
    taken = officer.done("next")
    assert (taken["id"], taken["taken_by"]["username"]) == (case.pk, "sanne")
    status, body = officer.refused("next")
    assert (status, body["code"]) == (409, "nothing_waits")


def test_a_case_is_put_aside_until_a_time_and_brought_back(officer: Api, case: Case, noon: datetime) -> None:
    until = noon + timedelta(hours=20)
    aside = officer.done("exit", case.pk, exit="later", seen="new", until=until.isoformat())
    assert fresh(case).snoozed_until == until
    assert aside["snoozed_until"]
    assert officer.done("wake", case.pk)["snoozed_until"] is None
    status, body = officer.refused("exit", case.pk, exit="later", seen="new", until=noon.isoformat())
    assert (status, body["code"]) == (422, "bad_moment")


def test_it_is_taken_over_from_whom_one_saw(officer: Api, case: Case, desk: Desk, noon: datetime) -> None:
    assignment.take(case, by=desk.lead, now=noon)
    status, body = officer.refused("take", case.pk, over=True, holder="ilse")
    assert (status, body["code"]) == (409, "taken_by_other")
    assert officer.done("take", case.pk, over=True, holder="bram")["taken_by"]["username"] == "sanne"
    assert officer.refused("take", case.pk, over=True, holder="nobody")[1]["code"] == "unknown_person"


def test_of_an_author_a_step_of_reach_is_told_and_no_number(officer: Api, case: Case) -> None:
    Author.objects.update(followers=73_219)
    author = officer.done("press", case.pk, is_press=True)["post"]["author"]
    assert author == {
        "handle": "author1",
        "name": "Author 1",
        "reach": "10k to 100k",
        "is_press": True,
        "standing": "press",
    }
    assert "73219" not in str(officer.read("case", case.pk)) + str(officer.read("posts"))


def test_the_cases_of_a_conversation_are_listed(officer: Api, case: Case, desk: Desk, noon: datetime) -> None:
    (second,) = desk.hear(mention(2, at=noon, thread="m1", kind=Kind.REPLY))
    desk.hear(mention(3, at=noon))
    listed = officer.read("cases", conversation=case.pk)["results"]
    assert [each["id"] for each in listed] == [second.pk, case.pk]
    assert {each["conversation"] for each in listed} == {case.pk}
    assert {each["follows"] for each in listed} == {None}
