"""Simulated series, and one watch walked through them as the product does it."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.rules.levels import Level, LevelState, Sign, is_frozen, level_of, step
from cases.rules.worsening import BUCKET_S, ZONE, Baseline, Series, Verdict, is_worse, learn

WEEK_BUCKETS = 7 * 288
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 10, 42, tzinfo=UTC)  # a Tuesday, 11:42 in Amsterdam
LAST = int(NOW.timestamp()) // BUCKET_S
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PER_HOUR = 12


@dataclass(frozen=True)
class Rise:
    """One step up of a watch."""

    at: datetime
    level: Level
    notified: bool
    verdict: Verdict


def poisson(chance: random.Random, mean: float) -> int:
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def steady(
    seed: int, *, per_hour: float, weeks: int = 4, size: float = 0, swing: float = 0.7
) -> dict[int, int]:
    """Counts around a fixed rate with a daily shape (quiet at 4, busy at 16 local time).

    `size` 0: Poisson; else each hour's rate is multiplied by a Gamma of that shape and mean 1, so
    that the hours are negative binomial.
    """
    chance, zone, first = random.Random(seed), ZoneInfo(ZONE), int(MONDAY.timestamp()) // BUCKET_S
    buckets, per_bucket = {}, 0.0
    for number in range(weeks * WEEK_BUCKETS):
        if number % 12 == 0:
            hour = (MONDAY + timedelta(hours=number // 12)).astimezone(zone).hour
            shape = 1 - swing * math.cos((hour - 4) / 24 * 2 * math.pi)
            per_bucket = per_hour * shape * (chance.gammavariate(size, 1 / size) if size else 1) / 12
        if count := poisson(chance, per_bucket):
            buckets[first + number] = count
    return buckets


def walk(buckets: dict[int, int], *, started_at: datetime = MONDAY) -> list[Rise]:
    """Every rise of one watch, with hysteresis, evaluated at the end of each bucket that matters."""
    state, baseline, rises = LevelState(), Baseline.weak(), []
    for bucket in range(int(started_at.timestamp()) // BUCKET_S, max(buckets) + 1):
        if bucket not in buckets and state.level is Level.CALM:
            continue  # an empty bucket can only lower what is up
        now = datetime.fromtimestamp((bucket + 1) * BUCKET_S - 1, UTC)
        known = Series(started_at, buckets, baseline=baseline)
        baseline = learn(baseline, known, until=now, frozen=is_frozen(state, now=now))
        verdict = is_worse(Series(started_at, buckets, baseline=baseline), now=now)
        wanted, before = level_of([Sign("S1", verdict.level, verdict.facts())]), state.level
        state, notified = step(state, wanted, n_60=verdict.n_60, now=now)
        if state.level > before:
            rises.append(Rise(now, state.level, notified, verdict))
    return rises


def watched(buckets, *, since=NOW - 2 * HOUR, unknown=frozenset()):
    """A series whose baseline has learned everything it may."""
    series = Series(since, buckets, frozenset(unknown))
    return Series(since, buckets, frozenset(unknown), learn(series.baseline, series, until=NOW))


def even(per_hour, *, days):
    """So many posts in the first buckets of every hour, up to the hour under test."""
    end = LAST // PER_HOUR * PER_HOUR - PER_HOUR
    return {
        hour + place: 1
        for hour in range(end - days * 24 * PER_HOUR, end, PER_HOUR)
        for place in range(per_hour)
    }
