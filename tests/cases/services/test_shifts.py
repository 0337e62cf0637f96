"""From one shift to the next: written down, accepted once by name, told again when nobody accepts."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case, DutyPost, HandOver, Notification, Shift, User
from cases.rules.permissions import Role
from cases.services import assignment, audit, shifts
from cases.services.shifts import HandOverRefused, Leaving
from tests.world import Desk, mention, person

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def post(desk: Desk, noon: datetime) -> DutyPost:
    """The officer leaves at two; the colleague comes then."""
    post = DutyPost.objects.create(name="webcare")
    end = noon + timedelta(hours=2)
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon - timedelta(hours=6), ends_at=end)
    Shift.objects.create(post=post, person=desk.colleague, starts_at=end, ends_at=end + timedelta(hours=8))
    return post


def leave(
    desk: Desk, *, post: DutyPost | None = None, to: User | None = None, cases: list[int] | None = None
) -> HandOver:
    leaving = Leaving("Let op de Loswal", {"new": 3}, post=post, to=to, case_ids=cases or [])
    return shifts.hand_over(leaving, by=desk.officer, now=desk.now)


def told(left: HandOver) -> list[tuple[str, str]]:
    sent = Notification.objects.filter(about=f"hand-over:{left.pk}", channel="in-app").order_by("pk")
    return [(str(message.recipient), message.facts["what"]) for message in sent.select_related("recipient")]


def test_who_comes_next_at_the_post_is_told_and_who_left_hears_that_it_was_accepted(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    left = leave(desk, post=post)
    shifts.accept(left.pk, by=desk.colleague, now=noon + timedelta(hours=2))
    assert told(left) == [("Ilse", "left"), ("Sanne", "accepted")]
    assert audit.verify() == []


def test_cases_go_along_when_it_is_accepted_and_not_before_nor_when_they_are_done_or_given_away(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(4)))
    for case in cases[:3]:
        assignment.assign(case, desk.officer, by=desk.officer, now=noon)
    left = leave(desk, post=post, cases=[case.pk for case in cases])
    assert Case.objects.get(pk=cases[0].pk).assignee == desk.officer
    assignment.assign(cases[1], desk.lead, by=desk.lead, now=noon)
    Case.objects.filter(pk=cases[2].pk).update(state="closed")
    assert shifts.accept(left.pk, by=desk.colleague, now=noon) == [cases[0].pk]
    event = AuditEvent.objects.filter(subject=audit.subject_of(cases[0].pk)).latest("seq")
    assert (event.action, event.facts) == ("assigned", {"to": "Ilse", "hand_over": left.pk})
    owners = dict(Case.objects.values_list("pk", "assignee"))
    assert owners[cases[1].pk] == desk.lead.pk
    assert owners[cases[2].pk] == desk.officer.pk
    assert owners[cases[3].pk] is None


def test_it_is_accepted_once_and_not_by_who_wrote_it(desk: Desk, post: DutyPost, noon: datetime) -> None:
    left = leave(desk, post=post)
    with pytest.raises(HandOverRefused, match="You wrote this note yourself"):
        shifts.accept(left.pk, by=desk.officer, now=noon)
    shifts.accept(left.pk, by=desk.colleague, now=noon)
    for late in (shifts.accept, lambda pk, **how: shifts.ask(pk, "En?", **how)):
        with pytest.raises(HandOverRefused, match="Ilse has accepted this hand-over already"):
            late(left.pk, by=desk.lead, now=noon)


def test_what_is_for_one_person_is_accepted_by_them_or_the_duty_lead(desk: Desk, noon: datetime) -> None:
    left = leave(desk, to=desk.colleague)
    with pytest.raises(HandOverRefused, match="This is handed over to Ilse"):
        shifts.accept(left.pk, by=desk.employee, now=noon)
    shifts.accept(left.pk, by=desk.lead, now=noon)
    assert told(left) == [("Ilse", "left"), ("Sanne", "accepted")]


def test_who_receives_asks_to_add_and_who_left_adds(desk: Desk, post: DutyPost, noon: datetime) -> None:
    left = leave(desk, post=post)
    shifts.ask(left.pk, "Wie belt de krant?", by=desk.colleague, now=noon)
    with pytest.raises(HandOverRefused, match="Only Sanne can add"):
        shifts.add(left.pk, "Ik", by=desk.colleague, now=noon)
    shifts.add(left.pk, "Bram belt.", by=desk.officer, now=noon + timedelta(minutes=1))
    left.refresh_from_db()
    said = [left.facts[kind][0]["text"] for kind in ("asked", "added")]
    assert said == ["Wie belt de krant?", "Bram belt."]
    assert told(left) == [("Ilse", "left"), ("Sanne", "asked"), ("Ilse", "added")]


@pytest.mark.parametrize(("note", "to_self"), [("  ", False), ("Rustig", True)])
def test_a_hand_over_without_a_note_or_to_oneself_is_refused(note: str, to_self: bool, desk: Desk) -> None:
    leaving = Leaving(note, {}, to=desk.officer if to_self else None)
    with pytest.raises(HandOverRefused):
        shifts.hand_over(leaving, by=desk.officer, now=desk.now)


def test_a_hand_over_that_nobody_accepts_is_told_again_once_to_who_is_there_and_the_lead(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    left = leave(desk, post=post)
    assert shifts.remind(now=noon + timedelta(minutes=29)) == 0
    for minutes in (30, 31, 90):
        shifts.remind(now=noon + timedelta(minutes=minutes))
    assert told(left) == [("Ilse", "left"), ("Ilse", "waits"), ("Bram", "waits")]
    assert shifts.remind(now=noon + timedelta(days=3)) == 0


def test_who_is_made_responsible_is_told_and_nobody_is_told_of_their_own_doing(
    desk: Desk, case: Case, noon: datetime
) -> None:
    assignment.assign(case, desk.officer, by=desk.officer, now=noon)
    assignment.assign(case, desk.colleague, by=desk.officer, now=noon)
    assignment.assign(case, desk.colleague, by=desk.lead, now=noon)  # already theirs: nothing happens
    sent = Notification.objects.filter(kind="assigned")
    assert [(str(message.recipient), message.channel) for message in sent] == [("Ilse", "in-app")]


def test_a_receiver_who_may_not_hand_over_is_not_told(desk: Desk, noon: datetime) -> None:
    post = DutyPost.objects.create(name="kantoor")
    analyst = person("ana", Role.ANALYST)
    Shift.objects.create(post=post, person=analyst, starts_at=noon, ends_at=noon + timedelta(hours=1))
    assert told(leave(desk, post=post)) == []
