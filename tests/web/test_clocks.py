"""The page of targets and calendars: read by the team, changed by who runs it, refused in words."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cases.models import Calendar, Case, SpecialDay, Target
from cases.rules.permissions import Role
from tests.web.paper import Paper
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db]
WEEK = {f"day_{n}": "9-12:30, 13-17" for n in range(5)}


@pytest.fixture
def lead(screen: Paper, desk: Desk) -> Paper:
    screen.client.force_login(desk.lead)
    return screen


def test_one_click_brings_office_hours_and_targets(lead: Paper) -> None:
    lead.client.post("/clocks/begin/", {"country": "NL"})
    assert Calendar.objects.get().country == "NL"
    assert Target.objects.exists()
    page = lead.open("/clocks/")
    assert page.status == 200


def test_a_target_is_set_and_dropped(lead: Paper) -> None:
    asked = {"kind": "response", "category": "untruth", "amount": "2", "unit": "hours"}
    lead.client.post("/clocks/targets/", asked)
    target = Target.objects.get()
    assert (target.category, target.minutes) == ("untruth", 120)
    lead.client.post(f"/clocks/targets/{target.pk}/", {"seen": target.edition})
    assert not Target.objects.exists()


def test_a_calendar_is_added_changed_and_given_a_free_day(lead: Paper) -> None:
    lead.client.post("/clocks/calendars/", {"name": "Kantoor", "country": "NL", **WEEK})
    made = Calendar.objects.get()
    day = {"day": "2026-12-24", "name": "Kerstavond", "hours": "9-12"}
    lead.client.post(f"/clocks/calendars/{made.pk}/days/", day)
    assert SpecialDay.objects.get().hours == [["09:00", "12:00"]]
    lead.client.post(f"/clocks/calendars/{made.pk}/days/", {"day": "2026-12-24", "do": "drop"})
    assert not SpecialDay.objects.exists()
    changed = {"name": "Kantoor", "seen": made.edition, "day_0": "10-11"}
    lead.client.post(f"/clocks/calendars/{made.pk}/", changed)
    made.refresh_from_db()
    assert made.hours == {"0": [["10:00", "11:00"]]}


def test_hours_that_cannot_be_are_refused_in_words(lead: Paper) -> None:
    answer = lead.client.post("/clocks/calendars/", {"name": "X", "day_0": "17-9"}, follow=True)
    assert "17-9" in answer.content.decode()
    assert not Calendar.objects.exists()


def test_who_may_not_change_reads_and_is_refused(screen: Paper, desk: Desk, noon: datetime) -> None:
    screen.client.force_login(person("wil", Role.WATCHER))
    assert screen.open("/clocks/").status == 200
    assert screen.client.post("/clocks/begin/").status_code == 403


@pytest.mark.parametrize("url", ["/inbox/", "/figures/", "/shift/"])
def test_what_becomes_late_is_said_before_it_is(url: str, screen: Paper, case: Case) -> None:
    warning = "1 case more becomes late."
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(hours=9))
    assert warning not in screen.open(url).html
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(hours=1))
    assert warning in screen.open(url).html


def test_the_forecast_is_not_asked_again_for_the_next_post_nor_without_work(
    screen: Paper, case: Case
) -> None:
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(hours=1))
    beside = screen.client.get("/inbox/", headers={"hx-request": "true", "hx-target": "pane"})
    assert beside.context["forecast"] is None
    Case.objects.filter(pk=case.pk).update(state="closed")
    assert screen.client.get("/inbox/").context["forecast"] is None
