"""Whether somebody may answer in the organisation's name: a mandate is data, never a role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

ALL = "*"
EVERYTHING = frozenset({ALL})

PRIORITIES = ("normal", "urgent")
"""From low to high: a mandate up to one holds for those before it too."""


NO_SITUATION = "none"


@dataclass(frozen=True, slots=True)
class Ask:
    """What would be done with a post. What is left empty is not asked, and every mandate holds for it.

    `option`: an action of the scheme. `account`: the names by which the account is known that
    would speak, of which a mandate needs to hold one: its platform, and "credential:7". `situation`: the
    number of the one that the post belongs to, or NO_SITUATION.
    """

    option: str = ""
    account: tuple[str, ...] = ()
    visibility: str = ""
    priority: str = ""
    situation: str = ""


ANYTHING = Ask()


class Lack(StrEnum):
    """Why a mandate does not cover, nearest miss first."""

    EXPIRED = "expired"
    NOT_YET = "not_yet"
    TOO_URGENT = "too_urgent"
    OTHER_ACCOUNT = "other_account"
    OTHER_VISIBILITY = "other_visibility"
    OTHER_OPTION = "other_option"
    OTHER_CATEGORY = "other_category"
    OTHER_SITUATION = "other_situation"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Grant:
    """One mandate. `categories`: those of the scheme, or "*" for all; `valid_until` is excluded.

    `number`: under which it is on record, for who writes down by which mandate something was said.
    `delegated_from`: the number of the mandate that this one was handed on from (see `resolved`).
    """

    holder_id: int
    categories: frozenset[str]
    valid_from: datetime
    valid_until: datetime
    number: int | None = None
    options: frozenset[str] = EVERYTHING
    accounts: frozenset[str] = EVERYTHING
    visibilities: frozenset[str] = EVERYTHING
    highest_priority: str = PRIORITIES[-1]
    delegated_from: int | None = None
    situations: frozenset[str] = EVERYTHING

    def holds(self, category: str) -> bool:
        return category in self.categories or ALL in self.categories

    def is_valid(self, on: datetime) -> bool:
        return self.valid_from <= on < self.valid_until

    def lacks(self, category: str, ask: Ask) -> list[Lack]:
        """What this mandate does not hold for, whatever the time; the plainest first."""
        found = {
            Lack.OTHER_SITUATION: _holds(self.situations, ask.situation),
            Lack.OTHER_CATEGORY: self.holds(category),
            Lack.OTHER_OPTION: _holds(self.options, ask.option),
            Lack.OTHER_VISIBILITY: _holds(self.visibilities, ask.visibility),
            Lack.OTHER_ACCOUNT: _holds(self.accounts, *ask.account),
            Lack.TOO_URGENT: _rank(ask.priority) <= _rank(self.highest_priority),
        }
        return [lack for lack, is_held in found.items() if not is_held]

    def held(self, lack: Lack) -> frozenset[str]:
        """What it does hold, of the kind that is lacking."""
        return {
            Lack.OTHER_CATEGORY: self.categories,
            Lack.OTHER_OPTION: self.options,
            Lack.OTHER_VISIBILITY: self.visibilities,
            Lack.OTHER_ACCOUNT: self.accounts,
        }.get(lack, frozenset())


@dataclass(frozen=True, slots=True)
class Covered:
    grant: Grant


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The reason as data, for a sentence. `at`: since when expired, or from when it will hold.

    `held`: what is held instead of what is lacking (the categories, the accounts).
    """

    reason: Lack
    category: str
    at: datetime | None = None
    held: tuple[str, ...] = ()


