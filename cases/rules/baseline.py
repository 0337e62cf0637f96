"""What is usual for one series: a Gamma rate with an hour-of-day profile, learned in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Any

from cases.rules.packing import (
    LARGEST,
    as_count,
    as_hours,
    count_code,
    counts_in,
    hours_code,
    hours_in,
    pack,
    unpack,
)

PRIOR_POSTS = 1.0  # a new watch expects about one post in two hours, and knows it hardly
PRIOR_HOURS = 2.0
PROFILE_WEIGHT = 3.0  # posts an hour of the day must bring before it weighs as much as "like any other"
DAY_WEIGHT = 8.0  # the same for weekend against weekday, which differ less
PRIOR_BURST = 1.0  # squared variation beyond chance until it is measured; 0 is a pure Poisson
BURST_WEIGHT = 40.0  # the prior burst weighs as much as so many squared expected posts …
BURST_HOURS = 72.0  # … and so many hours: a wide tail cannot be known from a day
HALF_LIFE_DAYS = 28.0
FADE = exp(-log(2.0) / HALF_LIFE_DAYS)
CLIP_DEVIATIONS = 4.0
MAX_PEAKS = 16
HOURS, CELLS = 24, 48

Cells = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a window is expected to hold: `mean` posts, with Gamma shape `size` (variance m + m²/size)."""

    mean: float
    size: float


