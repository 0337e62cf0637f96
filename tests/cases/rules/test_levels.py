"""From signs to a level, and how a level rises, rests and falls."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.levels import (
    Level,
    LevelState,
    Sign,
    crisis_is_proposed,
    is_frozen,
    level_of,
    reply_sign,
    step,
)

CALM, ATTENTION, WORSENING, SERIOUS, CRISIS = Level
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def signs(**levels):
    return [Sign(name, level) for name, level in levels.items()]


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ({}, CALM),
        ({"S1": 0, "S6": 0}, CALM),
        *[({f"S{number}": 1}, ATTENTION) for number in range(1, 9)],
        *[({f"S{number}": 2}, WORSENING) for number in (1, 2, 3, 5, 6)],
        ({"S4": 2}, ATTENTION),  # new platforms alone are no worsening
        *[({"S1": 1, f"S{number}": 1}, WORSENING) for number in (2, 3, 4, 5, 6, 7)],
        ({"S1": 1, "S8": 1}, ATTENTION),  # an overdue check never makes it worse
        ({"S2": 1, "S6": 1}, ATTENTION),  # without volume two first signs are two first signs
        ({"S3": 1, "S4": 1, "S7": 1, "S8": 1}, ATTENTION),
        *[({f"S{number}": 3}, SERIOUS) for number in range(1, 7)],
        *[({"S1": 2, f"S{number}": 1}, SERIOUS) for number in (3, 4, 5)],
        *[({"S2": 2, f"S{number}": 1}, SERIOUS) for number in (3, 4, 5)],
        ({"S1": 2, "S6": 2}, WORSENING),
        ({"S1": 2, "S2": 2}, WORSENING),
    ],
)
def test_the_level_follows_the_table(found, level):
    assert level_of(signs(**found)) is level


def test_the_strongest_of_two_signs_with_one_name_counts():
    assert level_of([Sign("S1", 2), Sign("S1", 0)]) is WORSENING


def test_a_hard_trigger_is_serious_at_once():
    assert level_of([], hard_trigger=True) is SERIOUS


def test_a_watch_that_is_blind_too_long_has_worsened():
    assert level_of([], blind=True) is WORSENING


def test_only_a_person_makes_a_crisis_and_no_sign_goes_below_a_person():
    everything = signs(S1=3, S2=3, S3=3, S4=3, S5=3, S6=3, S7=1, S8=1)
    assert level_of(everything, hard_trigger=True, blind=True) is SERIOUS
    assert level_of(everything, floor=CRISIS) is CRISIS
    assert level_of([], floor=WORSENING) is WORSENING


@given(
    st.dictionaries(st.sampled_from([f"S{number}" for number in range(1, 9)]), st.integers(0, 3)),
    st.sampled_from([f"S{number}" for number in range(1, 9)]),
    st.booleans(),
)
def test_a_stronger_sign_never_lowers_the_level(found, raised, hard):
    stronger = {**found, raised: min(3, found.get(raised, 0) + 1)}
    before = level_of(signs(**found), hard_trigger=hard)
    assert level_of(signs(**stronger), hard_trigger=hard) >= before


@pytest.mark.parametrize(
    ("replies", "sign"), [(0, 0), (9, 0), (10, 1), (24, 1), (25, 2), (59, 2), (60, 3), (900, 3)]
)
def test_replies_in_an_hour_make_the_sixth_sign(replies, sign):
    assert (reply_sign(replies).id, reply_sign(replies).level) == ("S6", sign)


# ── hysteresis ──────────────────────────────────────────────────────────────


def walk(state, wanted, *, n_60, start, until):
    """Call `step` every five minutes; the state at the end and the times that notified."""
    told, now = [], start
    while now <= until:
        state, notify = step(state, wanted, n_60=n_60, now=now)
        if notify:
            told.append(now)
        now += 5 * MINUTE
    return state, told


def risen(level=WORSENING, *, n_60=14):
    return step(LevelState(), level, n_60=n_60, now=NOON)[0]


def test_a_level_rises_at_once_over_several_steps_and_notifies():
    state, notify = step(LevelState(), SERIOUS, n_60=30, now=NOON)
    assert (state.level, state.since, notify) == (SERIOUS, NOON, True)


def test_attention_rises_without_a_notice():
    state, notify = step(LevelState(), ATTENTION, n_60=4, now=NOON)
    assert (state.level, notify) == (ATTENTION, False)


def test_a_standing_level_is_notified_once():
    _, told = walk(LevelState(), WORSENING, n_60=40, start=NOON, until=NOON + DAY)
    assert told == [NOON]


def test_every_higher_level_notifies_again():
    state = risen(WORSENING)
    assert step(state, SERIOUS, n_60=15, now=NOON + MINUTE)[1]
    assert step(state, CRISIS, n_60=15, now=NOON + MINUTE)[1]


@pytest.mark.parametrize(
    ("level", "rests"), [(ATTENTION, HOUR), (WORSENING, HOUR), (SERIOUS, 3 * HOUR), (CRISIS, 3 * HOUR)]
)
def test_a_level_falls_one_step_when_its_rule_has_been_false_long_enough(level, rests):
    quiet = NOON + 10 * MINUTE
    state, _ = walk(risen(level), CALM, n_60=2, start=quiet, until=quiet + rests - 5 * MINUTE)
    assert state.level is level
    state, notify = step(state, CALM, n_60=2, now=quiet + rests)
    assert (state.level, notify) == (level - 1, False)


def test_a_level_rests_at_least_half_an_hour_before_the_next_step_down():
    state = walk(risen(SERIOUS), CALM, n_60=0, start=NOON, until=NOON + 3 * HOUR)[0]
    assert state.level is WORSENING
    at = state.since
    assert walk(state, CALM, n_60=0, start=at, until=at + 25 * MINUTE)[0].level is WORSENING
    assert walk(state, CALM, n_60=0, start=at, until=at + 30 * MINUTE)[0].level is ATTENTION


def test_a_rule_that_comes_true_again_restarts_the_wait():
    state = walk(risen(), CALM, n_60=2, start=NOON, until=NOON + 50 * MINUTE)[0]
    state, _ = step(state, WORSENING, n_60=6, now=NOON + 55 * MINUTE)
    state = walk(state, CALM, n_60=2, start=NOON + HOUR, until=NOON + 115 * MINUTE)[0]
    assert state.level is WORSENING
    assert step(state, CALM, n_60=2, now=NOON + 2 * HOUR)[0].level is ATTENTION


def test_no_fall_while_half_of_the_peak_is_still_coming_in():
    assert walk(risen(), CALM, n_60=7, start=NOON, until=NOON + DAY)[0].level is WORSENING
    assert walk(risen(), CALM, n_60=6, start=NOON, until=NOON + HOUR)[0].level is ATTENTION


def test_a_level_raised_without_any_post_can_fall_again():
    assert walk(risen(n_60=0), CALM, n_60=0, start=NOON, until=NOON + HOUR)[0].level is ATTENTION


def fallen(level=WORSENING, *, n_60=14):
    """A watch that rose at noon and is calm again, and the time by then."""
    state, now = risen(level, n_60=n_60), NOON
    while state.level is not CALM:
        state, now = step(state, CALM, n_60=0, now=now)[0], now + 5 * MINUTE
    return state, now


@pytest.mark.parametrize(("n_60", "after", "notify"), [(20, HOUR, False), (21, HOUR, True), (5, DAY, True)])
def test_the_same_level_is_news_after_a_day_or_at_half_as_much_again(n_60, after, notify):
    state, now = fallen(n_60=14)
    assert step(state, WORSENING, n_60=n_60, now=now + after)[1] is notify


def test_the_peak_that_counts_is_the_highest_seen_and_not_the_first():
    state, _ = step(risen(n_60=14), WORSENING, n_60=80, now=NOON + HOUR)
    now = NOON + 2 * HOUR
    while state.level is not CALM:
        state, now = step(state, CALM, n_60=0, now=now)[0], now + 5 * MINUTE
    assert not step(state, WORSENING, n_60=119, now=now)[1]
    assert step(state, WORSENING, n_60=120, now=now)[1]


def test_who_was_told_of_a_serious_level_is_not_told_that_it_is_worsening():
    state, now = fallen(SERIOUS)
    assert not step(state, WORSENING, n_60=14, now=now)[1]


def flapping(until):
    """Up for 10 minutes, quiet for two hours, over and over: (state, notices, changes)."""
    state, now, notices, changes = LevelState(), NOON, 0, 0
    while now < until:
        up = (now - NOON) % (130 * MINUTE) < 10 * MINUTE
        before = state.level
        state, notify = step(state, WORSENING if up else CALM, n_60=10 if up else 0, now=now)
        notices, changes, now = notices + notify, changes + (state.level is not before), now + 5 * MINUTE
    return state, notices, changes


def test_a_flapping_watch_is_held_up_after_the_fourth_turn_with_one_notice():
    state, notices, changes = flapping(NOON + 20 * HOUR)
    assert state.held
    assert state.level is WORSENING
    assert notices == 1
    assert changes == 4  # up, two steps down, up: and then held


def test_a_held_watch_falls_when_a_day_has_passed_without_turns():
    state, _, _ = flapping(NOON + 12 * HOUR)
    state, _ = walk(state, CALM, n_60=0, start=NOON + 12 * HOUR, until=NOON + 30 * HOUR)
    assert not state.held
    assert state.level is CALM


def test_a_held_watch_still_rises():
    state, _, _ = flapping(NOON + 12 * HOUR)
    assert step(state, SERIOUS, n_60=50, now=NOON + 12 * HOUR)[1]


moves = st.lists(
    st.tuples(st.sampled_from(Level), st.integers(0, 200), st.integers(1, 400)), min_size=1, max_size=80
)


@given(moves)
def test_no_level_is_ever_below_what_is_asked_and_none_falls_by_two(path):
    state, now = LevelState(), NOON
    for wanted, n_60, minutes in path:
        now += minutes * MINUTE
        before = state.level
        state, notify = step(state, wanted, n_60=n_60, now=now)
        assert state.level >= wanted
        assert state.level >= before - 1
        assert not notify or (state.level > before and state.level >= WORSENING)


@given(moves)
def test_the_stored_state_is_small_and_goes_on_where_it_was(path):
    state, now = LevelState(), NOON
    for wanted, n_60, minutes in path:
        now += minutes * MINUTE
        stored = json.dumps(state.to_json())
        assert len(stored) <= 900
        again = LevelState.from_json(json.loads(stored))
        assert again == state
        state, notify = step(state, wanted, n_60=n_60, now=now)
        assert step(again, wanted, n_60=n_60, now=now) == (state, notify)


def test_an_empty_stored_state_is_a_calm_new_watch():
    assert LevelState.from_json({}) == LevelState()


def test_learning_is_frozen_while_a_level_is_up_and_for_a_day_at_most():
    assert not is_frozen(LevelState(), now=NOON)
    assert not is_frozen(risen(ATTENTION), now=NOON)
    assert is_frozen(risen(), now=NOON + DAY - MINUTE)
    assert not is_frozen(risen(), now=NOON + DAY)


def test_the_peak_of_an_earlier_alarm_says_nothing_of_this_one():
    state, now = risen(n_60=300), NOON
    while state.level is WORSENING:
        state, now = step(state, ATTENTION, n_60=20, now=now)[0], now + 5 * MINUTE
    state, _ = step(state, WORSENING, n_60=20, now=now + DAY)
    later = now + DAY
    assert walk(state, ATTENTION, n_60=12, start=later, until=later + 3 * HOUR)[0].level is WORSENING


def test_attention_falls_while_posts_come_in_as_usual():
    assert walk(risen(ATTENTION, n_60=5), CALM, n_60=5, start=NOON, until=NOON + HOUR)[0].level is CALM


@pytest.mark.parametrize(
    ("level", "after", "is_taken", "proposed"),
    [
        (SERIOUS, 2 * HOUR, False, True),
        (SERIOUS, 2 * HOUR - MINUTE, False, False),
        (SERIOUS, 5 * HOUR, True, False),
        (WORSENING, 5 * HOUR, False, False),
        (CRISIS, 5 * HOUR, False, False),
    ],
)
def test_a_crisis_is_proposed_when_nobody_takes_a_serious_alarm_for_two_hours(
    level, after, is_taken, proposed
):
    found = crisis_is_proposed(level, rang_at=NOON, is_taken=is_taken, now=NOON + after)
    assert found is proposed
