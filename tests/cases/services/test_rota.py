"""The duty plan and what it decides: who approves, who is alone, who is there."""

from datetime import date, datetime, time, timedelta

import pytest

from cases import duty
from cases.models import AuditEvent, DutyPost, Shift, User
from cases.reads import rota as rota_read
from cases.rules.permissions import Role
from cases.rules.shifts import Pattern
from cases.services import audit, rota
from cases.services.rota import PostPlan, RotaRefused, ShiftChanged, ShiftSeen
from tests.world import Desk, person

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def post(desk: Desk) -> DutyPost:
    return rota.add_post(PostPlan("webcare", is_approver=True), by=desk.lead, now=desk.now)


def at_post(post: DutyPost, who: User, start: datetime, hours: int = 8) -> Shift:
    end = start + timedelta(hours=hours)
    return Shift.objects.create(post=post, person=who, starts_at=start, ends_at=end)


def seen(shift: Shift) -> ShiftSeen:
    return ShiftSeen(shift.person_id, shift.starts_at, shift.ends_at)


def test_without_a_plan_everybody_who_may_approve_is_asked_and_nobody_is_alone(
    desk: Desk, noon: datetime
) -> None:
    assert duty.approvers(now=noon) == [desk.officer, desk.lead, desk.colleague]
    assert not duty.is_alone(desk.officer, now=noon)
    User.objects.exclude(pk=desk.officer.pk).update(is_active=False)
    assert duty.is_alone(desk.officer, now=noon)


def test_with_shifts_now_who_is_there_approves_and_who_has_nobody_beside_them_is_alone(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    at_post(post, desk.officer, noon)
    assert duty.approvers(now=noon) == [desk.officer]
    assert duty.is_alone(desk.officer, now=noon)
    assert not duty.is_alone(desk.lead, now=noon)  # the officer is there
    at_post(DutyPost.objects.create(name="piket"), desk.lead, noon)
    assert not duty.is_alone(desk.officer, now=noon)
    assert duty.on_duty(post, now=noon) == [desk.officer]
    assert duty.on_duty(now=noon) == [desk.officer, desk.lead]


def test_the_end_of_a_shift_is_excluded_and_who_may_not_approve_is_no_company(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    at_post(post, desk.officer, noon)
    at_post(post, desk.employee, noon)
    assert duty.is_alone(desk.officer, now=noon)
    later = noon + timedelta(hours=8)
    assert duty.on_duty(now=later) == []
    assert len(duty.approvers(now=later)) == 3


def test_weeks_are_planned_all_or_none_and_written_in_the_trail_of_the_post(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    pattern = Pattern(date(2026, 3, 23), time(22), time(6), frozenset({5, 6}), 2)
    planned = rota.plan_shifts(post.pk, desk.officer, pattern, by=desk.lead, now=noon)
    hours = [(shift.ends_at - shift.starts_at) / timedelta(hours=1) for shift in planned]
    assert hours == [7, 8, 8, 8]  # the clock goes forward in the first night
    one = Pattern(date(2026, 3, 29), time(23), time(23, 30))
    with pytest.raises(RotaRefused, match="Sanne has a shift at webcare already"):
        rota.plan_shifts(post.pk, desk.officer, one, by=desk.lead, now=noon)
    with pytest.raises(RotaRefused):
        rota.plan_shifts(
            post.pk,
            desk.officer,
            Pattern(one.first, one.begin, one.end, frozenset({6}), 2),
            by=desk.lead,
            now=noon,
        )
    assert Shift.objects.count() == 4
    rota.plan_shifts(post.pk, desk.colleague, one, by=desk.lead, now=noon)  # two at one post may be
    actions = AuditEvent.objects.filter(subject=f"duty:{post.pk}").order_by("seq")
    assert [event.action for event in actions] == ["duty post added", "shifts planned", "shifts planned"]
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (Pattern(date(2026, 3, 1), time(8), time(16)), "over already"),
        (Pattern(date(2026, 3, 9), time(8), time(16), frozenset({1}), 27), "between 1 and 26 weeks"),
        (Pattern(date(2026, 3, 29), time(2, 10), time(2, 50)), "hold no shift"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_reason(
    pattern: Pattern, why: str, desk: Desk, post: DutyPost, noon: datetime
) -> None:
    with pytest.raises(RotaRefused, match=why):
        rota.plan_shifts(post.pk, desk.officer, pattern, by=desk.lead, now=noon)


def test_a_post_out_of_use_takes_no_shifts_and_its_name_is_nobody_elses(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    at_post(post, desk.officer, noon)
    rota.change_post(post.pk, PostPlan("webcare", is_active=False), by=desk.lead, now=noon)
    assert duty.on_duty(now=noon) == []
    with pytest.raises(RotaRefused, match="out of use"):
        rota.plan_shifts(
            post.pk, desk.lead, Pattern(date(2026, 3, 9), time(8), time(16)), by=desk.lead, now=noon
        )
    with pytest.raises(RotaRefused, match="choose another name"):
        rota.add_post(PostPlan("Webcare "), by=desk.lead, now=noon)


def test_a_running_shift_keeps_its_start_and_is_ended_not_removed(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    shift = at_post(post, desk.officer, noon - timedelta(hours=1))
    other = noon, shift.ends_at
    with pytest.raises(RotaRefused, match="its start stays"):
        rota.change_shift(shift.pk, desk.officer, other, seen=seen(shift), by=desk.lead, now=noon)
    with pytest.raises(RotaRefused, match="End it earlier"):
        rota.remove_shift(shift.pk, seen=seen(shift), by=desk.lead, now=noon)
    sooner = shift.starts_at, noon + timedelta(hours=1)
    rota.change_shift(shift.pk, desk.officer, sooner, seen=seen(shift), by=desk.lead, now=noon)
    with pytest.raises(ShiftChanged):
        rota.change_shift(shift.pk, desk.officer, sooner, seen=seen(shift), by=desk.lead, now=noon)


def test_the_plan_shows_who_is_there_who_is_next_and_every_gap(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    at_post(post, desk.officer, noon - timedelta(hours=1), hours=3)
    at_post(post, desk.colleague, noon + timedelta(hours=4), hours=4)
    (planned,) = rota_read.plan(now=noon)
    assert [shift.person for shift in planned.here] == [desk.officer]
    assert (planned.next_people, planned.next_at) == ([desk.colleague], noon + timedelta(hours=4))
    first = planned.days[0]
    midnight = datetime(2026, 3, 2, 23, 0, tzinfo=noon.tzinfo)  # midnight in Amsterdam
    assert list(first.gaps) == [
        (noon + timedelta(hours=2), noon + timedelta(hours=4)),
        (noon + timedelta(hours=8), midnight),
    ]
    assert len(planned.days) == 14


def test_nobody_who_left_is_on_duty(desk: Desk, post: DutyPost, noon: datetime) -> None:
    at_post(post, person("weg", Role.OFFICER, is_active=False), noon)
    assert duty.on_duty(post, now=noon) == []