def covers(
    grants: Iterable[Grant], *, category: str, on: datetime, ask: Ask = ANYTHING
) -> Covered | NotCovered:
    """Whether one of the grants of one person holds for this category and ask at this moment.

    Where several hold, the one that lasts longest. Where none does, the nearest miss: the latest to
    expire, else the first to start, else what is lacking in the valid one that lacks least.
    """
    mine = list(grants)
    fitting = [grant for grant in mine if not grant.lacks(category, ask)]
    if valid := [grant for grant in fitting if grant.is_valid(on)]:
        return Covered(max(valid, key=lambda grant: grant.valid_until))
    if ended := [grant.valid_until for grant in fitting if grant.valid_until <= on]:
        return NotCovered(Lack.EXPIRED, category, at=max(ended))
    if fitting:
        return NotCovered(Lack.NOT_YET, category, at=min(grant.valid_from for grant in fitting))
    missed = [(grant, grant.lacks(category, ask)) for grant in mine if grant.is_valid(on)]
    if not missed:
        return NotCovered(Lack.NONE, category)
    least = min(len(lacks) for _grant, lacks in missed)
    lack = min((lacks[0] for _grant, lacks in missed if len(lacks) == least), key=list(Lack).index)
    near = [grant for grant, lacks in missed if len(lacks) == least and lacks[0] is lack]
    return NotCovered(
        lack, category, held=tuple(sorted({name for grant in near for name in grant.held(lack)}))
    )


def covers_all(
    grants: Iterable[Grant], *, categories: Iterable[str], on: datetime, ask: Ask = ANYTHING
) -> Covered | NotCovered:
    """Whether every flagged category is covered: one reply answers them all.

    Gives the first lack, or the grant that runs out first. No category (a question outside
    the scheme) is covered by any grant that is valid now.
    """
    mine = list(grants)
    wanted = list(categories)
    found = [covers(mine, category=category, on=on, ask=ask) for category in wanted or _held(mine)]
    lacks = [each for each in found if isinstance(each, NotCovered)]
    covered = [each for each in found if isinstance(each, Covered)]
    if covered and not (wanted and lacks):
        return min(covered, key=lambda each: each.grant.valid_until)
    return lacks[0] if lacks else NotCovered(Lack.NONE, "")


def answerable(grants: Iterable[Grant], *, on: datetime, ask: Ask = ANYTHING) -> frozenset[str]:
    """The categories that somebody may answer now; "*" for all. For who has not judged the post yet."""
    mine = list(grants)
    found = (covers(mine, category=category, on=on, ask=ask) for category in _held(mine))
    held = {name for each in found if isinstance(each, Covered) for name in each.grant.categories}
    return EVERYTHING if ALL in held else frozenset(held)


def resolved(grants: Iterable[Grant], known: Mapping[int, Grant]) -> list[Grant]:
    """The grants as far as those hold that they were handed on from, up to the first in the chain.

    `known`: every grant on the way, by its number. What was handed on from a grant that is not
    known, or in a circle, holds for nothing and is left out.
    """
    found = []
    for grant in grants:
        narrow, passed = grant, {grant.number}
        above = grant.delegated_from
        while above is not None and above in known and above not in passed:
            passed.add(above)
            narrow = narrowed(narrow, known[above])
            above = known[above].delegated_from
        if above is None:
            found.append(narrow)
    return found


def narrowed(grant: Grant, by: Grant) -> Grant:
    """A grant as far as another one holds too: never more, never longer."""
    return replace(
        grant,
        categories=_both(grant.categories, by.categories),
        options=_both(grant.options, by.options),
        accounts=_both(grant.accounts, by.accounts),
        visibilities=_both(grant.visibilities, by.visibilities),
        situations=_both(grant.situations, by.situations),
        highest_priority=min(grant.highest_priority, by.highest_priority, key=_rank),
        valid_from=max(grant.valid_from, by.valid_from),
        valid_until=min(grant.valid_until, by.valid_until),
    )


def widens(grant: Grant, than: Grant) -> list[str]:
    """The names of the fields in which a grant holds for more than the one it would be handed on from."""
    narrow = narrowed(grant, than)
    fields = ("categories", "options", "accounts", "visibilities", "situations", "highest_priority")
    return [
        name
        for name in (*fields, "valid_from", "valid_until")
        if getattr(narrow, name) != getattr(grant, name)
    ]


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if ALL in one:
        return other
    return one if ALL in other else one & other


def _holds(held: frozenset[str], *asked: str) -> bool:
    return ALL in held or not any(asked) or not held.isdisjoint(asked)


def _rank(priority: str) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else 0


def _held(grants: Iterable[Grant]) -> list[str]:
    return sorted({category for grant in grants for category in grant.categories})
