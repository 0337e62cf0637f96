"""One series as a stream: causal, bounded, and the same score and alarm."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.stream import ALARM_SCORE, GAP, KEPT_BUCKETS, OutOfOrder, Stream
from config.bench.simulate import steady
from tests.cases.rules.series import HOUR, MINUTE, NOW

steps = st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 60)), max_size=60)


def rows(steps_s):
    at, found = NOW, []
    for step_s, posts in steps_s:
        at += timedelta(seconds=step_s)
        found.append((at, posts))
    return found


def judged(series):
    stream = Stream()
    return [(each.score, each.is_alarm) for each in (stream.take(at, posts) for at, posts in series)]


@given(steps, st.integers(0, 60))
@settings(max_examples=40)
def test_every_prefix_gives_the_same_rows(steps_s, n):
    series = rows(steps_s)
    assert judged(series[:n]) == judged(series)[:n]


@given(steps)
@settings(max_examples=40)
def test_a_row_is_an_alarm_exactly_when_its_score_says_so(steps_s):
    for score, is_alarm in judged(rows(steps_s)):
        assert 0.0 <= score <= 1.0
        assert is_alarm == (score >= ALARM_SCORE)


@given(steps)
@settings(max_examples=40)
def test_alarms_lie_a_gap_apart_counted_from_the_alarm(steps_s):
    series = rows(steps_s)
    rang = [at for (at, _posts), (_score, is_alarm) in zip(series, judged(series), strict=True) if is_alarm]
    assert all(later - earlier >= GAP for earlier, later in zip(rang, rang[1:], strict=False))


def test_posts_one_by_one_are_judged_like_their_bucket():
    crisis = [(NOW + n * timedelta(seconds=10), 1) for n in range(20)]
    assert any(is_alarm for _score, is_alarm in judged(crisis))
    assert not any(is_alarm for _score, is_alarm in judged(crisis[:4]))


def test_the_same_burst_a_day_later_does_not_ring_again():
    quiet = [(NOW - timedelta(days=3), 1)]
    burst = [(NOW + n * MINUTE, 1) for n in range(60)]
    later = [(at + timedelta(days=1), posts) for at, posts in burst]
    found = judged([*quiet, *burst, *later])
    assert any(is_alarm for _score, is_alarm in found[:61])
    assert not any(is_alarm for _score, is_alarm in found[61:])


def test_a_row_out_of_order_is_refused_and_changes_nothing():
    stream, other = Stream(), Stream()
    for each in (stream, other):
        each.take(NOW, 3)
    with pytest.raises(OutOfOrder, match="rows must be in order of time"):
        stream.take(NOW - MINUTE, 500)
    assert stream.take(NOW + HOUR, 4) == other.take(NOW + HOUR, 4)


def test_a_year_of_rows_is_held_in_little_memory():
    stream = Stream()
    counts = steady(3, per_hour=5, weeks=3, size=2)
    for bucket, posts in sorted(counts.items()):
        stream.take(datetime.fromtimestamp(bucket * 300, UTC), posts)
    assert len(stream._series.buckets) <= 2 * KEPT_BUCKETS
