"""Has a watched series worsened? The fast sign: how unlikely the last 15 and 60 minutes are.

Pure arithmetic on 5-minute counts by event time; the method, its sources and its limits are in
docs/worsening.md, the choices in docs/decisions/0003-when-is-it-worse.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.rules.baseline import Baseline, HourSeen, Usual
from cases.rules.records import Record, Records, strongest
from cases.rules.tails import quantile, tail_probability
from cases.rules.thresholds import NEGATIVE, NORMAL, Thresholds

__all__ = [
    "AHEAD",
    "BUCKET_S",
    "NEGATIVE",
    "NORMAL",
    "ZONE",
    "Baseline",
    "Record",
    "Records",
    "Series",
    "Thresholds",
    "Verdict",
    "bucket_of",
    "is_worse",
    "judge",
    "learn",
    "learned",
    "may_rise",
    "recheck",
]

BUCKET_S = 300
HOUR_S, QUARTER_S = 3600, 900
BUCKETS_PER_HOUR, BUCKETS_PER_QUARTER = 12, 3
ZONE = "Europe/Amsterdam"
AHEAD = timedelta(minutes=5)  # a post stamped further ahead than this counts when it arrives
LATE_MAY_RAISE = timedelta(hours=6)  # a window that ended longer ago raises no alarm any more
LOOKS = {HOUR_S: 3, QUARTER_S: 8}  # windows an hour offers that are as good as independent
LEARNING_LAG_H = 1  # the hour under test is not yet usual


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one watch by event time.

    `buckets`: bucket number (epoch // 300) → posts; an absent bucket is zero unless it is in
    `unknown` (the source could not be seen then) or lies before `started_at`. A reader may pass
    only the recent part: what is not learned yet and the last hour.
    """

    started_at: datetime
    buckets: Mapping[int, int]
    unknown: frozenset[int] = frozenset()
    baseline: Baseline = field(default_factory=Baseline.weak)
    records: Records = field(default_factory=Records)

    def state(self) -> dict[str, Any]:
        """What to store of this series after an evaluation: bounded, plain JSON."""
        return {"baseline": self.baseline.to_json(), "records": self.records.to_json()}

    def with_state(self, stored: Mapping[str, Any]) -> Series:
        """These counts with what `state` stored; {} is a new series."""
        return replace(
            self,
            baseline=Baseline.from_json(stored.get("baseline", {})),
            records=Records.from_json(stored.get("records", {})),
        )

    @staticmethod
    def counts_from(stored: Mapping[str, Any], started_at: datetime, *, now: datetime) -> int:
        """The first bucket whose count a reader must pass in, given what `state` stored."""
        hour: int = max(stored.get("baseline", {}).get("until", 0), int(started_at.timestamp()) // HOUR_S)
        return min(hour, int(now.timestamp()) // HOUR_S - 1) * BUCKETS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, with every number the sentence needs; `hour` and `weekday` are local time."""

    level: int  # the sign: 0 to 3
    n: int  # posts in the window that was least likely
    window_s: int  # 900 or 3600
    n_60: int
    probability: float
    usual: Usual
    busiest_hours: int | None  # hours since there were as many in one; None: never since the watch began
    watched_hours: int
    hour: int
    weekday: int  # 0 is Monday
    unknown_s: int  # seconds of the last hour in which the source could not be seen
    late: bool = False
    fast_level: int = 0  # what the last 15 and 60 minutes say
    record: Record = field(default_factory=Record)  # what hours and days say

    @property
    def is_worse(self) -> bool:
        return self.level >= 2

    @property
    def usual_low(self) -> int:
        """A quarter of such windows have fewer posts than this."""
        return quantile(0.25, mean=self.usual.mean, size=self.usual.size)

    @property
    def usual_high(self) -> int:
        """A quarter of such windows have more posts than this."""
        return quantile(0.75, mean=self.usual.mean, size=self.usual.size)

    def facts(self) -> dict[str, Any]:
        """The stored reason: plain JSON, from which the sentence is built and nothing recomputed."""
        return {
            "n": self.n,
            "window_s": self.window_s,
            "n_60": self.n_60,
            "probability": self.probability,
            "usual_low": self.usual_low,
            "usual_high": self.usual_high,
            "usual_mean": round(self.usual.mean, 4),
            "busiest_hours": self.busiest_hours,
            "watched_hours": self.watched_hours,
            "hour": self.hour,
            "weekday": self.weekday,
            "weekend": self.weekday >= 5,
            "unknown_s": self.unknown_s,
            "late": self.late,
            "fast_level": self.fast_level,
            **self.record.facts(),
        }


def bucket_of(posted_at: datetime, *, arrived_at: datetime) -> int:
    """The bucket a post counts in: by event time, or by arrival when it claims to be from the future."""
    counted_at = arrived_at if posted_at > arrived_at + AHEAD else posted_at
    return int(counted_at.timestamp()) // BUCKET_S


@dataclass(frozen=True, slots=True)
class _Window:
    seconds: int
    n: int
    usual: Usual
    probability: float
    level: int

    @property
    def rank(self) -> tuple[int, float, int]:
        """The strongest sign first, then the least likely, then the longer window."""
        return -self.level, self.probability, -self.seconds


def judge(series: Series, *, now: datetime, zone: str = ZONE, thresholds: Thresholds = NORMAL) -> Verdict:
    """Judge the series up to now by both signs, the fast and the slow; the higher level counts.

    Pass what `learned` returned, with all counts from `Series.counts_from` on. Constant work per call.
    """
    fast = is_worse(series, now=now, zone=zone, thresholds=thresholds)
    record = strongest(series.records, series.buckets, last=int(now.timestamp()) // BUCKET_S)
    slow = thresholds.record_level(record, n_60=fast.n_60, probability=fast.probability)
    return replace(fast, level=max(fast.level, slow), record=replace(record, level=slow))


def may_rise(series: Series, *, now: datetime, thresholds: Thresholds = NORMAL) -> bool:
    """Whether the last hour holds enough posts for any sign of volume: if not, `judge` says 0.

    For sweeps over many watches. A level that is up is judged whatever this says, or it would never fall.
    """
    last = int(now.timestamp()) // BUCKET_S
    count = series.buckets.get
    fewest = min(thresholds.posts)
    return sum(count(bucket, 0) for bucket in range(last - BUCKETS_PER_HOUR + 1, last + 1)) >= fewest


def is_worse(series: Series, *, now: datetime, zone: str = ZONE, thresholds: Thresholds = NORMAL) -> Verdict:
    """Judge the 15 and the 60 minutes up to now; the less likely of the two is reported.

    Both windows count as whole ones, also when the watch is younger or part of it was unseen: the
    posts found are then a lower bound, so the sign can come too low and never too high. Evaluate
    when a post arrives and when a bucket closes, after `learn`. Constant work per call.
    """
    last = int(now.timestamp()) // BUCKET_S
    recent = range(last, last - BUCKETS_PER_HOUR, -1)
    counts = [series.buckets.get(bucket, 0) for bucket in recent]
    local = datetime.fromtimestamp(last * BUCKET_S, ZoneInfo(zone))
    cells = _cell(local), _cell(datetime.fromtimestamp(last * BUCKET_S - HOUR_S, local.tzinfo))
    this_hour = local.minute * 60 // BUCKET_S + 1  # buckets of the window in the current clock hour
    best = min(
        (
            _window(series.baseline, counts[:buckets], cells, this_hour, thresholds)
            for buckets in (BUCKETS_PER_HOUR, BUCKETS_PER_QUARTER)
        ),
        key=lambda window: window.rank,
    )
    n_60, this = sum(counts), last // BUCKETS_PER_HOUR
    return Verdict(
        level=best.level,
        n=best.n,
        window_s=best.seconds,
        n_60=n_60,
        probability=best.probability,
        usual=best.usual,
        busiest_hours=series.baseline.hours_since(n_60, at=this),
        watched_hours=max(0, this - int(series.started_at.timestamp()) // HOUR_S),
        hour=local.hour,
        weekday=local.weekday(),
        unknown_s=sum(bucket in series.unknown for bucket in recent) * BUCKET_S,
        fast_level=best.level,
    )


def _window(
    baseline: Baseline, counts: list[int], cells: tuple[int, int], this_hour: int, thresholds: Thresholds
) -> _Window:
    newest = min(this_hour, len(counts))
    shares = [
        (cells[0], newest / BUCKETS_PER_HOUR),
        (cells[1], (len(counts) - newest) / BUCKETS_PER_HOUR),
    ]
    usual = baseline.expected(shares, quarter=len(counts) == BUCKETS_PER_QUARTER)
    n, seconds = sum(counts), len(counts) * BUCKET_S
    once = tail_probability(n, mean=usual.mean, size=usual.size)
    probability = min(1.0, once * LOOKS[seconds])
    level = thresholds.level(n, probability, per_hour=usual.mean * HOUR_S / seconds)
    return _Window(seconds, n, usual, probability, level)


def recheck(
    series: Series, *, late: int, now: datetime, zone: str = ZONE, thresholds: Thresholds = NORMAL
) -> Verdict:
    """The worst verdict of the windows that hold a late post's bucket and ended under 6 h ago.

    `late` is the bucket number. A window of the past raises only as far back as LATE_MAY_RAISE;
    with nothing left to recheck this is the verdict of now, not marked late.
    """
    last = int(now.timestamp()) // BUCKET_S
    oldest = int((now - LATE_MAY_RAISE).timestamp()) // BUCKET_S + 1
    worst = is_worse(series, now=now, zone=zone, thresholds=thresholds)
    for bucket in range(max(late, oldest), min(late + BUCKETS_PER_HOUR, last)):
        then = datetime.fromtimestamp(bucket * BUCKET_S, UTC)
        verdict = is_worse(series, now=then, zone=zone, thresholds=thresholds)
        if (verdict.level, -verdict.probability) > (worst.level, -worst.probability):
            worst = replace(verdict, late=True)
    return worst


def learned(series: Series, *, until: datetime, frozen: bool = False, zone: str = ZONE) -> Series:
    """The series with its baseline and its records brought up to date; see `learn`.

    A record is what was: it is kept while learning is frozen as well, and fades.
    """
    baseline = learn(series.baseline, series, until=until, frozen=frozen, zone=zone)
    records = series.records
    if not records.until:
        first = int(series.started_at.timestamp()) // HOUR_S * BUCKETS_PER_HOUR
        records = Records(since=first, until=first)
    end = (int(until.timestamp()) // HOUR_S - LEARNING_LAG_H) * BUCKETS_PER_HOUR
    return replace(series, baseline=baseline, records=records.after(series.buckets, until=end))


def learn(
    baseline: Baseline, series: Series, *, until: datetime, frozen: bool = False, zone: str = ZONE
) -> Baseline:
    """The baseline with every whole hour added that ended an hour or longer before `until`.

    Pass now, at every evaluation: learning in one go or hour by hour gives the same. `frozen`
    hours (a level is up, see `levels.is_frozen`) are passed over, so that an outbreak does not
    become usual; unknown buckets and the time before the watch are left out, never taken as zero.
    """
    end = int(until.timestamp()) // HOUR_S - LEARNING_LAG_H
    start = max(baseline.until, int(series.started_at.timestamp()) // HOUR_S)
    local_zone = ZoneInfo(zone)
    for hour in _hours(series, start, end, local_zone):
        baseline = baseline.after(hour, frozen=frozen)
    return baseline


def _hours(series: Series, start: int, end: int, zone: ZoneInfo) -> Iterator[HourSeen]:
    started_s = int(series.started_at.timestamp())
    for number in range(start, end):
        posts, known_s = [0] * 4, [0] * 4
        for place in range(BUCKETS_PER_HOUR):
            bucket = number * BUCKETS_PER_HOUR + place
            seen_s = min(BUCKET_S, (bucket + 1) * BUCKET_S - started_s)
            if bucket not in series.unknown and seen_s > 0:
                posts[place // BUCKETS_PER_QUARTER] += series.buckets.get(bucket, 0)
                known_s[place // BUCKETS_PER_QUARTER] += seen_s
        cell = _cell(datetime.fromtimestamp(number * HOUR_S, zone))
        yield HourSeen(number, cell, tuple(posts), tuple(known_s))


def _cell(local: datetime) -> int:
    return local.hour + (24 if local.weekday() >= 5 else 0)
