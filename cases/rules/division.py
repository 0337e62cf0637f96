"""Who gets a new case by itself: the first rule that fits decides, load divides among those it means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitoring.queries.language import BadQuery, parse
from monitoring.queries.matching import Document, compiled


@dataclass(frozen=True, slots=True)
class Fitting:
    """One rule: what a post must be. An empty condition fits every post; all that are given must hold."""

    id: int
    name: str
    words: str = ""
    languages: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    by_load: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A post as rules look at it; `categories` are known once it was judged."""

    document: Document
    language: str
    platform: str
    categories: tuple[str, ...] = ()


def fits(rule: Fitting, asked: Asked) -> bool:
    """Whether a rule is about this post. A rule with categories fits no post that is not judged yet."""
    if rule.categories and not set(rule.categories) & set(asked.categories):
        return False
    if rule.platforms and asked.platform not in rule.platforms:
        return False
    if rule.languages and _primary(asked.language) not in rule.languages:
        return False
    return not rule.words or _matcher(rule.words)(asked.document)


def first_fitting(rules: Sequence[Fitting], asked: Asked) -> Fitting | None:
    """The rule that decides: the first in order that fits."""
    return next((rule for rule in rules if fits(rule, asked)), None)


def chosen(people: Sequence[int], loads: Mapping[int, int], *, by_load: bool) -> int | None:
    """Who of those on duty gets it: the first, or by load the first of those with the fewest open cases."""
    if not people:
        return None
    return min(people, key=lambda person: loads.get(person, 0)) if by_load else people[0]


def _primary(language: str) -> str:
    """Dutch as it is written in Belgium is Dutch."""
    return language.replace("_", "-").partition("-")[0].lower()


@lru_cache(maxsize=256)
def _matcher(words: str) -> Callable[[Document], bool]:
    try:
        return compiled(parse(words).root)
    except BadQuery:  # refused when a rule is written; what an older version took holds up no post
        return lambda _document: False
