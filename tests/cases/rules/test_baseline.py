"""What is usual: learned once, by whole hours, clipped or frozen, in a small memory."""

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.worsening import Baseline, Series, is_worse, learn
from tests.cases.rules.series import DAY, LAST, NOW, PER_HOUR, even, watched

counts = st.dictionaries(st.integers(LAST - 400, LAST), st.integers(0, 30), max_size=60)


@given(counts, st.lists(st.integers(0, 40), max_size=6), st.booleans())
@settings(max_examples=50)
def test_learning_hour_by_hour_or_at_once_is_the_same(buckets, stops_h, frozen):
    series = Series(NOW - timedelta(hours=40), buckets)
    at_once = learn(Baseline.weak(), series, until=NOW, frozen=frozen)
    in_parts = Baseline.weak()
    for hours in sorted(stops_h, reverse=True):
        in_parts = learn(in_parts, series, until=NOW - timedelta(hours=hours), frozen=frozen)
    assert learn(in_parts, series, until=NOW, frozen=frozen) == at_once


@given(counts)
@settings(max_examples=50)
def test_learning_twice_adds_nothing(buckets):
    series = watched(buckets, since=NOW - timedelta(hours=40))
    assert learn(series.baseline, series, until=NOW) == series.baseline


def test_a_frozen_outbreak_does_not_become_usual_but_is_remembered_as_busy():
    outbreak = {LAST - 24 - place: 50 for place in range(48)}
    series = Series(NOW - 2 * DAY, outbreak)
    frozen = learn(Baseline.weak(), series, until=NOW, frozen=True)
    assert frozen.posts == Baseline.weak().posts
    assert frozen.hours_since(400, at=LAST // PER_HOUR) is not None


def test_one_wild_hour_is_clipped_before_it_is_learned():
    calm = even(2, days=14)
    wild = {**calm, LAST - 5 * 24 * PER_HOUR: 5000}
    since = NOW - 15 * DAY
    usual, shaken = (watched(buckets, since=since).baseline for buckets in (calm, wild))
    assert shaken.shape / shaken.rate < 1.1 * usual.shape / usual.rate


def test_a_lasting_change_becomes_usual_in_time():
    grown = {**even(1, days=40), **{LAST - place: 1 for place in range(12 * 24 * PER_HOUR)}}
    assert is_worse(watched(grown, since=NOW - 40 * DAY), now=NOW).level == 0


def test_the_stored_baseline_is_small_and_speaks_as_before():
    chance = random.Random(7)
    year = {LAST - place: chance.choice((0, 1, 40, 900)) for place in range(60 * 288)}
    series = watched(year, since=NOW - 60 * DAY)
    stored = json.dumps(series.baseline.to_json())
    assert len(stored) <= 2000
    again = Baseline.from_json(json.loads(stored))
    before, after = (
        is_worse(Series(series.started_at, year, baseline=baseline), now=NOW)
        for baseline in (series.baseline, again)
    )
    assert (after.level, after.usual_low, after.usual_high) == (
        before.level,
        before.usual_low,
        before.usual_high,
    )
    assert after.probability == pytest.approx(before.probability, rel=1e-3)
    assert Baseline.from_json({}) == Baseline.weak()
