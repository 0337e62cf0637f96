"""Whether somebody may answer in the organisation's name: a mandate is data, never a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ALL = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """One mandate. `categories`: those of the scheme, or "*" for all; `valid_until` is excluded.

    `number`: under which it is on record, for who writes down by which mandate something was said.
    """

    holder_id: int
    categories: frozenset[str]
    valid_from: datetime
    valid_until: datetime
    number: int | None = None

    def holds(self, category: str) -> bool:
        return category in self.categories or ALL in self.categories


class Lack(StrEnum):
    """Why a mandate does not cover, nearest miss first."""

    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OTHER_CATEGORY = "other_category"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Covered:
    grant: Grant


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The reason as data, for a sentence. `at`: since when expired, or from when it will hold."""

    reason: Lack
    category: str
    at: datetime | None = None
    categories: tuple[str, ...] = ()


def covers(grants: Iterable[Grant], *, category: str, on: datetime) -> Covered | NotCovered:
    """Whether one of the grants of one person holds for this category at this moment.

    Where several hold, the one that lasts longest; where none does, the nearest miss: the
    latest to expire, else the first to start, else the categories that are held now.
    """
    mine = list(grants)
    fitting = [grant for grant in mine if grant.holds(category)]
    valid = [grant for grant in fitting if grant.valid_from <= on < grant.valid_until]
    if valid:
        return Covered(max(valid, key=lambda grant: grant.valid_until))
    if ended := [grant.valid_until for grant in fitting if grant.valid_until <= on]:
        return NotCovered(Lack.EXPIRED, category, at=max(ended))
    if fitting:
        return NotCovered(Lack.NOT_YET, category, at=min(grant.valid_from for grant in fitting))
    current = [grant for grant in mine if grant.valid_from <= on < grant.valid_until]
    if current:
        held = sorted({held for grant in current for held in grant.categories})
        return NotCovered(Lack.OTHER_CATEGORY, category, categories=tuple(held))
    return NotCovered(Lack.NONE, category)


def covers_all(grants: Iterable[Grant], *, categories: Iterable[str], on: datetime) -> Covered | NotCovered:
    """Whether every flagged category is covered: one reply answers them all.

    Gives the first lack, or the grant that runs out first. No category (a question outside
    the scheme) is covered by any grant that is valid now.
    """
    mine = list(grants)
    wanted = list(categories)
    found = [covers(mine, category=category, on=on) for category in wanted or _held(mine)]
    lacks = [each for each in found if isinstance(each, NotCovered)]
    covered = [each for each in found if isinstance(each, Covered)]
    if covered and not (wanted and lacks):
        return min(covered, key=lambda each: each.grant.valid_until)
    return lacks[0] if lacks else NotCovered(Lack.NONE, "")


def _held(grants: Iterable[Grant]) -> list[str]:
    return sorted({category for grant in grants for category in grant.categories})
