"""What the API says to who may not, and to who did not sign in."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from cases.models import Case
from monitoring.models import RejectedMention
from tests.api.client import Api
from tests.world import Desk


@pytest.fixture
def numbers(officer: Api, case: Case, desk: Desk) -> dict[str, int]:
    """A case with a draft of an officer, a watch and an alarm: their numbers."""
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P3")["responses"][0]
    watch = officer.done("start-watch", case.pk)
    officer.done("worse", watch["id"])
    alarm = officer.read("escalations")["results"][0]
    rejected = RejectedMention.objects.create(source=desk.source, raw="{}", reason="odd", at=desk.now)
    return {
        "case": case.pk,
        "response": response["id"],
        "watch": watch["id"],
        "escalation": alarm["id"],
        "query": desk.query.pk,
        "source": desk.source.pk,
        "rejected": rejected.pk,
        "import": officer.done("create-import", filename="a.csv", content="text,posted_at\nx,2026-03-02")[
            "id"
        ],
    }


def test_a_refusal_says_which_role_may_not_do_what(employee: Api, numbers: dict[str, int]) -> None:
    assert employee.refused("approve", numbers["response"]) == (
        403,
        {
            "error": "Your role (employee) may not do this: approve a reply. Ask an administrator.",
            "code": "not_allowed",
        },
    )


def test_an_author_withdraws_their_own_reply_and_nobody_elses(
    employee: Api, numbers: dict[str, int], desk: Desk
) -> None:
    assert employee.refused("give-back", numbers["response"])[0] == 403
    case_id = employee.done("capture", via="text", text="Een vraag over de Loswal")["id"]
    response = employee.done("exit", case_id, exit="question", seen="new")["responses"][0]
    employee.done("submit", response["id"], text="Morgen is de weg weer open.")
    withdrawn = employee.done("give-back", response["id"], comment="Ik voeg een link toe")
    assert (withdrawn["status"], withdrawn["case_state"]) == ("draft", "drafting")


@pytest.fixture
def stranger(numbers: dict[str, int]) -> APIClient:
    return APIClient()


def test_nobody_comes_in_without_a_token(stranger: APIClient, numbers: dict[str, int]) -> None:
    case = reverse("api:case", args=[numbers["case"]])
    answers: list[Any] = [
        stranger.get(reverse("api:cases")),
        stranger.get(case),
        stranger.post(case + "take/"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert {answer.json()["code"] for answer in answers} == {"not_authenticated"}
    assert answers[0]["WWW-Authenticate"] == "Token"


def test_a_wrong_token_and_one_of_somebody_who_left_are_refused(
    stranger: APIClient, officer: Api, desk: Desk
) -> None:
    stranger.credentials(HTTP_AUTHORIZATION="Token 0123")
    answer: Any = stranger.get(reverse("api:cases"))
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    desk.officer.is_active = False
    desk.officer.save()
    assert officer.get("cases").status_code == 401


def test_a_signed_in_page_may_read_but_changes_need_its_csrf_token(
    numbers: dict[str, int], desk: Desk
) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(desk.officer)
    answer: Any = browser.get(reverse("api:cases"))
    assert answer.status_code == 200
    refused: Any = browser.post(reverse("api:take", args=[numbers["case"]]))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
