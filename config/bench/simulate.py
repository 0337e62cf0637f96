"""Watches over counts that are made up, or cut from real ones: how often they rise, and how fast."""

import math
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.rules.levels import Level, LevelState, Sign, is_frozen, level_of, reply_sign, step
from cases.rules.worsening import BUCKET_S, NEGATIVE, NORMAL, ZONE, Series, judge, learned, may_rise

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
FIRST = int(MONDAY.timestamp()) // BUCKET_S
DAY, WEEK = 288, 2016  # in buckets
KEPT = 40  # a watch reads the counts of the last hours only
NIGHT = (23, 7)
LOCAL = ZoneInfo(ZONE)

Counts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Rise:
    """One step up of a watch."""

    at: datetime
    level: Level
    is_notified: bool

    @property
    def wakes(self) -> bool:
        """Whether it calls somebody out of bed."""
        hour = self.at.astimezone(LOCAL).hour
        return self.is_notified and self.level >= Level.SERIOUS and (hour >= NIGHT[0] or hour < NIGHT[1])


class Watched:
    """One watch as the product walks it: judged when posts come, and while a level is up.

    `is_thread`: every post is a reply, and which are negative is known, so that replies and negative
    posts are signs as well.
    """

    def __init__(self, started_at: datetime, *, is_thread: bool = False) -> None:
        self._all = Series(started_at, {})
        self._negative = Series(started_at, {}) if is_thread else None
        self._level = LevelState()

    def look(self, posts: Counts, negative: Counts, *, now: datetime) -> Rise | None:
        """Judge the counts of the last hours, and say when the level rose."""
        calm = self._level.level is Level.CALM
        self._all = _with_counts(self._all, posts)
        if calm and not may_rise(self._all, now=now):
            return None
        frozen = is_frozen(self._level, now=now)
        self._all = learned(self._all, until=now, frozen=frozen)
        verdict = judge(self._all, now=now, thresholds=NORMAL)
        signs = [Sign("S1", verdict.level)]
        if self._negative is not None:
            signs.append(reply_sign(verdict.n_60))
            self._negative = learned(_with_counts(self._negative, negative), until=now, frozen=frozen)
            signs.append(Sign("S2", judge(self._negative, now=now, thresholds=NEGATIVE).level))
        before = self._level.level
        self._level, is_notified = step(self._level, level_of(signs), n_60=verdict.n_60, now=now)
        return Rise(now, self._level.level, is_notified) if self._level.level > before else None

    @property
    def is_up(self) -> bool:
        return self._level.level is not Level.CALM

    @property
    def reads_from(self) -> int:
        """The first bucket that it has not learned yet."""
        return self._all.records.until


def _with_counts(series: Series, counts: Counts) -> Series:
    return Series(series.started_at, counts, frozenset(), series.baseline, series.records)


def walk(posts: Counts, *, negative: Counts | None = None) -> list[Rise]:
    """Every rise of a watch that began on MONDAY, at the ends of the buckets that matter."""
    watch, rises = Watched(MONDAY, is_thread=negative is not None), []
    for bucket in range(FIRST, max(posts, default=FIRST) + DAY):
        if bucket not in posts and not watch.is_up:
            continue  # an empty bucket can only lower what is up
        now = datetime.fromtimestamp((bucket + 1) * BUCKET_S - 1, UTC)
        rise = watch.look(posts, negative or {}, now=now)
        if rise:
            rises.append(rise)
    return rises


def steady(seed: int, *, per_hour: float, weeks: int, size: float) -> dict[int, int]:
    """Counts around a fixed rate with a daily shape, quiet at 4 and busy at 16 hours local time.

    `size` 0: Poisson; else each hour's rate is multiplied by a Gamma of that shape and mean 1, so
    that the hours are negative binomial.
    """
    chance = random.Random(seed)
    per_bucket = 0.0
    counts: dict[int, int] = {}
    for number in range(weeks * WEEK):
        if number % 12 == 0:
            hour = (MONDAY + timedelta(hours=number // 12)).astimezone(LOCAL).hour
            shape = 1 - 0.7 * math.cos((hour - 4) / 24 * 2 * math.pi)
            per_bucket = per_hour * shape * (chance.gammavariate(size, 1 / size) if size else 1) / 12
        if count := poisson(chance, per_bucket):
            counts[FIRST + number] = count
    return counts


def poisson(chance: random.Random, mean: float) -> int:
    """A count drawn around a small mean."""
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def thinned(chance: random.Random, counts: Iterable[tuple[int, int]], share: float) -> dict[int, int]:
    """Each post kept by chance, a `share` of them in all."""
    kept = ((bucket, sum(chance.random() < share for _post in range(n))) for bucket, n in counts)
    return {bucket: n for bucket, n in kept if n}


def quiet_days(
    counts: Sequence[int], windows: Sequence[tuple[int, int]], rung: Iterable[int]
) -> Iterator[Sequence[int]]:
    """Whole days of a real series a day or farther from every labelled window, on which nothing `rung`.

    `rung`: the rows that detectors other than ours named.
    """
    loud = {row // DAY for row in rung}
    for first in range(0, len(counts) - DAY + 1, DAY):
        is_far = all(first + 2 * DAY <= start or first >= end + DAY for start, end in windows)
        if is_far and first // DAY not in loud:
            yield counts[first : first + DAY]


def first_rise(posted: Sequence[datetime], *, level: Level = Level.WORSENING) -> tuple[list[Rise], float]:
    """All rises of a watch that saw these posts come, judged at every post; and how long it watched, in days.

    The watch began with the first post.
    """
    watch, rises, began = Watched(posted[0]), [], posted[0]
    counts: dict[int, int] = {}
    due = began
    for at in posted:
        while watch.is_up and due < at:  # closing buckets, while something may fall
            found = watch.look(counts, {}, now=due)
            rises += [found] if found else []
            due += timedelta(seconds=BUCKET_S)
        bucket = int(at.timestamp()) // BUCKET_S
        counts[bucket] = counts.get(bucket, 0) + 1
        found = watch.look(counts, {}, now=at)
        rises += [found] if found else []
        due = at + timedelta(seconds=BUCKET_S)
    return [rise for rise in rises if rise.level >= level], (posted[-1] - began) / timedelta(days=1)


def minutes_after_fifth(posted: Sequence[datetime], rises: Sequence[Rise], event_at: datetime) -> float:
    """From the fifth post of an event to the first rise after it began; infinite: never."""
    fifth = posted[bisect_left(posted, event_at) + 4]
    seen = next((rise.at for rise in rises if rise.at >= event_at), None)
    return (seen - fifth) / timedelta(minutes=1) if seen else math.inf
