"""The slow sign: more posts than in any earlier stretch that the series remembers, at three time scales.

Method, sources and limits: docs/worsening.md; why so: docs/decisions/0015-a-record-is-a-sign.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any

BUCKET_S = 300
BUCKETS_PER_HOUR, BUCKETS_PER_DAY = 12, 288
SCALES_S = (900, 3600, 14400)
STEPS = tuple(exp(-BUCKET_S / scale_s) for scale_s in SCALES_S)
HALF_LIFE_DAYS = 10.0  # an earlier record counts for half after so long
FADE = 0.5 ** (1.0 / (HALF_LIFE_DAYS * BUCKETS_PER_DAY))
SHOT = 2.0  # so many posts more than the earlier record are chance where posts are few
YOUNG = 2 * BUCKETS_PER_DAY  # a younger series has nothing to compare with
SMALLEST = 0.01  # a fading sum below this is nothing


@dataclass(frozen=True, slots=True)
class Record:
    """What the slow sign finds at one moment: a `strength` above 1 is a record, the rest explains it."""

    strength: float = 0.0  # the fading sum over the faded record
    n: int = 0  # posts in the stretch that stands out most, older ones weighing less
    window_s: int = 0  # how long that stretch is
    earlier_n: int = 0  # the most that such a stretch held earlier
    days: int = 0  # days since it held as many, or since counting began
    level: int = 0  # the sign, 0, 2 or 3: see `Thresholds.record_level`
    is_young: bool = False  # the series is too young to have records

    def facts(self) -> dict[str, Any]:
        """Plain JSON for the stored reason; `record_days` is 0 when there is no record."""
        return {
            "record_level": self.level,
            "record_n": self.n,
            "record_window_s": self.window_s,
            "record_earlier_n": self.earlier_n,
            "record_days": self.days if self.level else 0,
        }


@dataclass(frozen=True, slots=True)
class Records:
    """The memory of the slow sign: under 250 bytes as JSON, whatever the length of the history.

    `sums` are fading sums, one a scale: a post weighs 1 when it is new and 1/e after 15 minutes, one
    hour, four hours. `highest` holds the record of each scale: its sum and the bucket it was reached in.
    Buckets before `until`, which begins an hour, are learned; `since` is the first one.
    """

    sums: tuple[float, ...] = (0.0,) * len(SCALES_S)
    highest: tuple[tuple[float, int], ...] = ((0.0, 0),) * len(SCALES_S)
    since: int = 0
    until: int = 0

    def after(self, buckets: Mapping[int, int], *, until: int) -> Records:
        """These records one hour or more later; `until` begins an hour.

        Rounded at the end of every hour, so that learning at once or hour by hour gives the same.
        """
        records = self
        while records.until < until:
            if not any(records.sums) and not records._is_busy(buckets):
                records = replace(records, until=records.until + BUCKETS_PER_HOUR)
                continue
            records = records._after_hour(buckets)
        return records

    def _is_busy(self, buckets: Mapping[int, int]) -> bool:
        return any(bucket in buckets for bucket in range(self.until, self.until + BUCKETS_PER_HOUR))

    def _after_hour(self, buckets: Mapping[int, int]) -> Records:
        sums, highest = self.sums, list(self.highest)
        for bucket in range(self.until, self.until + BUCKETS_PER_HOUR):
            posts = buckets.get(bucket, 0)
            sums = _one_more(sums, posts)
            if posts:
                for scale, total in enumerate(sums):
                    if total >= faded(highest[scale], at=bucket):
                        highest[scale] = (round(total, 2), bucket)
        kept = tuple(round(total, 3) if total >= SMALLEST else 0.0 for total in sums)
        return replace(self, sums=kept, highest=tuple(highest), until=self.until + BUCKETS_PER_HOUR)

    def to_json(self) -> dict[str, Any]:
        return {
            "v": 1,
            "sums": list(self.sums),
            "highest": [list(each) for each in self.highest],
            "since": self.since,
            "until": self.until,
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Records:
        """Read what `to_json` wrote; {} is a new series."""
        if not stored:
            return Records()
        return Records(
            sums=tuple(stored["sums"]),
            highest=tuple((total, bucket) for total, bucket in stored["highest"]),
            since=stored["since"],
            until=stored["until"],
        )


def faded(record: tuple[float, int], *, at: int) -> float:
    """What an earlier record still counts for in bucket `at`."""
    total, bucket = record
    return total * float(FADE ** (at - bucket)) if total else 0.0


def _one_more(sums: tuple[float, ...], posts: int) -> tuple[float, ...]:
    quarter, hour, four = sums
    return quarter * STEPS[0] + posts, hour * STEPS[1] + posts, four * STEPS[2] + posts


def strongest(records: Records, buckets: Mapping[int, int], *, last: int) -> Record:
    """The scale whose sum at the end of bucket `last` stands out most above its own faded record.

    `buckets` holds the counts from `records.until` on. A bucket that was not seen counts as nothing: the
    sums can be too low and never too high.
    """
    if last - records.since < YOUNG or not records.until:
        return Record(is_young=True)
    sums = records.sums
    for bucket in range(records.until, last + 1):
        sums = _one_more(sums, buckets.get(bucket, 0))
    found = Record()
    for scale, total in enumerate(sums):
        highest = records.highest[scale]
        strength = total / (faded(highest, at=last) + SHOT)
        if strength > found.strength:
            since = records.since if total >= highest[0] else highest[1]
            days = (last - since) // BUCKETS_PER_DAY
            found = Record(strength, round(total), SCALES_S[scale], round(highest[0]), days)
    return found
