"""What differs between two versions of a scheme: every text, choice and duty, by its place."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a scheme and what stands there before and after; None: nothing."""

    place: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.place}: {self.after}"
        if self.after is None:
            return f"- {self.place}: {self.before}"
        return f"~ {self.place}: {self.before} → {self.after}"


def differences(before: str, after: str) -> list[Difference]:
    """What changed from one published text to another, in the order of the first, what is new last.

    Layout and comments are no difference; what is moved within a list with ids is none either.
    """
    old, new = (dict(_places(tomllib.loads(toml), "")) for toml in (before, after))
    places = dict.fromkeys([*old, *new])
    return [
        Difference(place, old.get(place), new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    ]


def _places(part: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every value of a scheme with the way to it: "questions Q2, choices joke, label, nl"."""
    if isinstance(part, dict):
        for name, child in part.items():
            if name != "id" or not where:
                yield from _places(child, f"{where}, {name}".lstrip(", "))
    elif isinstance(part, list) and part and isinstance(part[0], dict):
        for n, child in enumerate(part):
            yield from _places(child, f"{where} {child.get('id', child.get('key', n))}")
    elif isinstance(part, list):
        yield where, " ".join(str(each) for each in part)
    else:
        yield where, str(part)
