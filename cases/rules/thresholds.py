"""When a count is a sign: probabilities, fewest posts and records, as values that can be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cases.rules.records import Record


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a count makes sign 1, 2 and 3: the probability it must undercut and the posts it must have."""

    probability: tuple[float, float, float] = (1e-3, 1e-4, 1e-8)
    posts: tuple[int, int, int] = (3, 3, 20)
    quiet_below_per_hour: tuple[float, ...] = (0.5, 0.1)  # each step asks more posts for signs 2 and 3
    more_when_quiet: tuple[int, int, int] = (0, 1, 2)
    record_days: tuple[int, ...] = (7, 21)  # the record of so long makes the slow sign 2, 3; (): no slow sign
    record_posts: tuple[int, ...] = (25, 25)  # … with so many posts in the last hour …
    record_strength: float = 1.1  # a record beats the earlier ones, faded, by so much
    record_sure: float = 2.0  # … and where it beats them by so much, sign 2 asks for no probability
    record_probability: tuple[float, ...] = (1e-3, 1e-6)  # … whose probability is below this

    def level(self, posts: int, probability: float, *, per_hour: float) -> int:
        """The sign, 0 to 3. Never lower for more posts at the same usual rate."""
        steps = sum(per_hour < limit for limit in self.quiet_below_per_hour)
        for level in (3, 2, 1):
            enough = self.posts[level - 1] + steps * self.more_when_quiet[level - 1]
            if posts >= enough and probability < self.probability[level - 1]:
                return level
        return 0

    def record_level(self, record: Record, *, n_60: int, probability: float) -> int:
        """The slow sign, 0, 2 or 3: a record of so many days in an hour that is unusual by itself.

        Days count from when there was as much, or from the first one: a series of three days that was
        never so busy has its record, whatever `record_days` asks for sign 2.
        """
        level, is_record = 0, record.strength >= self.record_strength
        for place, days in enumerate(self.record_days):
            is_sure = place == 0 and record.strength >= self.record_sure
            is_unusual = is_sure or probability < self.record_probability[place]
            is_enough = n_60 >= self.record_posts[place] and (place == 0 or record.days >= days)
            if is_record and is_unusual and is_enough:
                level = place + 2
        return level


NORMAL = Thresholds()
NEGATIVE = Thresholds(record_days=(), record_posts=())
"""For negative posts: S2 knows no record."""

STREAM = replace(NORMAL, record_probability=(5e-3, 1e-6))
"""For a stream of counts, which has no other sign: a record may ring in an hour that is less unusual."""
