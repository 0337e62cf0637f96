"""The watches of `bench worsening`: walked as the product walks them."""

import random
from datetime import timedelta

from cases.rules.levels import Level
from config.bench import simulate
from config.bench.simulate import DAY, FIRST, MONDAY, Rise, first_rise, minutes_after_fifth, steady, walk


def test_a_burst_on_a_quiet_watch_rises_once_and_is_notified():
    quiet = {FIRST + n * 100: 1 for n in range(60)}
    rises = walk({**quiet, FIRST + 4000: 30})
    assert [(rise.level, rise.is_notified) for rise in rises] == [(Level.SERIOUS, True)]


def test_only_a_notified_rise_to_serious_at_night_wakes():
    night, day = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=12)
    told = [Rise(night, Level.SERIOUS, True), Rise(day, Level.SERIOUS, True)]
    others = [Rise(night, Level.WORSENING, True), Rise(night, Level.SERIOUS, False)]
    assert [rise.wakes for rise in told + others] == [True, False, False, False]


def test_minutes_run_from_the_fifth_post_after_the_event():
    posted = [MONDAY + n * timedelta(minutes=1) for n in range(40)]
    rises, _days = first_rise(posted)
    assert minutes_after_fifth(posted, rises, posted[2]) == (rises[0].at - posted[6]) / timedelta(minutes=1)


def test_quiet_days_lie_far_from_windows_and_from_what_rang():
    counts = list(range(10 * DAY))
    days = list(simulate.quiet_days(counts, [(3 * DAY + 5, 4 * DAY)], rung=[8 * DAY + 1]))
    assert [day[0] // DAY for day in days] == [0, 1, 5, 6, 7, 9]


def test_made_counts_are_the_same_for_the_same_seed_and_have_the_rate_asked_for():
    made = steady(3, per_hour=2.0, weeks=4, size=2.0)
    assert made == steady(3, per_hour=2.0, weeks=4, size=2.0)
    assert 1.7 < sum(made.values()) / (4 * 168) < 2.3


def test_thinning_keeps_a_share():
    kept = simulate.thinned(random.Random(1), ((n, 100) for n in range(100)), 0.1)
    assert 800 < sum(kept.values()) < 1200
