"""Duty, shifts and the division of work by the API: everything that the pages can do."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from cases.models import Case, DutyPost, Shift
from cases.services import assignment
from tests.api.client import Api, sign_in
from tests.world import Desk, mention


@pytest.fixture
def lead(desk: Desk, clock: Traveller) -> Api:
    return sign_in(desk.lead, clock)


@pytest.fixture
def post(desk: Desk) -> DutyPost:
    return DutyPost.objects.create(name="webcare")


def test_a_week_is_planned_changed_and_removed(lead: Api, desk: Desk, post: DutyPost) -> None:
    pattern = {"person": "sanne", "first": "2026-03-03", "begin": "08:00", "end": "16:00"}
    plan = lead.done("plan-shifts", post.pk, **pattern, weekdays=[1, 2], weeks=1)["results"][0]
    assert [shift["person"]["username"] for shift in plan["shifts"]] == ["sanne", "sanne"]
    first = plan["shifts"][0]
    seen = {"seen_person": "sanne", "seen_from": first["starts_at"], "seen_until": first["ends_at"]}
    change = {"person": "ilse", "starts_at": first["starts_at"], "ends_at": first["ends_at"]}
    changed = lead.done("change-shift", first["id"], **seen, **change)["results"][0]
    assert changed["shifts"][0]["person"]["username"] == "ilse"
    assert lead.refused("remove-shift", first["id"], **seen)[0] == 409
    left = lead.done("remove-shift", first["id"], **{**seen, "seen_person": "ilse"})["results"][0]
    assert len(left["shifts"]) == 1
    status, body = lead.refused("plan-shifts", post.pk, **pattern, weekdays=[2])
    assert (status, body["code"]) == (422, "rota_refused")


def test_posts_are_added_and_put_out_of_use(lead: Api, desk: Desk) -> None:
    added = lead.done("add-post", name="piket", is_approver=True)["results"][0]
    assert (added["here"], added["next_at"], added["post"]["is_approver"]) == ([], None, True)
    number = added["post"]["id"]
    changed = lead.done("change-post", number, name="piket", is_active=False)["results"][0]
    assert (changed["post"]["is_active"], changed["gaps"]) == (False, [])
    assert lead.refused("add-post", name="Piket")[1]["code"] == "rota_refused"


def test_a_hand_over_is_left_asked_about_added_to_and_accepted_once(
    lead: Api, officer: Api, desk: Desk, post: DutyPost, case: Case
) -> None:
    assignment.assign(case, desk.officer, by=desk.lead, now=desk.now)
    officer.done("leave-shift", note="Let op de Loswal", post=post.pk, cases=[case.pk, 999])
    waiting = lead.read("shift")["waiting"][0]
    assert (waiting["facts"]["cases"], waiting["facts"]["counts"]["new"]) == ([case.pk], 1)
    lead.done("ask-shift", waiting["id"], text="Wie belt?")
    officer.done("add-to-shift", waiting["id"], text="Ik.")
    assert officer.refused("accept-shift", waiting["id"])[1]["code"] == "hand_over_refused"
    page = lead.done("accept-shift", waiting["id"])
    assert (page["waiting"], page["last"]["accepted_by"]["username"]) == ([], "bram")
    assert page["sections"][0]["n"] == 1
    assert lead.refused("accept-shift", waiting["id"])[0] == 409
    people = {row["person"]["username"]: row["n_assigned"] for row in lead.read("workload")["results"]}
    assert (people["bram"], people["sanne"]) == (1, 0)


def test_rules_are_added_changed_raised_and_removed(
    lead: Api, desk: Desk, post: DutyPost, case: Case
) -> None:
    lead.done("add-rule", name="brand", words="brandweer", to_post=post.pk, by_load=True)
    page = lead.done("add-rule", name="rest", to_person="ilse")
    assert [rule["n_fitting"] for rule in page["results"]] == [1, 0]
    assert page["n_nobody"] == 1
    rest = page["results"][1]
    raised = lead.done("raise-rule", rest["id"])["results"]
    assert [rule["name"] for rule in raised] == ["rest", "brand"]
    change = {"name": "rest", "to_person": "ilse", "words": "rook", "seen": raised[0]["edition"]}
    assert lead.done("change-rule", rest["id"], **change)["results"][0]["words"] == "rook"
    assert lead.refused("change-rule", rest["id"], **change)[1]["code"] == "rule_changed"
    status, body = lead.refused("add-rule", name="x", words="(brand", to_person="ilse")
    assert (status, body["code"], body["position"]) == (422, "bad_query", 1)
    assert lead.refused("add-rule", name="x")[1]["code"] == "rule_refused"
    assert len(lead.done("remove-rule", rest["id"])["results"]) == 1


@pytest.mark.parametrize("name", ["duty", "shift", "workload", "division"])
def test_a_hundred_rows_cost_no_more_queries_than_one(
    name: str, lead: Api, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    def grow(n: int) -> None:
        for i in range(n):
            start = noon + timedelta(hours=i)
            end = start + timedelta(hours=1)
            Shift.objects.create(post=post, person=desk.officer, starts_at=start, ends_at=end)
        for found in desk.hear(*(mention(f"q{n}-{i}", at=noon) for i in range(n))):
            Case.objects.filter(pk=found.pk).update(assignee=desk.officer)

    grow(1)
    lead.read(name)
    with CaptureQueriesContext(connection) as few:
        lead.read(name)
    grow(99)
    with CaptureQueriesContext(connection) as many:
        lead.read(name)
    assert len(many) <= len(few)
