"""The fast sign: what it sees, what it leaves alone, and that order and repetition change nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.worsening import (
    BUCKET_S,
    NORMAL,
    Series,
    bucket_of,
    is_worse,
    recheck,
)
from tests.cases.rules.series import DAY, HOUR, LAST, MINUTE, NOW, PER_HOUR, even, watched

# ── what it sees ────────────────────────────────────────────────────────────


def test_a_burst_of_replies_within_one_bucket_is_serious_at_once():
    quiet = {LAST - 10: 1, LAST - 20: 1}
    assert is_worse(watched(quiet), now=NOW).level == 0
    verdict = is_worse(watched({**quiet, LAST: 25}), now=NOW)
    assert (verdict.level, verdict.is_worse, verdict.n, verdict.window_s) == (3, True, 25, 900)


def test_a_new_watch_needs_no_history():
    found = [is_worse(watched({LAST: n}, since=NOW), now=NOW).level for n in range(30)]
    assert found == sorted(found)
    assert (found[4], found[8], found[19], found[25]) == (0, 2, 2, 3)


def test_an_hour_slowly_filling_up_is_seen_where_no_quarter_stands_out():
    filling = {**even(1, days=14), **{LAST - place: 1 for place in range(PER_HOUR)}}
    verdict = is_worse(watched(filling, since=NOW - 15 * DAY), now=NOW)
    assert (verdict.level, verdict.n, verdict.window_s) == (2, 12, 3600)


def test_the_same_count_is_usual_for_a_busy_watch():
    busy = {**even(10, days=14), **{LAST - place: 1 for place in range(PER_HOUR)}}
    assert is_worse(watched(busy, since=NOW - 15 * DAY), now=NOW).level == 0


def test_three_posts_in_an_hour_at_one_a_day_are_worth_a_look_and_not_a_call():
    daily = {LAST - 36 - day * 288: 1 for day in range(28)}
    since = NOW - 29 * DAY
    levels = [
        is_worse(watched({**daily, LAST: n}, since=since), now=NOW).level for n in (1, 2, 3, 4, 5, 23, 24)
    ]
    assert levels == [0, 0, 1, 1, 2, 2, 3]


def test_the_verdict_carries_every_number_of_the_sentence():
    verdict = is_worse(watched({**even(2, days=20), LAST: 14}, since=NOW - 20 * DAY), now=NOW)
    facts = verdict.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["n"] == facts["n_60"] == 14
    assert (facts["hour"], facts["weekday"], facts["weekend"]) == (11, 1, False)
    assert facts["probability"] < 1e-4
    assert facts["usual_low"] <= 2 <= facts["usual_high"] + 1
    assert facts["busiest_hours"] is None  # never so busy since the watch began
    assert facts["watched_hours"] == 20 * 24
    assert (facts["unknown_s"], facts["late"]) == (0, False)


def test_the_busiest_hour_is_counted_back_to_the_last_one_as_busy():
    crowd = {LAST - 19 * 24 * PER_HOUR: 40}
    series = watched({**even(2, days=25), **crowd, LAST: 14}, since=NOW - 25 * DAY)
    assert is_worse(series, now=NOW).busiest_hours == 19 * 24


def test_a_busy_hour_of_the_day_is_learned():
    noons = dict.fromkeys(range(LAST % 288 - 3 + LAST // 288 * 288 - 28 * 288, LAST - 12, 288), 8)
    since = NOW - 29 * DAY
    at_noon = is_worse(watched({**noons, LAST: 8}, since=since), now=NOW)
    at_night = NOW.replace(hour=2)
    bucket = int(at_night.timestamp()) // BUCKET_S
    series = Series(since, {**noons, bucket: 8}, baseline=watched(noons, since=since).baseline)
    assert at_noon.level == 0
    assert is_worse(series, now=at_night).level >= 2


@pytest.mark.parametrize(
    ("utc", "local_hour"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), 1),  # the night that skips 02:00–03:00
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 3),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 2),  # and the one that has it twice
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 2),
    ],
)
def test_the_hour_is_local_also_when_the_clock_changes(utc, local_hour):
    verdict = is_worse(Series(utc - HOUR, {}), now=utc)
    assert verdict.hour == local_hour
    assert is_worse(Series(utc - HOUR, {}), now=utc, zone="UTC").hour == utc.hour


# ── what it may not do ──────────────────────────────────────────────────────

counts = st.dictionaries(st.integers(LAST - 400, LAST), st.integers(0, 30), max_size=60)


@given(
    counts, st.integers(LAST - PER_HOUR + 1, LAST), st.integers(1, 50), st.sets(st.integers(LAST - 400, LAST))
)
def test_more_posts_in_the_hour_never_lower_the_sign(buckets, bucket, more, unknown):
    since = NOW - timedelta(hours=40)
    fewer = watched(buckets, since=since, unknown=unknown)
    raised = {**buckets, bucket: buckets.get(bucket, 0) + more}
    assert fewer.baseline == watched(raised, since=since, unknown=unknown).baseline
    before = is_worse(fewer, now=NOW)
    after = is_worse(Series(since, raised, frozenset(unknown), fewer.baseline), now=NOW)
    assert after.level >= before.level
    assert after.probability <= before.probability * (1 + 1e-9)


@given(st.lists(st.integers(0, 40 * 3600), max_size=80), st.randoms(use_true_random=False))
def test_order_of_arrival_and_repetition_change_nothing(ages_s, chance):
    posted = [(number, NOW - timedelta(seconds=age)) for number, age in enumerate(ages_s)]

    def verdict(arrivals):
        seen, buckets = set(), {}
        for number, posted_at in arrivals:
            if number not in seen:
                seen.add(number)
                bucket = bucket_of(posted_at, arrived_at=NOW)
                buckets[bucket] = buckets.get(bucket, 0) + 1
        return is_worse(watched(buckets, since=NOW - timedelta(hours=40)), now=NOW)

    shuffled = chance.sample(posted, len(posted))
    assert verdict(posted) == verdict(shuffled) == verdict(posted + shuffled)


def test_the_verdict_is_the_same_throughout_a_bucket():
    series = watched({LAST: 9, LAST - 5: 2})
    start = datetime.fromtimestamp(LAST * BUCKET_S, UTC)
    assert is_worse(series, now=start) == is_worse(series, now=start + timedelta(seconds=299))


def test_what_could_not_be_seen_is_never_learned_as_quiet():
    seen = even(4, days=7)
    blind_h = 3 * 24
    dark = set(range(LAST - (blind_h + 30) * PER_HOUR, LAST - 30 * PER_HOUR))
    since = NOW - 7 * DAY
    with_gap = watched({b: n for b, n in seen.items() if b not in dark}, since=since, unknown=dark)
    taken_as_zero = watched({b: n for b, n in seen.items() if b not in dark}, since=since)
    per_hour = with_gap.baseline.shape / with_gap.baseline.rate
    assert per_hour == pytest.approx(4, rel=0.05)
    assert taken_as_zero.baseline.shape / taken_as_zero.baseline.rate < 3


def test_an_hour_that_could_not_be_seen_says_so_and_raises_nothing():
    verdict = is_worse(watched({}, unknown=set(range(LAST - 11, LAST + 1))), now=NOW)
    assert (verdict.level, verdict.unknown_s) == (0, 3600)


def test_posts_found_in_a_half_seen_bucket_count():
    series = watched({LAST: 25}, unknown={LAST, LAST - 1})
    assert is_worse(series, now=NOW).level == 3


def test_time_before_the_watch_is_not_learned():
    fresh = watched({LAST - 13: 2}, since=NOW - 2 * HOUR)
    assert sum(fresh.baseline.hours) <= 1


def test_the_hour_under_test_is_not_learned():
    burst = watched({LAST: 500, LAST - 1: 500})
    assert burst.baseline == watched({}).baseline


def test_a_post_from_the_future_counts_when_it_arrives():
    assert bucket_of(NOW + DAY, arrived_at=NOW) == LAST
    assert bucket_of(NOW + 4 * MINUTE, arrived_at=NOW) == LAST + 1
    assert bucket_of(NOW - DAY, arrived_at=NOW) == LAST - 288


def test_a_late_burst_raises_within_six_hours_and_is_marked_late():
    hours_ago = LAST - 3 * PER_HOUR
    verdict = recheck(Series(NOW - DAY, {hours_ago: 20}), late=hours_ago, now=NOW)
    assert (verdict.level, verdict.late) == (3, True)
    too_old = LAST - 8 * PER_HOUR
    verdict = recheck(Series(NOW - DAY, {too_old: 20}), late=too_old, now=NOW)
    assert (verdict.level, verdict.late) == (0, False)


def test_the_verdict_of_now_stands_when_a_late_post_adds_nothing():
    series = Series(NOW - DAY, {LAST: 20, LAST - 4 * PER_HOUR: 1})
    assert recheck(series, late=LAST - 4 * PER_HOUR, now=NOW) == is_worse(series, now=NOW)


def test_thresholds_are_data():
    nervous = type(NORMAL)(probability=(0.5, 0.4, 0.3), posts=(1, 1, 1), quiet_below_per_hour=())
    assert is_worse(watched({LAST: 3}), now=NOW).level == 0
    assert is_worse(watched({LAST: 3}), now=NOW, thresholds=nervous).level == 3
