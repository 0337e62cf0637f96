"""Environment pictures through the API: everything the pages do."""

from datetime import datetime

import pytest
from time_machine import Traveller

from cases.models import Situation
from cases.rules.permissions import Role
from tests.api.client import Api, sign_in
from tests.cases.pictures import fire
from tests.world import Desk, person


@pytest.fixture
def situation(desk: Desk, noon: datetime) -> Situation:
    return fire(desk, now=noon)


def test_a_picture_is_made_advised_and_signed(situation: Situation, officer: Api) -> None:
    made = officer.done("make-picture", situation.pk)
    assert (made["n"], made["signed_at"], made["content"]["figures"]["posts"]) == (1, None, 6)
    advised = officer.done("advise-picture", situation.pk, 1, information="Sluit ramen.", revision=1)
    assert (advised["information"], advised["revision"]) == ("Sluit ramen.", 2)
    status, said = officer.refused("sign-picture", situation.pk, 1, revision=1)
    assert (status, said["code"]) == (409, "picture_changed")
    signed = officer.done("sign-picture", situation.pk, 1, revision=2)
    assert signed["signed_by"]["username"] == "sanne" and signed["is_whole"] and len(signed["digest"]) == 64
    assert officer.read("pictures", situation.pk)["results"][0]["signed_by"]["username"] == "sanne"


def test_the_clock_and_the_readers_of_pictures_are_set(situation: Situation, officer: Api) -> None:
    assert officer.done("schedule-pictures", situation.pk, every_s=1800)["every_s"] == 1800
    assert officer.refused("schedule-pictures", situation.pk, every_s=10)[1]["code"] == "picture_refused"
    assert officer.done("schedule-pictures", situation.pk, every_s=None)["due_at"] is None
    added = officer.done("add-reader", situation.pk, email="Raad@stad.example", name="De raad")
    assert added["readers"] == [{"email": "raad@stad.example", "name": "De raad"}]
    assert officer.refused("add-reader", situation.pk, email="raad")[1]["code"] == "reader_refused"
    assert officer.done("remove-reader", situation.pk, email="raad@stad.example")["readers"] == []


def test_the_board_reads_and_does_not_make(situation: Situation, officer: Api, clock: Traveller) -> None:
    officer.done("make-picture", situation.pk)
    mayor = sign_in(person("ahmed", Role.BOARD), clock)
    assert mayor.read("picture", situation.pk, 1)["content"]["situation"]["name"] == "Brand op de Loswal"
    assert mayor.refused("make-picture", situation.pk)[0] == 403
    assert mayor.get("picture", situation.pk, 99).status_code == 404
