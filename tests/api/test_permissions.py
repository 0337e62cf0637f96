"""Who may do what by the API: the table of roles, for every verb; and nobody without signing in."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient
from time_machine import Traveller

from cases.api.urls import urlpatterns
from cases.models import Case
from cases.rules.permissions import Need, Role, may
from monitoring.models import RejectedMention
from tests.api.client import Api, sign_in
from tests.world import Desk, person

CASE_VERBS = {
    "take": Need.JUDGE,
    "release": Need.JUDGE,
    "assign": Need.ASSIGN,
    "answer": Need.JUDGE,
    "step-back": Need.JUDGE,
    "toggle": Need.JUDGE,
    "choose": Need.JUDGE,
    "exit": Need.JUDGE,
    "danger": Need.DANGER,
    "hand-over": Need.DANGER,
    "refer": Need.JUDGE,
    "decide": Need.DECIDE,
    "close": Need.JUDGE,
    "judge-again": Need.JUDGE,
    "detach": Need.JUDGE,
    "merge": Need.JUDGE,
    "follow-up": Need.DRAFT,
    "elsewhere": Need.DRAFT,
    "start-watch": Need.WATCH,
}
RESPONSE_VERBS = {
    "save": Need.DRAFT,
    "submit": Need.DRAFT,
    "send": Need.DRAFT,
    "change-option": Need.JUDGE,
    "approve": Need.APPROVE,
    "give-back": Need.APPROVE,  # of a colleague's reply
    "take-back": Need.DRAFT,
}
WATCH_VERBS = dict.fromkeys(("check", "worse", "pause", "end-watch"), Need.WATCH)
QUERY_VERBS = {
    "change-query": Need.LISTEN,
    "end-query": Need.LISTEN,
    "approve-query": Need.APPROVE_QUERY,
    "refuse-query": Need.APPROVE_QUERY,
}
SOURCE_VERBS = dict.fromkeys(("poll-source", "test-source", "switch-source"), Need.MEND_SOURCES)
REJECTED_VERBS = dict.fromkeys(("read-again", "drop-rejected"), Need.MEND_SOURCES)
ESCALATION_VERBS = {"acknowledge": Need.ACKNOWLEDGE}
VERBS_ON_NOTHING = {
    "capture": Need.CAPTURE,
    "undo": Need.JUDGE,
    "start-query": Need.LISTEN,
    "create-import": Need.IMPORT,
    "preview-query": Need.LISTEN,
}
RECORDS = {
    "case": "case",
    "post": "case",
    "response": "response",
    "watch": "watch",
    "escalation": "escalation",
    "query": "query",
    "source": "source",
    "import": "import",
}
OPENLY_THERE = {"query": Need.SEE_SOURCES, "source": Need.SEE_SOURCES, "import": Need.IMPORT}
"""That these exist is no secret: who may not see them is refused, and not told that there are none."""

LISTS = dict.fromkeys(("cases", "posts", "watches", "escalations"), Need.SEE)
LISTS |= dict.fromkeys(("queries", "sources", "rejected"), Need.SEE_SOURCES) | {"imports": Need.IMPORT}
DESCRIPTIONS = ("schema", "docs")


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


def verbs_on_objects() -> list[tuple[str, str, Need]]:
    kinds = {
        "case": CASE_VERBS,
        "response": RESPONSE_VERBS,
        "watch": WATCH_VERBS,
        "escalation": ESCALATION_VERBS,
        "query": QUERY_VERBS,
        "source": SOURCE_VERBS,
        "rejected": REJECTED_VERBS,
    }
    return [(kind, verb, need) for kind, verbs in kinds.items() for verb, need in verbs.items()]


def outcome(status: int) -> str:
    return {403: "may not", 404: "does not see", 401: "who?"}.get(status, "may")


def expected(role: Role, need: Need, *, on_object: bool) -> str:
    if on_object and not may(role, Need.SEE):
        return "does not see"
    return "may" if may(role, need) else "may not"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_can_do_what_the_table_says_and_nothing_else(
    role: Role, numbers: dict[str, int], clock: Traveller
) -> None:
    api = sign_in(person("noor", role), clock)
    found = {verb: outcome(api.post(verb, numbers[kind]).status_code) for kind, verb, _ in verbs_on_objects()}
    found |= {verb: outcome(api.post(verb).status_code) for verb in VERBS_ON_NOTHING}
    found |= {name: outcome(api.get(name, numbers[kind]).status_code) for name, kind in RECORDS.items()}
    found |= {name: outcome(api.get(name).status_code) for name in LISTS}
    # Who may not see cases is told that there is none; that queries and sources exist is no secret.
    open_kinds = {*OPENLY_THERE, "rejected"}
    wanted = {
        verb: expected(role, need, on_object=kind not in open_kinds)
        for kind, verb, need in verbs_on_objects()
    }
    wanted |= {verb: expected(role, need, on_object=False) for verb, need in VERBS_ON_NOTHING.items()}
    wanted |= {name: expected(role, Need.SEE, on_object=True) for name in RECORDS}
    wanted |= {name: expected(role, need, on_object=False) for name, need in OPENLY_THERE.items()}
    wanted |= {name: expected(role, need, on_object=False) for name, need in LISTS.items()}
    assert found == wanted


def test_every_address_of_the_api_is_in_the_table() -> None:
    tested = {verb for _, verb, _ in verbs_on_objects()} | {*VERBS_ON_NOTHING, *RECORDS, *LISTS}
    assert {pattern.name for pattern in urlpatterns} == tested | {*DESCRIPTIONS}  # type: ignore[union-attr]


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
