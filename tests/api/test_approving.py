"""Mandates and approval by the API alone: handed in, changed and let go; alone; too late; handed on."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import Traveller

from cases import tasks
from cases.models import Case, DutyPost, Mandate, Response, Shift
from cases.rules.permissions import Role
from cases.services import approvals, outbox
from cases.services.responses import Draft
from tests.api.client import Api, sign_in
from tests.cases.steps import drafting
from tests.world import Desk, mention, person

LATER = timedelta(minutes=5)


@pytest.fixture
def lead(desk: Desk, clock: Traveller) -> Api:
    return sign_in(desk.lead, clock)


def hand_in(author: Api, case: Case, text: str = "Graag gedaan hoor") -> dict[str, object]:
    author.judge(case.pk, Q1="positive")
    reply = author.choose(case.pk, "P3")["responses"][-1]
    return author.done("submit", reply["id"], text=text)


def test_a_reply_is_handed_in_changed_by_a_colleague_and_sent(
    employee: Api, officer: Api, case: Case, noon: datetime
) -> None:
    reply = hand_in(employee, case)
    waiting = officer.read("approvals")["results"]
    assert [line["response"]["id"] for line in waiting] == [reply["id"]]
    assert (waiting[0]["submitted_by"]["username"], waiting[0]["is_own"]) == ("anouk", False)
    seen = {"seen_revision": reply["revision"], "seen_thread": officer.read("case", case.pk)["n_thread"]}
    let_go = officer.done("approve", reply["id"], text="Graag gedaan, namens de ploeg", **seen)
    assert let_go["status"] == "queued"
    assert outbox.deliver(let_go["id"], now=noon + LATER)
    assert Response.objects.get(case=case).text == "Graag gedaan, namens de ploeg"
    edit = [event for event in officer.read("case", case.pk)["history"] if event["facts"].get("edit")]
    assert edit[0]["facts"]["text before"] == "Graag gedaan hoor"
    assert officer.read("approvals")["results"] == []


def test_an_approver_by_the_api_who_read_less_of_the_conversation_is_refused(
    employee: Api, officer: Api, case: Case, desk: Desk, noon: datetime
) -> None:
    reply = hand_in(employee, case)
    n_read = officer.read("case", case.pk)["n_thread"]
    thread = case.post.canonical_id.rpartition(":")[2]
    desk.hear(mention(9, "Dat klopt niet", at=noon + LATER, thread=thread))
    status, body = officer.refused("approve", reply["id"], seen_thread=n_read)
    assert (status, body["code"]) == (422, "cannot_send")
    assert officer.done("approve", reply["id"], seen_thread=n_read + 1)["status"] == "queued"


def test_who_is_alone_lets_it_go_and_a_colleague_looks_at_it(
    officer: Api, colleague: Api, case: Case, desk: Desk, noon: datetime
) -> None:
    post = DutyPost.objects.create(name="piket", is_approver=True)
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon, ends_at=noon + timedelta(hours=8))
    reply = hand_in(officer, case)
    assert officer.refused("approve", reply["id"])[1]["code"] == "cannot_send"
    let_go = officer.done("release-alone", reply["id"], reason="De krant drukt zo")
    assert colleague.read("reviews")["results"] == []
    assert outbox.deliver(let_go["id"], now=noon + LATER)
    to_look_at = colleague.read("reviews")["results"]
    assert [(line["reason"], line["released_by"]["username"]) for line in to_look_at] == [
        ("De krant drukt zo", "sanne")
    ]
    assert officer.refused("review", reply["id"], note="Goed")[0] == 422
    colleague.done("review", reply["id"], note="Goed gedaan")
    assert colleague.read("reviews")["results"] == []


def test_what_nobody_approves_in_time_goes_to_communications_with_its_draft(
    employee: Api, officer: Api, case: Case, clock: Traveller
) -> None:
    reply = hand_in(employee, case)
    clock.shift(timedelta(hours=2))
    assert officer.read("approvals")["results"][0]["is_late"] is True
    assert tasks.escalate_overdue_approvals() == 1
    assert tasks.escalate_overdue_approvals() == 0
    assert officer.read("case", case.pk)["state"] == "comms"
    assert officer.refused("approve", reply["id"])[0] == 409
    assert Response.objects.get(pk=reply["id"]).text == "Graag gedaan hoor"


def test_a_mandate_is_given_handed_on_used_and_ended(
    lead: Api, employee: Api, case: Case, desk: Desk, clock: Traveller, noon: datetime
) -> None:
    until = (noon + timedelta(days=9)).isoformat()
    given = lead.done(
        "grant-mandate", holder="anouk", categories=["positive"], valid_until=until, may_delegate=True
    )
    assert (given["state"], given["categories"], given["options"]) == ("valid", ["positive"], ["*"])
    clock.shift(timedelta(seconds=1))
    temp = sign_in(person("tim", Role.EMPLOYEE), clock)
    wide = employee.refused("delegate-mandate", given["id"], holder="tim", valid_until=until)
    assert (wide[0], wide[1]["code"]) == (422, "mandate_refused")
    handed = employee.done(
        "delegate-mandate", given["id"], holder="tim", categories=["positive"], valid_until=until
    )
    assert handed["delegated_from"] == given["id"]
    temp.judge(case.pk, Q1="positive")
    reply = temp.choose(case.pk, "P3")["responses"][-1]
    assert temp.done("send", reply["id"], text="Graag gedaan")["status"] == "queued"
    assert Response.objects.get(pk=reply["id"]).mandate_id == handed["id"]
    assert lead.done("end-mandate", given["id"], reason="Andere functie") == {"done": True}
    assert lead.done("end-mandate", given["id"], reason="Nog eens") == {"done": False}
    assert not outbox.deliver(reply["id"], now=timezone.now() + LATER)
    assert temp.read("case", case.pk)["state"] == "drafting"


def test_nobody_gives_themselves_a_mandate_by_the_api(lead: Api, desk: Desk, noon: datetime) -> None:
    person("els", Role.LEAD)
    asked = {"holder": "bram", "valid_until": (noon + timedelta(days=1)).isoformat()}
    assert lead.refused("grant-mandate", **asked)[1]["code"] == "mandate_refused"


def test_the_lists_ask_no_more_for_a_hundred_than_for_one(officer: Api, desk: Desk, noon: datetime) -> None:
    fill(desk, 1, now=noon)
    few = {name: n_queries(officer, name) for name in ("mandates", "approvals")}
    fill(desk, 99, now=noon)
    assert {name: n_queries(officer, name) for name in few} == few


def fill(desk: Desk, n: int, *, now: datetime) -> None:
    held = Mandate.objects.filter(holder=desk.officer).first()
    for case in desk.hear(*(mention(f"f{n}-{i}", at=now) for i in range(n))):
        approvals.submit(
            drafting(case, by=desk.employee, now=now), Draft("Dank u."), by=desk.employee, now=now
        )
        times = {"valid_from": now, "valid_until": now + timedelta(days=3)}
        Mandate.objects.create(holder=desk.colleague, categories=["*"], delegated_from=held, **times)


def n_queries(officer: Api, name: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        officer.read(name)
    return len(queries)
