"""How soon a watch rises: the thresholds of the eight signs as data, checked in plain words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from cases.rules.worsening import Thresholds

SHIPPED = Path(__file__).with_name("profiles.toml")
DEFAULT = "normal"
EVER = 10**12  # larger than any count of people or posts we will see


class Order(StrEnum):
    """How the values of levels 1, 2 and 3 must lie: a higher level never asks less."""

    RISES = "rises"
    NEVER_FALLS = "never falls"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table: the sign it belongs to, the levels it has values for, and what fits.

    `levels`: (1, 2, 3), fewer, or () for one number that counts at every level.
    """

    key: str
    sign: str
    levels: tuple[int, ...]
    least: int
    most: int
    order: Order = Order.RISES

    @property
    def n(self) -> int:
        return max(1, len(self.levels))


LIMITS: tuple[Limit, ...] = (
    Limit("volume_one_in", "S1", (1, 2, 3), 20, EVER),
    Limit("volume_posts", "S1", (1, 2, 3), 2, 100_000, Order.NEVER_FALLS),
    Limit("quiet_more_posts", "S1", (1, 2, 3), 0, 100, Order.NEVER_FALLS),
    Limit("record_days", "S1", (2, 3), 2, 22),
    Limit("record_posts", "S1", (2, 3), 3, 100_000, Order.NEVER_FALLS),
    Limit("negative_one_in", "S2", (1, 2, 3), 20, EVER),
    Limit("negative_posts", "S2", (1, 2, 3), 2, 100_000, Order.NEVER_FALLS),
    Limit("share_one_in", "S2", (1,), 20, EVER),
    Limit("share_posts", "S2", (1,), 5, 100_000),
    Limit("known_percent", "S2", (), 1, 100),
    Limit("reach_times", "S3", (1, 2, 3), 2, 1_000_000),
    Limit("reach_author", "S3", (2, 3), 100, EVER),
    Limit("reach_others", "S3", (2,), 0, 1_000),
    Limit("reach_usual_at_least", "S3", (), 1, EVER),
    Limit("platforms", "S4", (1, 2, 3), 1, 50),
    Limit("platform_days", "S4", (), 1, 365),
    Limit("platform_hours", "S4", (), 1, 72),
    Limit("influence", "S5", (1, 2), 1, 1_000),
    Limit("influence_hours", "S5", (), 1, 72),
    Limit("replies", "S6", (1, 2, 3), 2, 1_000_000),
    Limit("back_quiet_hours", "S7", (), 1, 24 * 60),
    Limit("back_posts", "S7", (1,), 1, 100_000),
    Limit("overdue_minutes", "S8", (1,), 0, 24 * 60),
    Limit("blind_minutes", "", (), 15, 24 * 60),
)
"""Every threshold, in the order in which it is shown. What it means in words: `web`."""

BY_KEY: Mapping[str, Limit] = {limit.key: limit for limit in LIMITS}


class Wrong(StrEnum):
    """What can be wrong about a value; the page makes the sentence."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    NOT_NUMBERS = "not numbers"
    OUT_OF_BOUNDS = "out of bounds"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, at `key`; `limit` is None for a threshold that we do not know."""

    key: str
    wrong: Wrong
    limit: Limit | None = None

    def __str__(self) -> str:
        """What, why and what now, for whoever edits a file; pages and API translate their own."""
        if self.limit is None:
            return f"“{self.key}” is no threshold. Known are: {', '.join(BY_KEY)}."
        n, least, most = self.limit.n, self.limit.least, self.limit.most
        return {
            Wrong.MISSING: f"“{self.key}” is missing. Give {n} whole numbers.",
            Wrong.NOT_NUMBERS: f"“{self.key}” must be {n} whole numbers, one for each level.",
            Wrong.OUT_OF_BOUNDS: f"“{self.key}” must lie between {least} and {most}; choose a number there.",
            Wrong.ORDER: f"“{self.key}” must not ask less for a higher level. Let the numbers rise.",
        }[self.wrong]


