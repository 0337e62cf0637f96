"""The benches of listening: what they measure is what they say, on a few pages."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.bench import stories
from config.bench.stories import Labelled, grouped, quality

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
FAIR = "Morgen is er weer een braderie op het plein, kom allemaal kijken"


def bench(name: str, *options: str) -> dict[str, Any]:
    printed = StringIO()
    call_command("bench", name, "--json", "--force", *options, stdout=printed)
    return dict(json.loads(printed.getvalue()))


@pytest.mark.parametrize("name", ["ingest", "repoll"])
def test_both_sides_store_the_same_posts(name: str) -> None:
    """Runs in a process of its own: what is measured is not what is asserted."""
    found = bench(name, "--pages", "2", "--database", "sqlite")
    figures = found["figures"]["sqlite"]
    assert 0 <= figures["n_bare"] - figures["n_posts"] <= figures["n_bare"] // 50  # what no query wants
    assert 0 < figures["n_cases"] <= figures["n_posts"]
    assert [bar["name"] for bar in found["bars"]] == [f"{name}/bare on sqlite"]


def test_memory_is_measured_in_a_worker_of_its_own() -> None:
    """Starts a process that imports what a worker imports."""
    found = bench("memory", "--posts", "2000", "--database", "sqlite")
    figures = found["figures"]["sqlite"]
    assert (figures["n_queries"], figures["n_posts"]) == (10_001, 2000)  # with the one of every scratch desk
    assert figures["most_mb"] >= figures["started_mb"] > 20
    assert figures["n_leads"] > 1000
    assert [bar["name"] for bar in found["bars"]] == [
        "MB of a worker on sqlite",
        "growth over 2000 posts on sqlite",
    ]


def test_stories_are_grouped_with_their_oldest_post() -> None:
    assert grouped([FIRE, FAIR, f"RT @a: {FIRE}", f"{FAIR}!", f"Het is niet waar: {FIRE}"]) == [0, 1, 0, 1, 4]


def test_the_quality_counts_repeats_and_what_was_put_together_wrongly() -> None:
    told = [
        (FIRE, "1", "fire"),
        (FIRE, "1", "fire"),
        (f"{FIRE} #x", "2", "fair"),
        (FAIR, "3", "fair"),
        ("kort", "3", ""),
    ]
    found = quality([Labelled(*each) for each in told])
    assert (found["n_repeats"], found["n_joined"], found["joined"]) == (2, 1, 0.5)
    assert (found["n_merged"], found["other_words_of_merged"], found["n_wrong_event"]) == (2, 0.5, 1)
    assert found["wrong_event_of_merged"] is None  # one post says no event
    assert (found["n_pairs_together"], found["n_pairs_wrong"], found["wrong_of_all_pairs"]) == (3, 2, 0.2)


@pytest.mark.django_db
def test_labelled_posts_are_read_from_a_file(tmp_path: Path) -> None:
    place = tmp_path / "labelled.csv"
    place.write_text(f'text,story\n"{FIRE}",1\n"{FIRE}",1\n', encoding="utf-8")
    found = bench("stories", "--pages", "1", "--data", str(place))
    assert found["figures"]["memory"]["quality"]["joined"] == 1.0
    assert [bar["met"] for bar in found["bars"][1:]] == [True, True]


@pytest.mark.django_db
def test_without_labelled_posts_the_quality_is_skipped_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "LABELLED", tmp_path / "none.csv")
    found = bench("stories", "--pages", "1")
    assert "skipped" in found["figures"]["memory"]["quality"]
    assert [bar["name"] for bar in found["bars"]] == ["posts/s"]


@pytest.mark.parametrize("content", ["who,what\na,b\n", ""])
def test_a_file_without_the_columns_cannot_be_measured(content: str, tmp_path: Path) -> None:
    place = tmp_path / "labelled.csv"
    place.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as refused:
        call_command("bench", "stories", "--force", "--pages", "1", "--data", str(place), stderr=StringIO())
    assert refused.value.code == 2
