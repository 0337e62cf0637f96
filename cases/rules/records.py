"""The slow sign: more posts, over hours or days, than in any earlier stretch this series remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

BUCKET_S = 300
BUCKETS_PER_DAY = 288
SCALES_S = (3600, 4 * 3600, 24 * 3600)
STEPS = tuple(exp(-BUCKET_S / scale_s) for scale_s in SCALES_S)
MAX_DAYS = 22  # a record is looked back for so many days


@dataclass(frozen=True, slots=True)
class Record:
    """The slow sign of one moment: `level` 0 to 3, and the numbers its sentence needs."""

    level: int = 0
    n: int = 0  # posts in the stretch that stands out
    window_s: int = 0  # how long that stretch is
    earlier_n: int = 0  # the most that such a stretch held earlier
    days: int = 0  # the record of so many days; 0: no record

    def facts(self) -> dict[str, Any]:
        """Plain JSON for the stored reason."""
        return {
            "record_n": self.n,
            "record_window_s": self.window_s,
            "record_earlier_n": self.earlier_n,
            "record_days": self.days,
        }


@dataclass(frozen=True, slots=True)
class Records:
    """The memory of the slow sign: bounded, whatever the length of the history.

    `sums` are fading sums, one a scale, as they stood when bucket `until` began; `days` holds for each
    scale the highest sum of each of the last days, newest last.
    """

    sums: tuple[float, ...] = (0.0,) * len(SCALES_S)
    days: tuple[tuple[int, ...], ...] = ((),) * len(SCALES_S)
    since: int = 0
    until: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "v": 1,
            "sums": [round(each, 3) for each in self.sums],
            "days": [list(each) for each in self.days],
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
            days=tuple(tuple(each) for each in stored["days"]),
            since=stored["since"],
            until=stored["until"],
        )


def slow_sign(
    records: Records,
    buckets: Mapping[int, int],
    *,
    last: int,
    days: tuple[int, ...],
    posts: tuple[int, ...],
) -> Record:
    """The record at the end of bucket `last`: level 2 for `days[0]` days, level 3 for `days[1]`.

    `buckets` holds the counts from `records.until` on; `posts` are the fewest posts for each of the two.
    """
    return Record()
