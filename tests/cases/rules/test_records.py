"""The slow sign: a record over hours, in bounded memory, the same in whatever parts it is learned."""

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.packing import as_count, count_code, count_of, pack, unpack
from cases.rules.records import HALF_LIFE_DAYS, Record, Records, faded
from cases.rules.thresholds import NEGATIVE, NORMAL
from cases.rules.worsening import Series, judge, learned, may_rise
from tests.cases.rules.series import DAY, LAST, NOW, PER_HOUR, even

DAY_BUCKETS = 288
counts = st.dictionaries(st.integers(LAST - 900, LAST), st.integers(0, 30), max_size=60)


def known(buckets, *, since):
    return learned(Series(since, buckets), until=NOW)


def waves(*, days, height=6):
    """Busy hours of so many posts, one a day, on an otherwise quiet series."""
    return {
        LAST - 140 - day * DAY_BUCKETS + place: height for day in range(days) for place in range(PER_HOUR)
    }


def rising(n):
    return {LAST - place: n for place in range(PER_HOUR)}


# ── what it sees ────────────────────────────────────────────────────────────


def test_an_hour_above_all_earlier_ones_is_a_record_and_says_since_when():
    verdict = judge(known({**waves(days=10), **rising(14)}, since=NOW - 10 * DAY), now=NOW)
    assert verdict.record.level >= 2
    assert verdict.record.n > verdict.record.earlier_n
    assert verdict.record.days == 10  # since counting began
    facts = verdict.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["record_days"], facts["record_level"]) == (10, verdict.record.level)


def test_an_hour_like_the_earlier_ones_is_none():
    verdict = judge(known({**waves(days=10), **rising(6)}, since=NOW - 10 * DAY), now=NOW)
    assert (verdict.record.level, verdict.facts()["record_days"]) == (0, 0)


def test_a_series_of_a_day_has_no_records():
    verdict = judge(known({**waves(days=1), **rising(14)}, since=NOW - DAY), now=NOW)
    assert verdict.record == Record(is_young=True)


def test_an_older_record_counts_for_less():
    old = {LAST - 20 * DAY_BUCKETS + place: 14 for place in range(PER_HOUR)}
    recent = {LAST - 2 * DAY_BUCKETS + place: 14 for place in range(PER_HOUR)}
    since = NOW - 25 * DAY
    after_old, after_recent = (
        judge(known({**waves(days=24, height=1), **record, **rising(8)}, since=since), now=NOW).record
        for record in (old, recent)
    )
    assert after_old.strength > 1.2 > after_recent.strength
    assert after_old.days == 19  # back to the bucket in which it was reached


def test_a_record_counts_for_half_after_its_half_life():
    assert faded((100.0, 0), at=int(HALF_LIFE_DAYS * DAY_BUCKETS)) == pytest.approx(50.0)
    assert faded((0.0, 0), at=10**6) == 0.0


def test_a_record_of_few_posts_is_chance():
    once_a_day = {LAST - 140 - day * DAY_BUCKETS: 1 for day in range(20)}
    verdict = judge(known({**once_a_day, LAST: 2, LAST - 3: 2}, since=NOW - 20 * DAY), now=NOW)
    assert verdict.record.level == 0


def test_the_record_of_three_weeks_is_serious_where_the_hour_is_improbable_too():
    def level(days):
        series = known({**even(2, days=days), **rising(6)}, since=NOW - timedelta(days=days))
        return NORMAL.record_level(judge(series, now=NOW).record, n_60=72, probability=1e-7)

    assert (level(10), level(25)) == (2, 3)


def test_negative_posts_know_no_record():
    series = known({**waves(days=10), **rising(14)}, since=NOW - 10 * DAY)
    assert judge(series, now=NOW, thresholds=NEGATIVE).record.level == 0


def test_the_stronger_of_the_two_signs_counts():
    verdict = judge(known({**waves(days=10), **rising(14)}, since=NOW - 10 * DAY), now=NOW)
    assert verdict.level == max(verdict.fast_level, verdict.record.level)


# ── what it may not do ──────────────────────────────────────────────────────


