"""What cannot be done is refused with a status, a sentence and a name; nothing is changed by it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from time_machine import Traveller

from cases.models import Case, Mandate, Response, SchemeVersion
from cases.rules.permissions import Role
from cases.services import audit
from config.errors import REFUSALS, api_errors
from monitoring.connectors.replay import MAX_REPLY_CHARS
from tests.api.client import Api, sign_in
from tests.world import Desk, person


def test_a_stale_page_is_refused_and_told_what_the_case_is_now(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    assert officer.refused("exit", case.pk, exit="not_relevant", seen="new") == (
        409,
        {
            "error": f"Case {case.pk} was 'new' when you opened it and is now 'assessed'; look again.",
            "code": "case_changed",
        },
    )
    assert officer.read("case", case.pk)["state"] == "assessed"


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("answer", {"question": "Q1", "choice": "positive"}),
        ("step-back", {}),
        ("choose", {"option": "P1"}),
        ("exit", {"exit": "neutral"}),
        ("refer", {"reason": "Kijk mee"}),
        ("decide", {"approach": "no reply", "reason": "Rustig"}),
        ("close", {}),
        ("judge-again", {}),
        ("detach", {}),
        ("elsewhere", {"medium": "phone", "note": "Gebeld"}),
    ],
)
def test_every_change_of_a_case_carries_what_was_seen(
    officer: Api, case: Case, verb: str, sent: dict[str, str]
) -> None:
    status, refusal = officer.refused(verb, case.pk, **sent)
    assert (status, refusal["code"], [*refusal["details"]]) == (400, "invalid", ["seen"])
    assert officer.refused(verb, case.pk, seen="responded", **sent)[1]["code"] == "case_changed"
    assert officer.read("case", case.pk)["state"] == "new"


def test_the_second_of_two_officers_to_take_a_case_is_told_who_has_it(
    officer: Api, colleague: Api, case: Case
) -> None:
    officer.done("take", case.pk)
    status, refusal = colleague.refused("take", case.pk)
    assert (status, refusal["code"]) == (409, "taken_by_other")
    assert "is with Sanne" in refusal["error"]
    assert colleague.done("take", case.pk, over=True)["taken_by"]["username"] == "ilse"
    assert colleague.done("release", case.pk)["taken_by"] is None


def test_the_second_of_two_officers_to_answer_is_refused(officer: Api, colleague: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="negative")
    sent = {"question": "Q1", "choice": "positive", "seen": "new"}
    assert colleague.refused("answer", case.pk, **sent)[1]["code"] == "case_changed"
    assert officer.read("case", case.pk)["judgement"]["answers"] == {"Q1": "negative"}


def test_who_has_no_mandate_submits_and_a_colleague_approves(employee: Api, officer: Api, case: Case) -> None:
    employee.judge(case.pk, Q1="positive")
    drafting = employee.choose(case.pk, "P3")
    assert drafting["has_mandate"] is False
    response = drafting["responses"][0]["id"]
    assert employee.refused("send", response, text="Dank!") == (
        422,
        {
            "error": "You have no mandate to answer. Submit it for approval instead.",
            "code": "cannot_send",
            "reasons": ["You have no mandate to answer. Submit it for approval instead."],
        },
    )
    assert employee.done("submit", response)["status"] == "submitted"
    returned = officer.done("give-back", response, comment="Noem de datum")
    assert (returned["status"], returned["error"]) == ("draft", "Noem de datum")
    employee.done("submit", response, text="Dank, tot zaterdag!")
    approved = officer.done("approve", response, text="Dank u, tot zaterdag!")
    assert (approved["status"], approved["text"]) == ("queued", "Dank u, tot zaterdag!")
    moved = officer.read("case", case.pk)["history"][0]
    assert moved["facts"]["text before"] == "Dank, tot zaterdag!"


def test_a_reply_that_was_changed_meanwhile_is_not_overwritten(
    officer: Api, employee: Api, case: Case
) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P3")["responses"][0]
    officer.done("save", response["id"], text="Dank!", seen_revision=response["revision"])
    for verb in ("save", "submit", "send"):
        status, refusal = employee.refused(verb, response["id"], text="x", seen_revision=response["revision"])
        assert (status, refusal["code"]) == (409, "reply_changed")
    assert officer.read("response", response["id"])["text"] == "Dank!"


def test_nobody_approves_their_own_text(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P3")["responses"][0]["id"]
    officer.done("submit", response, text="Dank!")
    _, refusal = officer.refused("approve", response)
    assert refusal["reasons"] == ["Nobody approves their own text; ask a colleague."]


def test_a_mandate_that_ended_while_typing_is_noticed_when_sending(
    officer: Api, case: Case, noon: datetime
) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P3")["responses"][0]["id"]
    Mandate.objects.update(valid_until=noon + timedelta(seconds=1))
    _, refusal = officer.refused("send", response, text="Dank!")
    assert refusal["code"] == "cannot_send"
    assert Response.objects.get(pk=response).text == "Dank!"


def test_a_reply_too_long_for_its_platform_is_kept_and_refused_with_the_numbers(
    officer: Api, case: Case
) -> None:
    officer.judge(case.pk, Q1="positive")
    drafting = officer.choose(case.pk, "P3")
    assert drafting["outlet"]["most"] == MAX_REPLY_CHARS
    text = "a" * (MAX_REPLY_CHARS + 3)
    _, refusal = officer.refused("send", drafting["responses"][0]["id"], text=text)
    assert refusal["error"] == "The reply counts 503 characters and 500 fit; shorten it by 3."
    assert officer.read("case", case.pk)["responses"][0]["text"] == text


def test_a_case_has_one_watch_at_a_time(officer: Api, case: Case) -> None:
    officer.done("start-watch", case.pk)
    status, refusal = officer.refused("start-watch", case.pk)
    assert (status, refusal["code"]) == (409, "already_watched")
    assert "Sanne" in refusal["error"]


def test_a_watcher_must_be_somebody_who_may_watch(officer: Api, case: Case, desk: Desk) -> None:
    person("bestuurder", Role.BOARD)
    for name in ("bestuurder", "niemand"):
        status, refusal = officer.refused("start-watch", case.pk, watcher=name)
        assert (status, refusal["code"]) == (422, "unknown_person")
    assert officer.done("start-watch", case.pk, watcher="anouk")["watcher"]["name"] == "Anouk"


def test_a_case_is_assigned_to_somebody_who_can_judge_it(officer: Api, case: Case, desk: Desk) -> None:
    person("kijker", Role.WATCHER)
    assert officer.refused("assign", case.pk, to="kijker")[1]["code"] == "unknown_person"
    assert officer.done("assign", case.pk, to="anouk")["assignee"]["username"] == "anouk"
    assert officer.done("assign", case.pk, to=None)["assignee"] is None


def test_what_the_scheme_does_not_offer_is_refused_with_what_it_does(officer: Api, case: Case) -> None:
    status, refusal = officer.refused("answer", case.pk, question="Q1", choice="boos", seen="new")
    assert (status, refusal["code"]) == (422, "unknown_answer")
    assert "positive, negative, mixed" in refusal["error"]
    assert officer.refused("exit", case.pk, exit="vakantie", seen="new")[1]["code"] == "not_offered"
    officer.judge(case.pk, Q1="positive")
    status, refusal = officer.refused("choose", case.pk, option="watch", seen="assessed")
    assert (status, refusal["code"]) == (422, "not_offered")
    assert refusal["error"].startswith("'watch' is not offered here; choose from: P1, P2, P3")


def test_a_move_that_the_flow_does_not_have_is_refused(officer: Api, case: Case) -> None:
    status, refusal = officer.refused("close", case.pk, seen="new")
    assert (status, refusal["code"]) == (409, "move_refused")
    assert refusal["error"].startswith(f"Case {case.pk} is 'new' and cannot move to 'closed'; allowed:")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"via": "phone"}, "nothing_captured"),
        ({"via": "url", "url": "javascript:alert(1)"}, "bad_url"),
        ({"via": "fax", "text": "Brand"}, "invalid"),
    ],
)
def test_a_capture_without_anything_in_it_is_refused(officer: Api, sent: dict[str, str], code: str) -> None:
    assert officer.refused("capture", **sent)[1]["code"] == code
    assert officer.read("cases")["results"] == []


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_text_that_no_database_takes_is_refused(officer: Api, case: Case, text: str) -> None:
    sent = f'{{"note": "{text}"}}'
    answer: Any = officer.client.post(
        f"/api/v1/cases/{case.pk}/danger/", sent, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_broken_json_and_other_verbs_are_refused_in_the_same_shape(officer: Api, case: Case) -> None:
    broken: Any = officer.client.post(f"/api/v1/cases/{case.pk}/take/", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "parse_error")
    gone: Any = officer.client.delete(f"/api/v1/cases/{case.pk}/")
    assert (gone.status_code, gone.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("number", [0, 999_999, 2**63, 10**30])
def test_a_number_that_is_no_case_is_not_found(officer: Api, number: int) -> None:
    answer = officer.get("case", number)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_without_a_scheme_the_api_says_so(db: None, clock: Traveller) -> None:
    officer = sign_in(person("sanne", Role.OFFICER), clock)
    status, refusal = officer.refused("capture", via="text", text="Brand bij de Loswal")
    assert (status, refusal["code"]) == (503, "no_scheme")
    assert "scheme publish" in refusal["error"]


def test_a_scheme_that_was_tampered_with_stops_judging(officer: Api, case: Case) -> None:
    SchemeVersion.objects.update(checksum="0" * 64)
    sent = {"question": "Q1", "choice": "positive", "seen": "new"}
    status, refusal = officer.refused("answer", case.pk, **sent)
    assert (status, refusal["code"]) == (503, "unknown_scheme_version")


def test_a_database_that_is_away_is_said_in_words() -> None:
    answer = api_errors(OperationalError("password of the server: geheim"), {})
    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (503, "database_away")
    assert "geheim" not in answer.data["error"]


def test_every_refusal_has_its_own_name() -> None:
    codes = [code for _, code in REFUSALS.values()]
    assert len(codes) == len(set(codes))


def test_what_is_done_here_is_written_down_as_done_here(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.choose(case.pk, "P1")
    history = officer.read("case", case.pk)["history"]
    assert {event["origin"] for event in history if event["actor"]} == {"api"}
    assert [event["action"] for event in reversed(history)][:3] == ["opened", "answered", "moved"]
    assert audit.verify() == []


def test_another_option_is_chosen_by_the_api_and_the_text_goes_along(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P2")["responses"][0]
    changed = officer.done("change-option", response["id"], text="Dank!")
    assert (changed["status"], changed["case_state"]) == ("withdrawn", "assessed")
    again = officer.choose(case.pk, "P3")["responses"][-1]
    assert (again["text"], again["visibility"], again["medium"]) == ("Dank!", "public", "public reply")
