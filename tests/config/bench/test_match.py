"""The match bench: both engines find the same, and a difference ends the run."""

import gc
from datetime import UTC, datetime
from itertools import islice

import pytest

from config.bench import generate, match
from config.bench.fts5 import NotInFts5, expression
from monitoring.queries.language import parse

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_ours_and_fts5_find_the_same_in_the_posts_of_the_generator():
    posts = [mention for page in generate.pages(2, seed=5) for mention in page]
    queries = list(islice(match.queries(5, match.COMMONEST), 150))
    ours, fts5 = match.Ours(queries), match.Fts5(queries)
    for engine in (ours, fts5):
        engine.look(posts)
    assert ours.hits == fts5.hits
    assert len(ours.hits) > len(posts)


def test_a_difference_is_no_figure():
    with pytest.raises(match.HitsDiffer, match="With 7 queries 1 hits differ"):
        raise match.HitsDiffer(7, {(1, 2)})


@pytest.mark.parametrize("text", ["#brand", "=brand", "from:jan", "brand lang:nl"])
def test_what_a_full_text_engine_does_not_know_is_not_asked_of_it(text):
    with pytest.raises(NotInFts5):
        expression(parse(text).root)


def test_the_bench_reports_its_bars_without_a_database(monkeypatch):
    monkeypatch.setattr(match, "SIZES", (10, 20, 40))
    monkeypatch.setattr(match, "BARS", {20: 0.9, 40: 1.0})
    monkeypatch.setattr(match, "N_REPEATS", 1)
    monkeypatch.setattr(gc, "freeze", lambda: None)  # it would hold for all tests after this one
    found = match.run(seed=1, n_pages=1, now=NOON)
    assert set(found.figures) == {"10", "20", "40", "growth"}
    assert [bar.bar for bar in found.bars] == [0.9, 1.0, 1.5]