@dataclass(frozen=True, slots=True)
class HourSeen:
    """One whole hour to learn: posts and known seconds per quarter, and its place in the week."""

    number: int  # epoch // 3600
    cell: int  # hour of the day, + 24 in the weekend
    posts: tuple[int, ...]  # four quarters
    known_s: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The memory of one series: under 450 bytes as JSON, whatever the length of its history.

    `posts` and `hours` (48 cells: 24 weekday hours, then 24 weekend hours) fade with a half-life
    of four weeks. `bursts` holds (excess, weight) for quarters, then for hours: how much more the
    counts scatter than chance. `peaks` are (hour number, posts), each lower than the one before:
    the staircase from which "busiest hour in 19 days" is read. Hours before `until` are learned. All
    numbers are those that can be stored, so that storing between two hours changes nothing.
    """

    posts: Cells = (0.0,) * CELLS
    hours: Cells = (0.0,) * CELLS
    bursts: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    peaks: tuple[tuple[int, int], ...] = ()
    until: int = 0

    @staticmethod
    def weak() -> Baseline:
        """What a new watch starts from: nothing learned, so the weak prior speaks alone."""
        return Baseline()

    @property
    def shape(self) -> float:
        return PRIOR_POSTS + sum(self.posts)

    @property
    def rate(self) -> float:
        return PRIOR_HOURS + sum(self.hours)

    def expected(self, shares: Sequence[tuple[int, float]], *, quarter: bool) -> Usual:
        """Posts expected in a window: `shares` are (cell, hours of the window in it), newest first."""
        per_hour = self.shape / self.rate
        trust = self._trust(per_hour)
        mean = sum(per_hour * self._multiplier(cell, per_hour, trust) * hours for cell, hours in shares)
        variation = self._doubt(shares[0][0], trust) + self.burst(quarter=quarter)
        return Usual(mean, 1.0 / variation)

    def _trust(self, per_hour: float) -> float:
        """What one learned post weighs as evidence: posts that come in bursts tell less each."""
        return 1.0 / (1.0 + self.burst(quarter=False) * per_hour)

    def _multiplier(self, cell: int, per_hour: float, trust: float) -> float:
        """How busy this hour of this kind of day is against the average, shrunk to 1."""
        other = (cell + HOURS) % CELLS
        posts, usual = trust * self.posts[cell], trust * self.hours[cell] * per_hour
        both, both_usual = posts + trust * self.posts[other], usual + trust * self.hours[other] * per_hour
        of_day = (both + PROFILE_WEIGHT) / (both_usual + PROFILE_WEIGHT)
        return of_day * (posts + DAY_WEIGHT) / (usual * of_day + DAY_WEIGHT)

    def _doubt(self, cell: int, trust: float) -> float:
        """Squared relative uncertainty of the expected count: of the rate, the hour and the day."""
        here, other = trust * self.posts[cell], trust * self.posts[(cell + HOURS) % CELLS]
        of_day = 1.0 / (DAY_WEIGHT + here) - 1.0 / (DAY_WEIGHT + here + other)
        of_rate = 1.0 / (PRIOR_POSTS + trust * sum(self.posts))
        return of_rate + 1.0 / (PROFILE_WEIGHT + here + other) + of_day

    def burst(self, *, quarter: bool) -> float:
        """How much more the counts scatter than chance: squared variation of the rate within an hour."""
        excess, weight = self.bursts[:2] if quarter else self.bursts[2:]
        hours = sum(self.hours)
        prior = BURST_WEIGHT + (BURST_HOURS * weight / hours if hours else 0.0)
        return max(0.0, (PRIOR_BURST * prior + excess) / (prior + weight))

    def hours_since(self, posts: int, *, at: int) -> int | None:
        """Hours since an hour had at least this many posts, seen from hour number `at`; None: never."""
        found = [at - number for number, count in self.peaks if count >= posts and number < at]
        return min(found, default=None)

    def after(self, hour: HourSeen, *, frozen: bool) -> Baseline:
        """This memory one hour later. A frozen hour is remembered as a peak, and not as usual."""
        peaks = _with_peak(self.peaks, hour.number, sum(hour.posts))
        known_hours = sum(hour.known_s) / 3600.0
        if frozen or not known_hours:
            return replace(self, peaks=peaks, until=hour.number + 1)
        usual = self.expected([(hour.cell, known_hours)], quarter=False)
        ceiling = usual.mean + CLIP_DEVIATIONS * sqrt(usual.mean + usual.mean**2 / usual.size) + 3.0
        posts, hours = list(self.posts), list(self.hours)
        posts[hour.cell] = as_count(posts[hour.cell] + min(float(sum(hour.posts)), ceiling))
        hours[hour.cell] = as_hours(hours[hour.cell] + known_hours)
        bursts = self._bursts_after(hour, ceiling) if min(hour.known_s) == 900 else self.bursts
        learned = Baseline(tuple(posts), tuple(hours), bursts, peaks, hour.number + 1)
        return learned._faded() if learned.until % HOURS == 0 else learned

    def _bursts_after(self, hour: HourSeen, ceiling: float) -> tuple[float, float, float, float]:
        """Add how far this hour and its quarters lay from what was expected, beyond chance."""
        per_hour = self.shape / self.rate
        trust = self._trust(per_hour)
        mean = per_hour * self._multiplier(hour.cell, per_hour, trust)
        explained = self._doubt(hour.cell, trust)
        excess_15, weight_15, excess_60, weight_60 = self.bursts
        for posts in hour.posts:
            excess_15 += _excess(min(posts, ceiling), mean / 4, explained)
        excess_60 += _excess(min(sum(hour.posts), ceiling), mean, explained)
        weight_15, weight_60 = weight_15 + mean * mean / 4, weight_60 + mean * mean
        return _short(excess_15), _short(weight_15), _short(excess_60), _short(weight_60)

    def _faded(self) -> Baseline:
        excess_15, weight_15, excess_60, weight_60 = (_short(part * FADE) for part in self.bursts)
        return replace(
            self,
            posts=tuple(as_count(posts * FADE) for posts in self.posts),
            hours=tuple(as_hours(hours * FADE) for hours in self.hours),
            bursts=(excess_15, weight_15, excess_60, weight_60),
        )

    def to_json(self) -> dict[str, Any]:
        steps = [(self.until - number, posts) for number, posts in self.peaks]
        return {
            "v": 2,
            "posts": pack((count_code(posts) for posts in self.posts), 2),
            "hours": pack((hours_code(hours) for hours in self.hours), 2),
            "bursts": list(self.bursts),
            "peaks": pack((part for step in steps for part in step), 3),
            "until": self.until,
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Baseline:
        """Read what `to_json` wrote; {} and the longer form of 0.3 are the weak baseline of a new watch."""
        if stored.get("v") != 2:
            return Baseline.weak()
        excess_15, weight_15, excess_60, weight_60 = stored["bursts"]
        until, steps = stored["until"], unpack(stored["peaks"], 3)
        return Baseline(
            posts=counts_in(stored["posts"]),
            hours=hours_in(stored["hours"]),
            bursts=(excess_15, weight_15, excess_60, weight_60),
            peaks=tuple((until - ago, posts) for ago, posts in zip(steps[::2], steps[1::2], strict=True)),
            until=until,
        )


def _short(part: float) -> float:
    return float(f"{part:.6g}")


def _excess(posts: float, mean: float, explained: float) -> float:
    return (posts - mean) ** 2 - mean - explained * mean * mean


def _with_peak(peaks: tuple[tuple[int, int], ...], number: int, posts: int) -> tuple[tuple[int, int], ...]:
    """The staircase with one more hour: lower earlier hours can never be the answer again."""
    if not posts:
        return peaks
    posts = min(posts, LARGEST)
    kept = [peak for peak in peaks if peak[1] > posts]
    kept.append((number, posts))
    if len(kept) > MAX_PEAKS:  # drop the step nearest to the one above it
        gaps = [above[1] / step[1] for above, step in zip(kept, kept[1:], strict=False)]
        del kept[1 + gaps.index(min(gaps))]
    return tuple(kept)
