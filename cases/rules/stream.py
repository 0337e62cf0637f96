"""One series as a stream: each count is judged when it comes, by what came before it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import log10

from cases.rules.levels import LevelState, Sign, is_frozen, level_of, step
from cases.rules.thresholds import STREAM, Thresholds
from cases.rules.worsening import BUCKET_S, Series, Verdict, judge, learned

ALARM_SCORE = 0.5
"""A row is an alarm exactly when its score is this or higher."""

GAP = timedelta(hours=12)
"""After an alarm the next comes no sooner; counted from the alarm, not from the last row that stood out."""

KEPT_BUCKETS = 48  # counts are read back to the hour that is not learned yet, at most three hours
CERTAIN = 12.0  # powers of ten of improbability at which the score of an alarm is full
DAMPED = 0.98  # what is no alarm stays below ALARM_SCORE


class OutOfOrder(Exception):
    """A row is older than the one before it: a stream cannot go back."""

    def __init__(self, at: datetime, after: datetime) -> None:
        super().__init__(at, after)
        self.at, self.after = at, after

    def __str__(self) -> str:
        return (
            f"The row of {self.at.isoformat()} comes after the one of {self.after.isoformat()}; "
            "rows must be in order of time. Sort the file and start again."
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What one row is worth: a score from 0 to 1, and whether it is an alarm."""

    score: float
    is_alarm: bool
    verdict: Verdict


@dataclass(slots=True)
class Stream:
    """Counts come in order of time; every `take` answers before the next is known.

    Time between rows counts as zero posts. Memory and work a row are bounded. A row is an alarm when
    the series has worsened (by either sign) and this is a record, and no alarm rang within GAP. A series
    too young for records rings when its level rises, as a watch does.
    """

    zone: str = "UTC"
    thresholds: Thresholds = STREAM
    _series: Series | None = None
    _last_at: datetime | None = None
    _alarmed_at: datetime | None = None
    _level: LevelState = field(default_factory=LevelState)

    def take(self, at: datetime, posts: int) -> Judged:
        """Judge `posts` more posts at a time with a zone. Raises OutOfOrder, and takes nothing then."""
        if self._last_at and at < self._last_at:
            raise OutOfOrder(at, self._last_at)
        self._last_at = at
        series = self._counted(at, posts)
        series = learned(series, until=at, frozen=is_frozen(self._level, now=at), zone=self.zone)
        verdict = judge(series, now=at, zone=self.zone, thresholds=self.thresholds)
        self._series = series
        wanted = level_of([Sign("S1", verdict.level)])
        self._level, is_news = step(self._level, wanted, n_60=verdict.n_60, now=at)
        record = verdict.record
        is_record = record.strength >= self.thresholds.record_strength
        rings = verdict.is_worse and (is_record or (record.is_young and is_news))
        return self._judged(verdict, at, rings=rings)

    def _counted(self, at: datetime, posts: int) -> Series:
        bucket = int(at.timestamp()) // BUCKET_S
        series = self._series or Series(at.astimezone(UTC), {})
        counts = dict(series.buckets)
        if posts:
            counts[bucket] = counts.get(bucket, 0) + posts
        if len(counts) > KEPT_BUCKETS:
            oldest = series.records.until - KEPT_BUCKETS
            counts = {number: n for number, n in counts.items() if number >= oldest}
        return replace(series, buckets=counts)

    def _judged(self, verdict: Verdict, at: datetime, *, rings: bool) -> Judged:
        improbable = -log10(max(verdict.probability, 1e-300))
        if rings and (self._alarmed_at is None or at - self._alarmed_at >= GAP):
            self._alarmed_at = at
            return Judged(ALARM_SCORE + (1 - ALARM_SCORE) * min(1.0, improbable / CERTAIN), True, verdict)
        return Judged(DAMPED * ALARM_SCORE * min(1.0, improbable / CERTAIN), False, verdict)
