"""A small calibration run: steady series stay quiet, sharp crises do not (at large: docs/worsening.md)."""

import random
from datetime import timedelta

import pytest

from cases.rules.levels import Level
from cases.rules.worsening import BUCKET_S, bucket_of
from tests.cases.rules.series import MINUTE, MONDAY, steady, walk


@pytest.mark.parametrize("size", [0, 2], ids=["poisson", "negative-binomial"])
def test_steady_series_rise_at_most_once_in_twenty_weeks(size):  # 84 watch-weeks: about a second
    rates, weeks = [0.05, 0.2, 0.7, 1.5, 2.5, 3.5, 5.0] * 3, 4
    rises = [
        rise
        for seed, per_hour in enumerate(rates, start=1000)
        for rise in walk(steady(seed, per_hour=per_hour, weeks=weeks, size=size))
        if rise.level >= Level.WORSENING
    ]
    assert len(rises) <= 0.05 * weeks * len(rates)
    assert not [rise for rise in rises if rise.level >= Level.SERIOUS]


def test_a_sharp_crisis_is_seen_by_its_tenth_post_and_nothing_before():
    start = MONDAY + timedelta(hours=30, minutes=17)
    for seed in range(10):
        chance = random.Random(seed)
        buckets = {
            b: n for b, n in steady(seed, per_hour=0.5, weeks=1).items() if b < start.timestamp() // BUCKET_S
        }
        posted, at = [], start
        while len(posted) < 200:  # one a minute after the event, soon four
            at += timedelta(seconds=chance.expovariate(1 / (60 if len(posted) < 10 else 15)))
            posted.append(at)
        for moment in posted:
            bucket = bucket_of(moment, arrived_at=moment)
            buckets[bucket] = buckets.get(bucket, 0) + 1
        first = next(rise for rise in walk(buckets) if rise.level >= Level.WORSENING)
        assert posted[0] - 5 * MINUTE <= first.at <= posted[9] + 5 * MINUTE
