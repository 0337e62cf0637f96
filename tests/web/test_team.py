"""The pages of the team: start of the shift, duty plan, and the division of new cases."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from time_machine import Traveller

from cases.models import AssignmentRule, AuditEvent, Case, DutyPost, HandOver, Shift, User
from cases.services import assignment
from tests.cases.steps import watched
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]


def said(screen: Paper) -> str:
    """The words of a page, with one space between them."""
    return " ".join(strip_tags(screen.html).split())


@pytest.fixture
def post(desk: Desk, noon: datetime) -> DutyPost:
    """Webcare: the officer until two hours after noon, then the colleague."""
    post = DutyPost.objects.create(name="webcare")
    end = noon + timedelta(hours=2)
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon - timedelta(hours=4), ends_at=end)
    Shift.objects.create(post=post, person=desk.colleague, starts_at=end, ends_at=end + timedelta(hours=8))
    return post


def test_the_start_of_a_shift_shows_what_is_open_and_who_is_there(
    sit: Sit, desk: Desk, case: Case, post: DutyPost, noon: datetime
) -> None:
    assignment.assign(case, desk.officer, by=desk.lead, now=noon)
    watched(desk, desk.hear(mention(2, at=noon))[0], now=noon)
    screen = sit(desk.officer).open("/shift/")
    assert screen.status == 200
    assert "You are on duty until 15:00" in said(screen)
    assert "webcare: Sanne until 15:00." in said(screen)
    assert "Next: Ilse, from 15:00." in said(screen)
    assert f"/cases/{case.pk}/" in screen.html


def test_a_shift_is_handed_over_by_name_and_its_cases_go_along(
    sit: Sit, desk: Desk, case: Case, post: DutyPost, noon: datetime, at_noon: Traveller
) -> None:
    assignment.assign(case, desk.officer, by=desk.lead, now=noon)
    leaving = sit(desk.officer).open("/shift/")
    form = {"note": "Let op de Loswal", "to": f"post:{post.pk}", "with_cases": "on", "cases": [case.pk]}
    assert leaving.client.post("/shift/hand-over/", form).status_code == 302
    left = HandOver.objects.get()
    coming = sit(desk.colleague).open("/shift/")
    assert "Let op de Loswal" in said(coming)
    assert "1 case goes along to whoever accepts." in said(coming)
    assert "not accepted yet" in said(coming)
    coming.client.post(f"/shift/{left.pk}/ask/", {"text": "Wie belt de krant?"})
    assert "Wie belt de krant?" in said(leaving.open("/shift/"))
    leaving.client.post(f"/shift/{left.pk}/add/", {"text": "Bram belt om drie uur."})
    at_noon.shift(timedelta(hours=2))
    coming.client.post(f"/shift/{left.pk}/accept/")
    case.refresh_from_db()
    left.refresh_from_db()
    assert (case.assignee, left.accepted_by) == (desk.colleague, desk.colleague)
    assert "accepted by Ilse" in said(coming.open("/shift/"))
    assert "Bram belt om drie uur." in said(coming)


def test_the_second_to_accept_is_told_who_was_first(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    sit(desk.officer).client.post("/shift/hand-over/", {"note": "Rustig", "to": f"post:{post.pk}"})
    left = HandOver.objects.get()
    sit(desk.colleague).client.post(f"/shift/{left.pk}/accept/")
    answer = sit(desk.lead).client.post(f"/shift/{left.pk}/accept/", follow=True)
    assert "Ilse has accepted this hand-over already" in answer.content.decode()
    assert AuditEvent.objects.filter(subject=f"hand-over:{left.pk}", action="hand-over accepted").count() == 1


def test_the_duty_lead_plans_weeks_in_one_form_and_everybody_reads_the_plan(sit: Sit, desk: Desk) -> None:
    lead = sit(desk.lead).open("/duty/")
    lead.client.post("/duty/posts/", {"name": "piket", "is_approver": "on"})
    post = DutyPost.objects.get(name="piket")
    form = {
        "person": desk.officer.pk,
        "first": "2026-03-03",
        "begin": "08:00",
        "end": "16:00",
        "weekdays": ["1", "3"],
        "weeks": "2",
    }
    lead.client.post(f"/duty/posts/{post.pk}/plan/", form)
    assert Shift.objects.filter(post=post).count() == 4
    reader = sit(desk.employee).open("/duty/")
    assert "Sanne 08:00–16:00" in said(reader)
    assert "nobody now" in said(reader)
    assert "Plan shifts" not in said(reader)
    refused = lead.client.post(f"/duty/posts/{post.pk}/plan/", form, follow=True)
    assert "Sanne has a shift at piket already" in refused.content.decode()


def test_a_shift_on_a_stale_page_is_not_changed(sit: Sit, desk: Desk, post: DutyPost) -> None:
    shift = post.shifts.get(person=desk.colleague)
    seen = {
        "seen_person": shift.person_id,
        "seen_from": shift.starts_at.isoformat(),
        "seen_until": shift.ends_at.isoformat(),
    }
    lead = sit(desk.lead).client
    change = seen | {"person": desk.lead.pk, "starts_at": "2026-03-02T15:00", "ends_at": "2026-03-02T23:00"}
    assert lead.post(f"/duty/shifts/{shift.pk}/", change).status_code == 302
    shift.refresh_from_db()
    assert shift.person == desk.lead
    assert lead.post(f"/duty/shifts/{shift.pk}/", seen | {"do": "remove"}).status_code == 409
    assert lead.post(f"/duty/shifts/{shift.pk}/", seen | {"do": "remove", "seen_person": desk.lead.pk})
    assert not Shift.objects.filter(pk=shift.pk).exists()


def test_a_rule_is_written_tried_on_the_last_cases_and_moved(
    sit: Sit, desk: Desk, case: Case, post: DutyPost
) -> None:
    lead = sit(desk.lead)
    wrong = {"name": "brand", "words": "(brand", "to": f"post:{post.pk}", "is_active": "on"}
    refused = lead.client.post("/division/new/", wrong)
    assert refused.status_code == 422
    assert "A bracket is opened and not closed. (character 1)" in refused.content.decode()
    lead.client.post("/division/new/", wrong | {"words": "loswal", "languages": "NL"})
    lead.client.post(
        "/division/new/", {"name": "rest", "to": f"person:{desk.employee.pk}", "is_active": "on"}
    )
    page = said(lead.open("/division/"))
    assert "1 of the last 1 cases" in page
    assert "Sanne: 1." in page
    rest = AssignmentRule.objects.get(name="rest")
    lead.client.post(f"/division/{rest.pk}/move/", {"do": "up"})
    assert "Anouk: 1." in said(lead.open("/division/"))
    form = lead.open(f"/division/{rest.pk}/").html
    assert rest.name in form
    stale = {"name": "rest", "to": f"person:{desk.lead.pk}", "seen": rest.edition}
    assert (
        "changed or removed after you opened it"
        in lead.client.post(f"/division/{rest.pk}/", stale).content.decode()
    )


@pytest.mark.parametrize("url", ["/shift/", "/duty/", "/division/"])
def test_a_hundred_of_all_cost_no_more_queries_than_one(
    url: str, sit: Sit, desk: Desk, case: Case, post: DutyPost, noon: datetime
) -> None:
    screen = sit(desk.lead)

    def grow(n: int) -> None:
        for i in range(n):
            start = noon + timedelta(days=1, hours=i)
            Shift.objects.create(
                post=post, person=desk.officer, starts_at=start, ends_at=start + timedelta(hours=1)
            )
            AssignmentRule.objects.create(
                n=AssignmentRule.objects.count() + 1, name=f"r{i}", to_post=post, words="nergens"
            )
            HandOver.objects.create(
                by=desk.officer, note="x", at=noon, post=post, facts={"counts": {"new": 1}}
            )
        for found in desk.hear(*(mention(f"q{n}-{i}", at=noon) for i in range(n))):
            Case.objects.filter(pk=found.pk).update(assignee=desk.lead, is_urgent=True, due_at=noon)

    grow(1)
    screen.open(url)
    with CaptureQueriesContext(connection) as few:
        assert screen.open(url).status == 200
    grow(99)
    with CaptureQueriesContext(connection) as many:
        assert screen.open(url).status == 200
    assert len(many) <= len(few)
