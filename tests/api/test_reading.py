"""Lists and records: filtered, page by page, and no slower per row."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.services import decisions, watching
from monitoring.connectors.base import Kind
from tests.api.client import Api
from tests.world import Desk, mention


def numbers(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["results"]]


def test_cases_come_page_by_page_without_doubles_or_gaps(officer: Api, desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(5)))
    first = officer.read("cases", limit=2)
    desk.hear(mention("later", at=noon))
    second: Any = officer.client.get(first["next"]).json()
    third: Any = officer.client.get(second["next"]).json()
    assert numbers(first) + numbers(second) + numbers(third) == [case.pk for case in reversed(cases)]
    assert third["next"] is None


def test_cases_are_found_by_state_category_and_whose_they_are(
    officer: Api, colleague: Api, desk: Desk, noon: datetime
) -> None:
    one, two, three = desk.hear(*(mention(n, at=noon) for n in range(3)))
    officer.judge(one.pk, Q1="positive")
    colleague.done("take", two.pk)
    officer.done("assign", three.pk, to="sanne")
    assert numbers(officer.read("cases", state="assessed")) == [one.pk]
    assert numbers(officer.read("cases", category="positive")) == [one.pk]
    assert numbers(officer.read("cases", mine="true")) == [three.pk]
    assert numbers(colleague.read("cases", mine="true")) == [two.pk]
    assert numbers(officer.read("cases", mine="true", state="assessed")) == []


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"limit": 101}, {"before": "x"}, {"before": 2**63}, {"mine": "maybe"}]
)
def test_a_filter_that_makes_no_sense_is_refused(officer: Api, query: dict[str, str | int]) -> None:
    answer = officer.get("cases", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [*answer.json()["details"]] == [*query]


def test_posts_are_read_with_their_conversation_and_earlier_texts(
    officer: Api, desk: Desk, noon: datetime
) -> None:
    case = desk.hear(mention(1, "Rook!", at=noon))[0]
    desk.hear(
        mention(2, at=noon, thread="m1"),
        mention(3, at=noon, platform="rss"),
        mention(4, at=noon, thread="m1", kind=Kind.BOOST),
    )
    thread = officer.read("posts", platform="x", thread_id="m1")["results"]
    assert [(post["canonical_id"], post["case"] is not None) for post in thread] == [
        ("m4", False),
        ("m2", True),
        ("m1", True),
    ]
    post = officer.read("post", case.pk)
    assert (post["text"], post["author"]["handle"], post["versions"]) == ("Rook!", "author1", [])
    assert "raw" not in post


def test_watches_and_alarms_are_found_by_how_they_stand(
    officer: Api, employee: Api, desk: Desk, noon: datetime
) -> None:
    one, two = desk.hear(mention(1, at=noon), mention(2, at=noon))
    watch = officer.done("start-watch", one.pk)
    ended = officer.done("start-watch", two.pk, watcher="anouk")
    officer.done("end-watch", ended["id"])
    assert numbers(officer.read("watches")) == [ended["id"], watch["id"]]
    assert numbers(officer.read("watches", open="true")) == [watch["id"]]
    assert numbers(officer.read("watches", open="false")) == [ended["id"]]
    assert numbers(employee.read("watches", mine="true")) == [ended["id"]]
    alarm = officer.done("danger", two.pk)["escalation"]
    assert numbers(officer.read("escalations", case=two.pk)) == [alarm["id"]]
    assert numbers(officer.read("escalations", status="acknowledged")) == []
    assert officer.read("escalation", alarm["id"])["sentence"] == alarm["sentence"]


def test_the_scheme_speaks_the_language_that_is_asked_for(officer: Api, case: Case) -> None:
    assert officer.read("case", case.pk)["judgement"]["question"]["text"] == "What kind of post is this?"
    officer.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    question = officer.read("case", case.pk)["judgement"]["question"]
    assert question["text"] == "Wat voor bericht is dit?"
    assert [choice["label"] for choice in question["choices"]] == ["Positief", "Negatief", "Allebei"]


def test_a_reply_is_read_on_its_own(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P2")["responses"][0]
    assert officer.read("response", response["id"]) == response


def n_queries(officer: Api, name: str, *args: int) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        officer.read(name, *args, **({} if args else {"limit": 100}))
    return len(queries)


@pytest.mark.parametrize("name", ["cases", "posts", "watches", "escalations"])
def test_a_list_of_a_hundred_takes_as_many_queries_as_a_list_of_one(
    officer: Api, desk: Desk, noon: datetime, name: str
) -> None:
    def fill(first: int, last: int) -> None:
        for case in desk.hear(*(mention(n, at=noon) for n in range(first, last))):
            if name == "watches":
                watching.start(
                    case, decisions.default_plan(desk.officer, now=noon), by=desk.officer, now=noon
                )
            elif name == "escalations":
                decisions.report_danger(case, by=desk.officer, now=noon)

    fill(0, 1)
    at_one = n_queries(officer, name)
    fill(1, 100)
    assert len(officer.read(name, limit=100)["results"]) == 100
    assert n_queries(officer, name) == at_one <= 3


def test_a_case_with_a_long_past_takes_as_many_queries_as_a_young_one(
    officer: Api, desk: Desk, case: Case, noon: datetime
) -> None:
    def one_round() -> None:
        officer.judge(case.pk, Q1="positive")
        officer.choose(case.pk, "P3")
        watch = officer.done("start-watch", case.pk)
        officer.done("check", watch["id"])
        officer.done("danger", case.pk)
        officer.done("decide", case.pk, approach="judge again", reason="Nog eens", seen="comms")
        officer.done("end-watch", watch["id"])

    one_round()
    young = n_queries(officer, "case", case.pk)
    for _ in range(3):
        one_round()
    desk.hear(*(mention(n, at=noon, thread="m1") for n in range(2, 40)), now=noon + timedelta(hours=1))
    old = officer.read("case", case.pk)
    assert (len(old["assessments"]), len(old["decisions"]), old["n_thread"]) == (4, 4, 39)
    assert n_queries(officer, "case", case.pk) == young <= 20