@given(counts, st.lists(st.integers(0, 70), max_size=6))
@settings(max_examples=50)
def test_learning_and_storing_hour_by_hour_or_at_once_is_the_same(buckets, stops_h):
    since = NOW - timedelta(hours=75)
    at_once = learned(Series(since, buckets), until=NOW)
    in_parts = Series(since, buckets)
    for hours in sorted(stops_h, reverse=True):
        in_parts = learned(in_parts, until=NOW - timedelta(hours=hours))
        in_parts = Series(since, buckets).with_state(json.loads(json.dumps(in_parts.state())))
    in_parts = learned(in_parts, until=NOW)
    assert (in_parts.records, in_parts.baseline) == (at_once.records, at_once.baseline)
    assert judge(in_parts, now=NOW) == judge(at_once, now=NOW)


@given(counts, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_order_of_arrival_and_repetition_change_nothing(buckets, chance):
    since = NOW - timedelta(hours=75)
    shuffled = dict(chance.sample(sorted(buckets.items()), len(buckets)))
    once = learned(Series(since, buckets), until=NOW)
    again = learned(learned(Series(since, shuffled), until=NOW), until=NOW)
    assert (once.records, once.baseline) == (again.records, again.baseline)
    assert judge(once, now=NOW) == judge(again, now=NOW)


@given(counts)
@settings(max_examples=30)
def test_a_watch_that_may_not_rise_has_no_sign(buckets):
    series = known(buckets, since=NOW - timedelta(hours=75))
    if not may_rise(series, now=NOW):
        assert judge(series, now=NOW).level == 0


def test_a_watch_with_two_posts_in_the_hour_may_not_rise_and_with_three_it_may():
    assert not may_rise(Series(NOW - DAY, {LAST: 1, LAST - 11: 1, LAST - 12: 9}), now=NOW)
    assert may_rise(Series(NOW - DAY, {LAST: 1, LAST - 11: 2}), now=NOW)


def test_the_state_of_three_series_of_a_year_fits_in_two_thousand_bytes():
    chance = random.Random(7)
    began = NOW - 365 * DAY
    year = {LAST - place: chance.choice((1, 40, 900, 70_000)) for place in range(0, 365 * 288, 7)}
    state = learned(Series(began, year), until=NOW).state()  # a year takes a second
    assert len(json.dumps([state, state, state])) <= 2_000


def test_the_reader_is_told_from_which_bucket_counts_are_needed():
    series = known(waves(days=4), since=NOW - 4 * DAY)
    first = Series.counts_from(series.state(), series.started_at, now=NOW)
    recent = {bucket: n for bucket, n in series.buckets.items() if bucket >= first}
    short = Series(series.started_at, recent).with_state(series.state())
    assert judge(learned(short, until=NOW), now=NOW) == judge(series, now=NOW)


def test_what_an_earlier_release_stored_is_read_as_a_new_series():
    old = {"v": 1, "posts": [1.0] * 48, "hours": [1.0] * 48, "bursts": [0, 0, 0, 0], "peaks": [], "until": 9}
    assert Series(NOW, {}).with_state({"baseline": old}).state() == Series(NOW, {}).state()
    assert Records.from_json({}) == Records()


# ── numbers as short text ───────────────────────────────────────────────────


@given(st.lists(st.integers(0, 92**3 - 1)))
def test_packed_numbers_come_back(numbers):
    assert unpack(pack(numbers, 3), 3) == numbers


@given(st.integers(0, 92**2 - 1))
def test_a_count_that_has_a_code_keeps_it(code):
    assert count_code(count_of(code)) == code


@given(st.floats(0.5, 1e6))
def test_a_count_is_kept_to_a_fifth_of_a_percent(count):
    assert as_count(count) == pytest.approx(count, rel=2e-3)


def test_packed_text_needs_no_escapes_and_holds_the_largest_that_fits():
    assert json.dumps(pack(range(92), 1)) == f'"{pack(range(92), 1)}"'
    assert unpack(pack([10**9], 2), 2) == [92**2 - 1]
