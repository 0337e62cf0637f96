"""The audit trail and the file of a case for programs."""

import pytest
from time_machine import Traveller

from cases.models import AuditCheckpoint, Case
from cases.rules.chain import heads_in
from cases.rules.permissions import Role
from tests.api.client import Api, sign_in
from tests.cases.steps import trail
from tests.world import Desk, mention, person


@pytest.fixture
def privacy(desk: Desk, clock: Traveller) -> Api:
    return sign_in(person("petra", Role.PRIVACY), clock)


def test_the_trail_is_read_page_by_page_and_by_what_is_asked(privacy: Api, officer: Api, case: Case) -> None:
    officer.done("take", case.pk)
    officer.done("release", case.pk)
    first = privacy.read("audit", subject=str(case.pk), limit=2)
    assert [event["action"] for event in first["results"]] == ["released", "taken"]
    assert first["results"][0]["origin"] == "api"
    assert "facts" not in first["results"][0]
    rest = privacy.client.get(first["next"]).json()
    assert [event["action"] for event in rest["results"]] == ["opened"]
    assert [event["action"] for event in privacy.read("audit", actor="sanne", action="taken")["results"]] == [
        "taken"
    ]


def test_a_head_is_sealed_and_read(privacy: Api, case: Case) -> None:
    assert privacy.read("audit-head") == {"events": 0, "at": None, "hash": "", "text": ""}
    sealed = privacy.done("audit-seal")
    assert sealed["hash"] == AuditCheckpoint.objects.get().hash
    assert [head.hash for head in heads_in(sealed["text"])] == [sealed["hash"]]
    assert privacy.read("audit-head") == sealed


def test_the_file_of_a_case_says_why_and_that_it_was_made(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.choose(case.pk, "P3")
    file = officer.read("case-file", case.pk)
    assert (file["scheme"]["checksum"], file["findings"]) == (case.scheme.checksum, [])
    assert [given["option"] for given in file["assessments"]] == ["P3"]
    assert file["history"][-1]["action"] == "file made"
    assert file["n_events"] == len(file["history"]) == len(trail(case))
    assert (file["made_by"]["username"], len(file["head_hash"])) == ("sanne", 64)


def test_the_file_of_a_case_leaves_handles_in_texts_out_unless_asked(officer: Api, desk: Desk) -> None:
    text = "Dat zei @jan.bakker@dorp.example over de brandweer, mail info@brandweer.example"
    case = desk.hear(mention("names", text, at=desk.now))[0]
    without = officer.read("case-file", case.pk)
    assert "jan.bakker" not in str(without)
    assert "info@brandweer.example" in str(without)
    with_names = officer.read("case-file", case.pk, names="true")
    assert "@jan.bakker@dorp.example" in str(with_names)
    made = [event["facts"] for event in with_names["history"] if event["action"] == "file made"]
    assert [facts["names of others"] for facts in made] == [False, True]
