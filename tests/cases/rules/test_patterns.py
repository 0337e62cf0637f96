"""A pattern comes to the same shifts however often it is written out, at the hours that clocks show."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.patterns import (
    Changes,
    Key,
    OnHolidays,
    Planned,
    Row,
    Slot,
    Stint,
    Weeks,
    changes,
    rows,
    same_turns,
    written_out,
)

HERE = ZoneInfo("Europe/Amsterdam")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

clocks = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def patterns(draw: st.DrawFn, *, people: int = 3) -> Weeks:
    """A pattern that begins in some week of the year, also near the nights in which the clocks change."""
    n_weeks = draw(st.integers(1, 3))
    n_slots = draw(st.integers(1, 6))
    slots = tuple(
        Slot(
            n + 1,
            draw(st.integers(0, n_weeks - 1)),
            draw(st.sampled_from([0, 1, 5, 6])),
            draw(clocks),
            draw(clocks),
            draw(st.integers(1, people)),
            draw(st.booleans()),
        )
        for n in range(n_slots)
    )
    first = draw(st.sampled_from([SPRING, AUTUMN])) - timedelta(days=draw(st.integers(0, 20)))
    return Weeks(first, slots, n_weeks)


def out(weeks: Weeks, *, since: date, until: date, free: frozenset[date] = frozenset()) -> dict[Key, Stint]:
    return written_out(weeks, since=since, until=until, is_free=free.__contains__, zone=HERE)


def carried_out(done: Changes, planned: dict[Key, Planned]) -> dict[Key, Planned]:
    """The plan after the changes were made."""
    left = {key: shift for key, shift in planned.items() if key not in done.removed}
    return left | {key: Planned(stint, False) for key, stint in {**done.added, **done.changed}.items()}


@given(patterns())
def test_written_out_a_second_time_nothing_changes(weeks: Weeks) -> None:
    wanted = out(weeks, since=weeks.first, until=weeks.first + timedelta(days=56))
    nothing: dict[Key, Planned] = {}
    done = changes(wanted, nothing, others=[], left_out=[], now=NEVER)
    planned = carried_out(done, nothing)
    again = changes(wanted, planned, others=[], left_out=[], now=NEVER)
    assert again.n == 0
    assert len(planned) + len(done.clashes) == len(wanted)


@given(patterns(), patterns(), st.data())
def test_whatever_it_was_before_a_changed_pattern_comes_to_the_plan_of_a_new_one(
    before: Weeks, after: Weeks, data: st.DataObject
) -> None:
    start = min(before.first, after.first)
    until = start + timedelta(days=70)
    wanted = out(before, since=start, until=until)
    planned = carried_out(changes(wanted, {}, others=[], left_out=[], now=NEVER), {})
    kept = set(data.draw(st.lists(st.sampled_from(sorted(planned)), max_size=2))) if planned else set()
    planned = {key: Planned(shift.stint, key in kept) for key, shift in planned.items()}
    wanted = out(after, since=start, until=until)
    plan = carried_out(changes(wanted, planned, others=[], left_out=[], now=NEVER), planned)
    assert all(plan[key] == planned[key] for key in kept)
    assert changes(wanted, plan, others=[], left_out=[], now=NEVER).n == 0
    spans = sorted((shift.stint.person, *shift.stint.span) for shift in plan.values())
    for (one, _start, end), (other, begin, _end) in zip(spans, spans[1:], strict=False):
        assert one != other or end <= begin  # nobody has two shifts at one post at once


@given(patterns())
def test_a_turn_begins_and_ends_at_the_hours_that_clocks_show(weeks: Weeks) -> None:
    slots = {slot.n: slot for slot in weeks.slots}
    for (n, day), stint in out(weeks, since=weeks.first, until=weeks.first + timedelta(days=40)).items():
        for shown, meant in zip(stint.span, (slots[n].begin, slots[n].end), strict=True):
            local = shown.astimezone(HERE)
            skipped = local.date() == SPRING and time(2) <= meant < time(3)
            assert local.time() == meant or (skipped and local.time() == time(3))
        assert stint.span[0].astimezone(HERE).date() == day


def test_a_night_turn_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    weeks = Weeks(date(2026, 3, 2), (Slot(1, 0, 5, time(22), time(7), 1),))
    found = out(weeks, since=weeks.first, until=date(2026, 11, 2))
    hours = {day: (end - start).total_seconds() / 3600 for (_n, day), (start, end) in spans(found)}
    assert hours[date(2026, 3, 21)] == 9
    assert hours[date(2026, 3, 28)] == 8
    assert hours[date(2026, 10, 24)] == 10


def spans(found: dict[Key, Stint]) -> list[tuple[Key, tuple[datetime, datetime]]]:
    return [(key, stint.span) for key, stint in found.items()]


def test_turns_that_follow_each_other_meet_in_both_nights() -> None:
    slots = (Slot(1, 0, 6, time(0), time(2, 30), 1), Slot(2, 0, 6, time(2, 30), time(8), 2))
    for night in (SPRING, AUTUMN):
        early, late = out(Weeks(night, slots), since=night, until=night + timedelta(days=1)).values()
        assert early.span[1] == late.span[0]


def test_a_pattern_of_two_weeks_takes_turns_from_the_week_it_begins_in() -> None:
    slots = (Slot(1, 0, 0, time(8), time(17), 1), Slot(2, 1, 0, time(8), time(17), 2))
    weeks = Weeks(date(2026, 11, 25), slots, 2, last=date(2026, 12, 14))  # a Wednesday
    found = out(weeks, since=date(2026, 11, 1), until=date(2027, 2, 1))
    assert [(day, stint.person) for (_n, day), stint in found.items()] == [
        (date(2026, 11, 30), 2),
        (date(2026, 12, 7), 1),
        (date(2026, 12, 14), 2),
    ]


def test_on_holidays_a_pattern_goes_on_has_other_turns_or_nobody() -> None:
    slots = (Slot(1, 0, 4, time(8), time(17), 1), Slot(2, 0, None, time(10), time(14), 2))
    christmas = date(2026, 12, 25)  # a Friday
    people = {}
    for choice in OnHolidays:
        weeks = Weeks(christmas, slots, on_holidays=choice)
        found = out(weeks, since=christmas, until=date(2027, 1, 2), free=frozenset({christmas}))
        people[choice] = [(day.day, stint.person) for (_n, day), stint in found.items()]
    assert people == {
        OnHolidays.AS_USUAL: [(25, 1), (1, 1)],
        OnHolidays.OTHER_TURNS: [(25, 2), (1, 1)],
        OnHolidays.NOBODY: [(1, 1)],
    }


def test_what_was_left_out_or_has_begun_is_not_written_again() -> None:
    weeks = Weeks(date(2026, 11, 23), tuple(Slot(n + 1, 0, n, time(8), time(17), 1) for n in range(3)))
    wanted = out(weeks, since=weeks.first, until=date(2026, 11, 30))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    done = changes(wanted, {}, others=[], left_out=[(2, date(2026, 11, 24))], now=now)
    assert list(done.added) == [(3, date(2026, 11, 25))]


def test_a_turn_keeps_its_number_by_its_day_and_begin_and_else_by_its_day() -> None:
    known = [Slot(1, 0, 0, time(7), time(19), 1), Slot(2, 0, 0, time(19), time(7), 2)]
    wanted = [
        Slot(0, 0, 0, time(19), time(6), 3),
        Slot(0, 0, 0, time(8), time(19), 1),
        Slot(0, 0, 0, time(12), time(13), 1),
    ]
    assert same_turns(wanted, known) == [2, 1, None]


@given(patterns())
def test_turns_are_the_same_after_being_shown_as_rows(weeks: Weeks) -> None:
    def plain(slots: list[Slot]) -> list[tuple[object, ...]]:
        return sorted((s.week, s.weekday, s.begin, s.end, s.person, s.is_on_call) for s in slots)

    shown = rows(weeks.slots, weeks.n_weeks)
    assert plain([slot for row in shown for slot in row.slots(weeks.n_weeks)]) == plain(list(weeks.slots))


def test_working_days_of_every_week_are_one_row() -> None:
    slots = [Slot(n, n // 5, n % 5, time(8), time(17), 1) for n in range(10)]
    assert rows([*slots, Slot(10, 0, None, time(10), time(12), 1)], 2) == [
        Row(None, (0, 1, 2, 3, 4), time(8), time(17), 1),
        Row(None, (None,), time(10), time(12), 1),
    ]
