"""Patterns, absences, swaps and gaps: the plan follows, and keeps what was done by hand."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from cases import duty
from cases.models import Absence, AuditEvent, DutyPost, Notification, RotaPattern, Shift, Swap, User
from cases.reads import rota as rota_read
from cases.rules.ladders import Function
from cases.rules.patterns import Slot, Weeks
from cases.services import absences, audit, patterns, rota, shortfalls, swaps
from cases.services.patterns import PatternChanged, PatternPlan
from cases.services.rota import PostPlan, RotaRefused, ShiftChanged, seen_as
from cases.services.swaps import SwapPlan, SwapRefused
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture
def post(desk: Desk) -> DutyPost:
    return rota.add_post(PostPlan("webcare", function=Function.OFFICER), by=desk.lead, now=desk.now)


def every_day(person: User, first: date, begin: int = 8, end: int = 17) -> PatternPlan:
    slots = tuple(Slot(0, 0, day, time(begin), time(end), person.pk) for day in range(7))
    return PatternPlan(Weeks(first, slots))


def planned(post: DutyPost) -> list[tuple[int, datetime, datetime, bool]]:
    rows = Shift.objects.filter(post=post).order_by("starts_at", "person")
    return list(rows.values_list("person", "starts_at", "ends_at", "is_on_call"))


@pytest.fixture
def pattern(desk: Desk, post: DutyPost) -> RotaPattern:
    first = timezone.localdate(desk.now)
    made, _done = patterns.add_pattern(post.pk, every_day(desk.officer, first), by=desk.lead, now=desk.now)
    return made


def coming(post: DutyPost, desk: Desk, n: int = 0) -> Shift:
    """The n-th shift that begins at least a day from now."""
    return Shift.objects.filter(post=post, starts_at__gt=desk.now + DAY).order_by("starts_at")[n]


def test_a_pattern_is_written_out_for_more_than_eight_weeks_and_no_more_when_done_again(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    before = planned(post)
    assert before[-1][1] > desk.now + 8 * WEEK
    assert patterns.write_out(pattern.pk, now=desk.now) == 0
    assert planned(post) == before
    assert patterns.write_out(pattern.pk, now=desk.now + WEEK) == 7
    assert planned(post)[: len(before)] == before
    actions = [event.action for event in AuditEvent.objects.filter(subject=f"duty:{post.pk}")]
    assert actions[-2:] == ["pattern added", "pattern written out"]
    assert audit.verify() == []


def test_a_changed_pattern_leaves_alone_what_was_changed_by_hand_and_what_was_removed(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    own, gone = coming(post, desk, 0), coming(post, desk, 1)
    span = own.starts_at, own.ends_at
    rota.change_shift(own.pk, desk.colleague, span, seen=seen_as(own), by=desk.lead, now=desk.now)
    rota.remove_shift(gone.pk, seen=seen_as(gone), by=desk.lead, now=desk.now)
    plan = every_day(desk.lead, pattern.first, begin=9)
    preview = patterns.preview(post.pk, plan, now=desk.now, pattern_id=pattern.pk)
    done = patterns.change_pattern(pattern.pk, plan, seen=1, by=desk.lead, now=desk.now)
    assert (preview.n, preview.n_kept) == (done.n, done.n_kept)
    assert done.n_kept == 1 and not done.added and not done.removed
    assert Shift.objects.get(pk=own.pk).person == desk.colleague
    days = Shift.objects.filter(post=post, day=gone.day)
    assert not days.exists()
    rest = Shift.objects.filter(post=post, starts_at__gt=desk.now).exclude(pk=own.pk)
    assert {shift.person_id for shift in rest} == {desk.lead.pk}
    assert {timezone.localtime(shift.starts_at).hour for shift in rest} == {9}
    with pytest.raises(PatternChanged):
        patterns.change_pattern(pattern.pk, plan, seen=1, by=desk.lead, now=desk.now)


def test_a_shift_that_runs_stays_when_its_pattern_changes(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    first = Shift.objects.filter(post=post).earliest("starts_at")
    now = first.starts_at + HOUR
    plan = every_day(desk.lead, pattern.first)
    patterns.change_pattern(pattern.pk, plan, seen=1, by=desk.lead, now=now)
    assert duty.on_duty(post, now=now) == [desk.officer]
    assert duty.on_duty(post, now=now + DAY) == [desk.lead]


def test_an_ended_pattern_leaves_nothing_behind_its_last_day(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    last = pattern.first + 10 * DAY
    patterns.end_pattern(pattern.pk, last, seen=1, by=desk.lead, now=desk.now)
    assert Shift.objects.filter(post=post).latest("starts_at").day == last
    assert patterns.write_out(pattern.pk, now=desk.now + WEEK) == 0
    patterns.end_pattern(pattern.pk, pattern.first - DAY, seen=2, by=desk.lead, now=desk.now)
    assert not RotaPattern.objects.exists()
    assert not Shift.objects.filter(post=post, starts_at__gt=desk.now).exists()


def test_turns_of_somebody_who_has_a_shift_there_then_are_left_out_and_said(
    desk: Desk, post: DutyPost
) -> None:
    start = desk.now + DAY
    Shift.objects.create(post=post, person=desk.officer, starts_at=start, ends_at=start + 10 * HOUR)
    plan = every_day(desk.officer, timezone.localdate(desk.now))
    preview = patterns.preview(post.pk, plan, now=desk.now)
    assert len(preview.clashes) == 1
    patterns.add_pattern(post.pk, plan, by=desk.lead, now=desk.now)
    assert Shift.objects.filter(post=post).count() == 1 + len(preview.added)


@pytest.mark.parametrize(
    ("weeks", "why"),
    [
        (Weeks(date(2026, 3, 2), ()), "between 1 and 200 turns"),
        (Weeks(date(2026, 3, 2), (Slot(0, 1, 0, time(8), time(9), 1),)), "week that this pattern does not"),
        (Weeks(date(2026, 3, 2), (Slot(0, 0, 0, time(8), time(9), 1),), 27), "between 1 and 26 weeks"),
        (Weeks(date(2026, 3, 2), (Slot(0, 0, 0, time(8), time(9), 1),), 1, date(2026, 3, 1)), "later last"),
        (Weeks(date(2026, 3, 2), (Slot(0, 0, None, time(8), time(9), 1),)), "Choose both, or neither"),
        (
            Weeks(date(2026, 3, 2), (Slot(0, 0, 0, time(8), time(9), 8_999_999),)),
            "whose role can have a shift",
        ),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_what_is_wrong(
    desk: Desk, post: DutyPost, weeks: Weeks, why: str
) -> None:
    with pytest.raises(RotaRefused, match=why):
        patterns.add_pattern(post.pk, PatternPlan(weeks), by=desk.lead, now=desk.now)
    assert not RotaPattern.objects.exists()


def test_who_is_away_is_not_on_duty_and_leaves_a_gap_until_they_are_back(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    shift = coming(post, desk)
    span = shift.starts_at + 2 * HOUR, shift.starts_at + 4 * HOUR
    away = absences.add_absence(desk.officer, span, "sick", by=desk.officer, now=desk.now)
    assert duty.on_duty(post, now=span[0]) == []
    assert duty.on_duty(post, now=span[1]) == [desk.officer]
    found = duty.now_and_next(post, now=span[0])
    assert (found.now, found.next_at) == ([], span[1])
    open_ = shortfalls.open_gaps(post, now=desk.now)
    assert span in open_
    (event,) = AuditEvent.objects.filter(subject=f"away:{desk.officer.pk}")
    assert "sick" not in str(event.facts)
    with pytest.raises(RotaRefused, match="away already"):
        absences.add_absence(desk.officer, span, "leave", by=desk.officer, now=desk.now)
    with pytest.raises(RotaRefused, match="yourself only"):
        absences.remove_absence(away.pk, by=desk.employee, now=desk.now)
    absences.remove_absence(away.pk, by=desk.lead, now=span[0] + HOUR)
    assert Absence.objects.get().ends_at == span[0] + HOUR
    assert span not in shortfalls.open_gaps(post, now=desk.now)


def test_a_week_shows_shifts_gaps_and_who_is_away(desk: Desk, post: DutyPost, pattern: RotaPattern) -> None:
    shift = coming(post, desk)
    assert shift.day
    absences.add_absence(desk.officer, (shift.starts_at, shift.ends_at), "leave", by=desk.lead, now=desk.now)
    found = rota_read.week(shift.day, now=desk.now)
    (line,) = found.posts
    day = next(each for each in line.days if each.day == shift.day)
    assert day.entries == [(shift, True)]
    assert any(start <= shift.starts_at and shift.ends_at <= end for start, end in day.gaps)
    assert found.monday.weekday() == 0 and found.after - found.before == timedelta(days=14)
    assert line.patterns == [pattern]


def test_who_is_on_now_and_next_with_until_when_and_whether_on_call(desk: Desk, post: DutyPost) -> None:
    now = desk.now
    first = Shift.objects.create(
        post=post, person=desk.officer, starts_at=now - HOUR, ends_at=now + HOUR, is_on_call=True
    )
    Shift.objects.create(post=post, person=desk.lead, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    found = duty.now_and_next(post, now=now)
    assert [(turn.person, turn.until, turn.is_on_call) for turn in found.now] == [
        (desk.officer, first.ends_at, True)
    ]
    assert [(turn.person, turn.since) for turn in found.next] == [(desk.lead, now + HOUR)]
    assert duty.now_and_next(post, now=now + HOUR).now[0].person == desk.lead


def ask(desk: Desk, shift: Shift, **more: object) -> Swap:
    return swaps.ask(SwapPlan(shift.pk, seen_as(shift), **more), by=shift.person, now=desk.now)  # type: ignore[arg-type]


def test_a_shift_taken_over_by_name_stays_with_the_taker_when_the_pattern_is_written_out(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    shift = coming(post, desk)
    swap = ask(desk, shift)
    told = Notification.objects.filter(kind="swap asked", channel="in-app").values_list(
        "recipient", flat=True
    )
    assert set(told) == {desk.colleague.pk, desk.lead.pk, desk.employee.pk}
    swaps.take(swap.pk, by=desk.colleague, now=desk.now)
    assert Shift.objects.get(pk=shift.pk).person == desk.colleague
    assert patterns.write_out(pattern.pk, now=desk.now) == 0
    heard = Notification.objects.filter(kind="swap decided", channel="in-app")
    assert set(heard.values_list("recipient", flat=True)) == {desk.officer.pk, desk.colleague.pk}
    with pytest.raises(SwapRefused, match="decided already"):
        swaps.take(swap.pk, by=desk.lead, now=desk.now)
    assert Shift.objects.get(pk=shift.pk).person == desk.colleague


def test_a_swap_for_a_shift_in_return_changes_both_or_none(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    mine = coming(post, desk, 0)
    night = mine.ends_at, mine.ends_at + 8 * HOUR
    theirs = Shift.objects.create(post=post, person=desk.colleague, starts_at=night[0], ends_at=night[1])
    swap = ask(desk, mine, to=desk.colleague, against_id=theirs.pk)
    with pytest.raises(SwapRefused, match="asked of Ilse"):
        swaps.take(swap.pk, by=desk.lead, now=desk.now)
    span = mine.starts_at - HOUR, mine.starts_at + HOUR
    busy = Shift.objects.create(post=post, person=desk.colleague, starts_at=span[0], ends_at=span[1])
    with pytest.raises(SwapRefused, match="has a shift at webcare then"):
        swaps.take(swap.pk, by=desk.colleague, now=desk.now)
    people = {mine.pk: desk.officer, theirs.pk: desk.colleague}
    assert {pk: Shift.objects.get(pk=pk).person for pk in people} == people
    busy.delete()
    swaps.take(swap.pk, by=desk.colleague, now=desk.now)
    assert Shift.objects.get(pk=mine.pk).person == desk.colleague
    assert Shift.objects.get(pk=theirs.pk).person == desk.officer


def test_only_whose_it_is_or_who_plans_asks_refuses_and_takes_back(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    shift = coming(post, desk)
    plan = SwapPlan(shift.pk, seen_as(shift), to=desk.colleague)
    with pytest.raises(SwapRefused, match="Only they can ask"):
        swaps.ask(plan, by=desk.employee, now=desk.now)
    swap = swaps.ask(plan, by=desk.lead, now=desk.now)
    with pytest.raises(SwapRefused, match="asked already"):
        swaps.ask(plan, by=desk.officer, now=desk.now)
    with pytest.raises(SwapRefused, match="not asked of you"):
        swaps.refuse(swap.pk, by=desk.employee, now=desk.now)
    with pytest.raises(SwapRefused, match="Only they can take it back"):
        swaps.withdraw(swap.pk, by=desk.employee, now=desk.now)
    swaps.refuse(swap.pk, by=desk.colleague, now=desk.now)
    again = ask(desk, shift, to=desk.colleague)
    swaps.withdraw(again.pk, by=desk.officer, now=desk.now)
    assert [row.status for row in Swap.objects.order_by("pk")] == ["refused", "withdrawn"]
    away = shift.starts_at - HOUR, shift.ends_at
    absences.add_absence(desk.colleague, away, "leave", by=desk.lead, now=desk.now)
    with pytest.raises(SwapRefused, match="is away then"):
        ask(desk, shift, to=desk.colleague)


def test_a_swap_ends_when_the_shift_begins_or_is_somebody_elses(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    first, second = coming(post, desk, 0), coming(post, desk, 1)
    begun, given = ask(desk, first), ask(desk, second)
    span = second.starts_at, second.ends_at
    rota.change_shift(second.pk, desk.lead, span, seen=seen_as(second), by=desk.lead, now=desk.now)
    assert swaps.over(now=desk.now) == [given.pk]
    with pytest.raises(SwapRefused, match="somebody else’s by now"):
        swaps.take(given.pk, by=desk.colleague, now=desk.now)
    assert swaps.expire(given.pk, now=desk.now) and not swaps.expire(given.pk, now=desk.now)
    assert not swaps.expire(begun.pk, now=desk.now)
    with pytest.raises(SwapRefused, match="has begun"):
        swaps.take(begun.pk, by=desk.colleague, now=first.starts_at)
    assert swaps.expire(begun.pk, now=first.starts_at)
    with pytest.raises(ShiftChanged):
        swaps.ask(SwapPlan(first.pk, seen_as(second)), by=desk.officer, now=desk.now)


def gap_notices(n_people: int) -> int:
    return Notification.objects.filter(kind="duty gap", channel="in-app").count() // n_people


def test_a_gap_is_told_a_week_and_a_day_ahead_once_and_again_only_when_it_opens_anew(
    desk: Desk, post: DutyPost, pattern: RotaPattern
) -> None:
    slots = tuple(Slot(0, 0, day, time(17), time(8), desk.colleague.pk) for day in range(7))
    nights = PatternPlan(Weeks(pattern.first - DAY, slots))
    patterns.add_pattern(post.pk, nights, by=desk.lead, now=desk.now)
    now = Shift.objects.filter(post=post).earliest("starts_at").starts_at
    shortfalls.tell(post.pk, now=now)
    Notification.objects.all().delete()
    shift = Shift.objects.filter(post=post, starts_at__gt=now + 10 * DAY).earliest("starts_at")
    span = shift.starts_at, shift.ends_at
    away = absences.add_absence(shift.person, span, "leave", by=desk.lead, now=now)
    assert shortfalls.tell(post.pk, now=now) == 0  # it is more than a week off
    for minute in (0, 1, 60):
        shortfalls.tell(post.pk, now=span[0] - WEEK + timedelta(minutes=minute))
    assert gap_notices(1) == 1
    for hours in (24, 23, 1, -1):
        shortfalls.tell(post.pk, now=span[0] - hours * HOUR)
    assert gap_notices(1) == 2
    absences.remove_absence(away.pk, by=desk.lead, now=span[0] - DAY)
    shortfalls.tell(post.pk, now=span[0] - DAY)
    absences.add_absence(shift.person, span, "sick", by=desk.lead, now=span[0] - 20 * HOUR)
    shortfalls.tell(post.pk, now=span[0] - 20 * HOUR)
    assert gap_notices(1) == 4  # both stages at once: it is new


def test_a_post_that_takes_no_alarms_has_no_gaps_to_tell(desk: Desk, post: DutyPost) -> None:
    rota.change_post(post.pk, PostPlan("webcare"), by=desk.lead, now=desk.now)
    assert shortfalls.posts_to_look_at() == []
    rota.change_post(post.pk, PostPlan("webcare", function="head"), by=desk.lead, now=desk.now)
    assert shortfalls.posts_to_look_at() == [post.pk]
    with pytest.raises(RotaRefused, match="no function"):
        rota.change_post(post.pk, PostPlan("webcare", function="boss"), by=desk.lead, now=desk.now)