class ProfileInvalid(Exception):
    """Thresholds that cannot be used: every problem at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Profile:
    """The thresholds of one watch, one tuple a row of `LIMITS`; the defaults are the normal profile.

    A chance is written as "1 in so many", so that it can be read and compared exactly.
    """

    volume_one_in: tuple[int, ...] = (1_000, 10_000, 100_000_000)
    volume_posts: tuple[int, ...] = (3, 3, 20)
    quiet_more_posts: tuple[int, ...] = (0, 1, 2)  # added at each step down to a very quiet series
    record_days: tuple[int, ...] = (7, 21)
    record_posts: tuple[int, ...] = (25, 25)
    negative_one_in: tuple[int, ...] = (1_000, 10_000, 100_000_000)
    negative_posts: tuple[int, ...] = (3, 3, 20)
    share_one_in: tuple[int, ...] = (1_000,)
    share_posts: tuple[int, ...] = (10,)  # so many posts in the hour, or the share says nothing
    known_percent: tuple[int, ...] = (50,)  # below this much of the posts known, S2 is unknown
    reach_times: tuple[int, ...] = (3, 10, 100)
    reach_author: tuple[int, ...] = (50_000, 1_000_000)
    reach_others: tuple[int, ...] = (3,)
    reach_usual_at_least: tuple[int, ...] = (1_000,)  # a quiet thread is compared with this many people
    platforms: tuple[int, ...] = (1, 2, 3)
    platform_days: tuple[int, ...] = (30,)
    platform_hours: tuple[int, ...] = (6,)
    influence: tuple[int, ...] = (1, 2)
    influence_hours: tuple[int, ...] = (6,)
    replies: tuple[int, ...] = (10, 25, 60)
    back_quiet_hours: tuple[int, ...] = (72,)
    back_posts: tuple[int, ...] = (3,)
    overdue_minutes: tuple[int, ...] = (0,)
    blind_minutes: tuple[int, ...] = (30,)

    @property
    def volume(self) -> Thresholds:
        """For the series of all posts: `worsening.judge(series, now=…, thresholds=profile.volume)`."""
        return self._thresholds(self.volume_one_in, self.volume_posts, self.record_days, self.record_posts)

    @property
    def negative(self) -> Thresholds:
        """For the series of negative posts: without a slow sign."""
        return self._thresholds(self.negative_one_in, self.negative_posts, (), ())

    def to_json(self) -> dict[str, list[int]]:
        return {key: list(values) for key, values in asdict(self).items()}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Profile:
        """Read what `to_json` wrote or a person typed; a row that is not there is as in the normal one.

        Raises ProfileInvalid with every problem.
        """
        problems = tuple(_problems(stored))
        if problems:
            raise ProfileInvalid(problems)
        return Profile(**{key: tuple(values) for key, values in stored.items()})

    def _thresholds(
        self, one_in: tuple[int, ...], posts: tuple[int, ...], days: tuple[int, ...], record: tuple[int, ...]
    ) -> Thresholds:
        first, second, third = one_in
        return Thresholds(
            probability=(1 / first, 1 / second, 1 / third),
            posts=_three(posts),
            more_when_quiet=_three(self.quiet_more_posts),
            record_days=days,
            record_posts=record,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One row in which two profiles differ."""

    limit: Limit
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def rings_sooner(self) -> bool | None:
        """Whether the watch rings at less than before; None when one level asks less and another more."""
        if self.limit.key in SAYS_NOTHING_OF_IT:
            return None
        ways = {new < old for old, new in zip(self.before, self.after, strict=True) if new != old}
        sooner = ways.pop() if len(ways) == 1 else None
        # The window in which something counts works the other way: longer means sooner.
        return not sooner if sooner is not None and self.limit.key in LONGER_IS_SOONER else sooner


SAYS_NOTHING_OF_IT = frozenset({"known_percent"})
LONGER_IS_SOONER = frozenset({"platform_hours", "influence_hours"})


def differences(before: Profile, after: Profile) -> tuple[Difference, ...]:
    """What another profile changes, row by row in the order of the table."""
    return tuple(
        Difference(limit, old, new)
        for limit in LIMITS
        if (old := getattr(before, limit.key)) != (new := getattr(after, limit.key))
    )


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles that come with the product (profiles.toml), by name."""
    tables = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {name: Profile.from_json(table) for name, table in tables.items()}


def _problems(stored: Mapping[str, Any]) -> Iterator[Problem]:
    for key in stored:
        if key not in BY_KEY:
            yield Problem(str(key), Wrong.UNKNOWN)
    for limit in LIMITS:
        if limit.key in stored and (wrong := _wrong(limit, stored[limit.key])):
            yield Problem(limit.key, wrong, limit)


def _wrong(limit: Limit, values: object) -> Wrong | None:
    if not isinstance(values, list | tuple) or len(values) != limit.n:
        return Wrong.NOT_NUMBERS
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return Wrong.NOT_NUMBERS
    if not all(limit.least <= value <= limit.most for value in values):
        return Wrong.OUT_OF_BOUNDS
    strict = limit.order is Order.RISES
    in_order = all(low < high if strict else low <= high for low, high in pairwise(values))
    return None if in_order else Wrong.ORDER


def _three(values: tuple[int, ...]) -> tuple[int, int, int]:
    first, second, third = values
    return first, second, third
