"""Whatever is taken out of a sound scheme, one thing at a time, the check refuses what is left."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from cases.rules.scheme import LANGUAGES, SchemeInvalid, problems
from cases.rules.scheme_load import read
from tests.cases.rules.schemes import table

NAMES = ["vdmmp-1", "usaf-1"]
Way = tuple[str | int, ...]


def places(part: Any, way: Way = ()) -> Iterator[Way]:
    """The way to everything in a scheme."""
    children = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, child in children:
        yield (*way, name)
        yield from places(child, (*way, name))


def without(found: dict[str, Any], way: Way) -> dict[str, Any]:
    left = copy.deepcopy(found)
    holder: Any = left
    for step in way[:-1]:
        holder = holder[step]
    del holder[way[-1]]
    return left


def is_refused(found: dict[str, Any]) -> bool:
    try:
        return bool(problems(read(found)))
    except SchemeInvalid:
        return True


def at(found: dict[str, Any], *, ends: Any) -> list[Way]:
    return [way for way in places(found) if ends(way)]


def is_text(way: Way) -> bool:
    return way[-1] in LANGUAGES


def is_node(way: Way) -> bool:
    return len(way) == 2 and way[0] in ("questions", "advices", "toggles")


def is_edge(way: Way) -> bool:
    return len(way) == 6 and way[4] == "goto" and isinstance(way[5], int)


def is_duty(way: Way) -> bool:
    return len(way) >= 2 and way[-2] == "duties" and isinstance(way[-1], int)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [is_text, is_node, is_edge, is_duty], ids=lambda kind: kind.__name__[3:])
def test_no_text_node_edge_or_duty_can_be_taken_out_unseen(name: str, kind: Any) -> None:
    found = table(name)
    ways = at(found, ends=kind)
    assert ways
    assert [way for way in ways if not is_refused(without(found, way))] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_edge_can_be_bent_to_nowhere_unseen(name: str) -> None:
    found = table(name)
    for way in at(found, ends=is_edge):
        bent = copy.deepcopy(found)
        bent["questions"][way[1]]["choices"][way[3]]["goto"][way[5]] = "nowhere"
        assert is_refused(bent), way


def test_danger_to_life_cannot_be_taken_out_in_any_way() -> None:
    found = table("vdmmp-1")
    n = next(n for n, each in enumerate(found["extensions"]) if each["id"] == "danger")
    assert is_refused(without(found, ("extensions", n)))
    for field, value in (("switchable", True), ("enabled", False), ("action", "later")):
        spoiled = copy.deepcopy(found)
        spoiled["extensions"][n][field] = value
        assert is_refused(spoiled), field
