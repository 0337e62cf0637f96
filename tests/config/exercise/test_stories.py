"""The incidents that ship as exercises: playable, judged in known ways, and about nobody who exists."""

import json
import re
from pathlib import Path

import pytest

from config.exercise.check import NotPlayable, check_story
from config.exercise.spaces import story_of
from monitoring.connectors.incident import INCIDENTS, expected_of, injects_of, shipped
from monitoring.queries.language import parse
from monitoring.queries.matching import Document, matches
from tests.monitoring.test_incident import CLASSES, REAL

SLUIS = INCIDENTS / "sluis.jsonl"
BESIDE = [("positive", [], None, True), ("mixed", ["dissatisfied"], None, False)]


def lines() -> list[dict[str, object]]:
    return [json.loads(line) for line in SLUIS.read_text(encoding="utf-8").splitlines()]


def test_what_ships_can_be_played() -> None:
    assert [story.name for story in shipped()] == ["loswal", "sluis"]
    for story in shipped():
        check_story(story_of(story.name, Path()), speed=1)


def test_the_short_one_has_injects_within_its_time_for_roles_and_functions() -> None:
    injects = injects_of(SLUIS)
    assert len(injects) >= 6
    assert all(0 < line["at_s"] < 1800 for line in injects)
    assert {"phone call", "e-mail", "report", "illness"} == {line["what"] for line in injects}
    assert all(("to_role" in line) != ("to_function" in line) for line in injects)


def test_every_post_is_meant_in_a_way_that_an_officer_can_judge() -> None:
    known = [*CLASSES.values(), *BESIDE]
    for event in expected_of(SLUIS).values():
        meant = event.fields["expect"]
        told = (meant["q1"], meant["categories"], meant["extension"], meant["suggestion"])
        assert told in known, event.id
        assert len(event.fields["text"]) <= 280


def test_the_words_of_the_header_hear_every_post() -> None:
    header = lines()[0]
    query = parse(str(header["terms"]))
    for event in expected_of(SLUIS).values():
        heard = Document(text=str(event.fields["text"]), language=str(event.fields["lang"]))
        assert matches(query, heard), event.id


def test_nobody_and_nothing_in_it_exists() -> None:
    words = set(re.findall(r"[\w.-]+", SLUIS.read_text(encoding="utf-8").lower()))
    assert not words & (REAL - {"x"})


@pytest.mark.parametrize(
    ("header", "line", "why"),
    [
        ({"incident": "x"}, None, "terms"),
        ({"incident": "x", "title": {"nl": "X"}, "terms": "(("}, None, "terms"),
        ({"incident": "x", "title": {"nl": "X"}, "terms": "brand"}, None, "no posts"),
        ({"incident": "x", "title": {"nl": "X"}, "terms": "brand"}, {"kind": "inject", "id": "i"}, "inject"),
        ({"story": "x"}, None, "header"),
    ],
)
def test_what_cannot_be_played_is_said_before_anything_is_made(
    tmp_path: Path, header: dict[str, object], line: dict[str, object] | None, why: str
) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(json.dumps(each) for each in (header, line) if each), encoding="utf-8")
    with pytest.raises(NotPlayable, match=why):
        check_story(story_of("own.jsonl", tmp_path), speed=1)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_leads_nowhere_is_refused(speed: float) -> None:
    with pytest.raises(NotPlayable, match="--speed"):
        check_story(SLUIS, speed=speed)
