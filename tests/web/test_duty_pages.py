"""The pages of the duty plan: patterns with a preview, swaps, absences, watches that stay with a post."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cases.models import Absence, AuditEvent, DutyPost, HandOver, RotaPattern, Shift, Swap, User, Watch
from tests.cases.steps import watched
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(screen: Paper) -> str:
    return " ".join(strip_tags(screen.html).split())


@pytest.fixture
def post(desk: Desk) -> DutyPost:
    return DutyPost.objects.create(name="piket", function="officer")


def turns(person: User, **more: str) -> dict[str, object]:
    """A pattern as its form sends it: office hours on working days."""
    return {
        "first": "2026-03-02",
        "n_weeks": "1",
        "on_holidays": "as usual",
        "rows": "2",
        "r0-days": ["0", "1", "2", "3", "4"],
        "r0-begin": "08:00",
        "r0-end": "17:00",
        "r0-person": str(person.pk),
        **more,
    }


def test_a_pattern_is_previewed_saved_and_changed(sit: Sit, desk: Desk, post: DutyPost) -> None:
    lead = sit(desk.lead).open(f"/duty/posts/{post.pk}/pattern/")
    address = f"/duty/posts/{post.pk}/pattern/"
    shown = lead.client.post(address, {**turns(desk.officer), "do": "preview"}).content.decode()
    assert "shifts change: 59 new, 0 other, 0 removed." in shown
    assert not RotaPattern.objects.exists() and 'value="08:00"' in shown
    half = lead.client.post(address, {**turns(desk.officer), "r0-begin": "", "do": "save"})
    assert half.status_code == 422 and "A turn needs days" in half.content.decode()
    assert lead.client.post(address, {**turns(desk.officer), "do": "save"}).status_code == 302
    made = RotaPattern.objects.get()
    assert Shift.objects.filter(post=post).count() == 59
    changed = {**turns(desk.colleague, seen="1"), "do": "save", "r0-kind": "on call"}
    assert lead.client.post(f"/duty/patterns/{made.pk}/", changed).status_code == 302
    assert not Shift.objects.filter(post=post, person=desk.officer, is_by_hand=False).exists()
    assert Shift.objects.filter(post=post, is_on_call=True).count() == 59
    assert lead.client.post(f"/duty/patterns/{made.pk}/", changed).status_code == 409
    week = said(sit(desk.employee).open("/duty/?week=2026-03-11"))
    assert "Ilse 08:00–17:00 on call" in week
    assert "00:00–08:00 nobody" in week and "duty officer" in week
    assert "Every week, from 2 March 2026" in week
    end = {"last": "2026-03-06", "seen": "2"}
    assert lead.client.post(f"/duty/patterns/{made.pk}/end/", end).status_code == 302
    assert Shift.objects.filter(post=post, starts_at__gt=desk.now + 7 * DAY).count() == 0


@pytest.mark.parametrize("day", ["soon", "0001-01-01", "9999-12-31"])
def test_a_week_that_is_none_is_answered_all_the_same(sit: Sit, desk: Desk, post: DutyPost, day: str) -> None:
    assert sit(desk.employee).open(f"/duty/?week={day}").status == 200


def test_a_swap_is_asked_on_ones_own_page_and_taken_over_on_that_of_a_colleague(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    start = noon + DAY
    shift = Shift.objects.create(post=post, person=desk.officer, starts_at=start, ends_at=start + 8 * HOUR)
    mine = sit(desk.officer).open("/duty/mine/")
    form = {
        "seen_person": desk.officer.pk,
        "seen_from": shift.starts_at.isoformat(),
        "seen_until": shift.ends_at.isoformat(),
        "to": f"person:{desk.colleague.pk}",
        "note": "Kun jij?",
    }
    assert mine.client.post(f"/duty/shifts/{shift.pk}/swap/", form).status_code == 302
    swap = Swap.objects.get()
    assert "Take the question back" in said(mine.open("/duty/mine/"))
    assert "I take this shift over" not in said(sit(desk.employee).open("/duty/mine/"))
    theirs = sit(desk.colleague).open("/duty/mine/")
    assert "Sanne asks to be relieved of a shift" in said(theirs) and "Kun jij?" in said(theirs)
    theirs.client.post(f"/duty/swaps/{swap.pk}/", {"do": "take"})
    shift.refresh_from_db()
    assert shift.person == desk.colleague
    again = theirs.client.post(f"/duty/swaps/{swap.pk}/", {"do": "refuse"}, follow=True)
    assert "decided already" in again.content.decode()
    assert "taken over (Ilse)" in said(mine.open("/duty/mine/"))


def test_who_writes_down_that_they_are_away_leaves_a_gap_on_the_plan(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon - HOUR, ends_at=noon + 4 * HOUR)
    officer = sit(desk.officer)
    away = {"starts_at": "2026-03-02T14:00", "ends_at": "2026-03-03T09:00", "reason": "sick"}
    assert officer.client.post("/duty/absences/", away).status_code == 302
    plan = said(officer.open("/duty/"))
    assert "Sanne 12:00–17:00 away" in plan
    assert "14:00–00:00 nobody" in plan
    assert "sick" not in plan
    found = Absence.objects.get()
    assert sit(desk.employee).client.post(f"/duty/absences/{found.pk}/remove/").status_code == 302
    assert Absence.objects.exists()
    officer.client.post(f"/duty/absences/{found.pk}/remove/")
    assert not Absence.objects.exists()


def test_whoever_goes_home_leaves_their_own_watches_with_the_post_in_one_go(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    one, two = (watched(desk, case, now=noon) for case in desk.hear(mention(1, at=noon), mention(2, at=noon)))
    Watch.objects.filter(pk=two.pk).update(watcher=desk.colleague)
    officer = sit(desk.officer).open("/shift/")
    assert "Watches in your own name" in said(officer)
    form = {"post": post.pk, "watches": [one.pk, two.pk]}
    for _press in range(2):
        assert officer.client.post("/shift/watches/", form).status_code == 302
    kept = {watch.pk: (watch.watcher, watch.post) for watch in Watch.objects.all()}
    assert kept == {one.pk: (None, post), two.pk: (desk.colleague, None)}
    assert AuditEvent.objects.filter(action="watch handed on").count() == 1
    assert "Watches in your own name" not in said(officer.open("/shift/"))
    officer.client.post("/shift/hand-over/", {"note": "Rustig", "to": f"post:{post.pk}"})
    assert HandOver.objects.get().facts["watches"] == {"n": 1, "worsened": 0, "blind": 0, "due": 0}
    assert "piket keeps 1 watch: who accepts is called for it." in said(sit(desk.colleague).open("/shift/"))


def test_a_question_or_an_addition_sent_twice_is_kept_once(sit: Sit, desk: Desk, post: DutyPost) -> None:
    sit(desk.officer).client.post("/shift/hand-over/", {"note": "Rustig", "to": f"post:{post.pk}"})
    left = HandOver.objects.get()
    for _press in range(2):
        sit(desk.colleague).client.post(f"/shift/{left.pk}/ask/", {"text": "Wie belt?"})
        sit(desk.officer).client.post(f"/shift/{left.pk}/add/", {"text": "Bram belt."})
    left.refresh_from_db()
    assert [len(left.facts[kind]) for kind in ("asked", "added")] == [1, 1]


@pytest.mark.parametrize("address", ["/duty/", "/duty/mine/", "/shift/"])
def test_the_plan_asks_as_much_for_a_hundred_shifts_as_for_one(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime, address: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert screen.open(address).status == 200
        return len(asked)

    screen = sit(desk.officer)

    def plan(n: int) -> None:
        start = noon + n * HOUR
        shift = Shift.objects.create(post=post, person=desk.officer, starts_at=start, ends_at=start + HOUR)
        Swap.objects.create(shift=shift, for_person=desk.officer, asked_by=desk.officer, asked_at=noon)
        away = noon + (200 + n) * HOUR
        Absence.objects.create(person=desk.officer, starts_at=away, ends_at=away + HOUR)

    plan(1)
    queries()
    few = queries()
    for n in range(2, 102):
        plan(n)
    assert queries() == few


def test_a_calendar_reads_ones_shifts_by_an_address_that_a_new_one_ends(
    sit: Sit, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon, ends_at=noon + HOUR, is_on_call=True)
    Shift.objects.create(post=post, person=desk.lead, starts_at=noon, ends_at=noon + 2 * HOUR)
    officer, stranger = sit(desk.officer), Client()
    officer.client.post("/duty/mine/address/")
    page = officer.open("/duty/mine/").html
    (address,) = re.findall(r"http://[^\"]+(/duty/feed/[^\"]+)", page)
    text = stranger.get(address).content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20260302T120000Z" in text and "SUMMARY:piket (oproepbaar)" in text
    assert stranger.get(address.replace("-1.", "-2.")).status_code == 404
    officer.client.post("/duty/mine/address/")
    assert stranger.get(address).status_code == 404
    assert AuditEvent.objects.filter(action="calendar address made").count() == 2
