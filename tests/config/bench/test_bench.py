"""The bench command: what it prints, when it refuses, and that it leaves our own data alone."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from config.bench import measure
from config.bench.measure import Bar, Race, Spent


def test_a_ratio_is_the_median_of_each_repeats_own_ratio() -> None:
    race = Race(n_items=100)
    race.spent = {
        "bare": [Spent(1.0), Spent(1.0), Spent(9.0)],
        "ours": [Spent(2.0), Spent(4.0), Spent(10.0)],
    }
    assert race.ratio("ours", to="bare") == 0.5


def test_the_warm_up_is_not_counted_and_everybody_gets_every_page() -> None:
    handled: dict[str, list[int]] = {"bare": [], "ours": []}
    warmed_up_after: list[int] = []
    race = measure.race(
        [[1, 2], [3, 4]],
        {"bare": handled["bare"].append, "ours": handled["ours"].append},
        n_items=2,
        after_warm_up=lambda: warmed_up_after.append(len(handled["ours"])),
    )
    assert handled == {"bare": [1, 2, 3, 4], "ours": [1, 2, 3, 4]}
    assert warmed_up_after == [2]
    assert [len(repeats) for repeats in race.spent.values()] == [1, 1]


@pytest.mark.parametrize(("value", "op", "met"), [(0.6, ">=", True), (0.59, ">=", False), (0.6, "<=", True)])
def test_a_bar_says_whether_it_is_met(value: float, op: str, met: bool) -> None:
    assert Bar("store", value, op, 0.6).as_json()["met"] is met


def test_a_busy_machine_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (7.25, 1.0, 1.0))
    errors = StringIO()
    with pytest.raises(SystemExit) as refused:
        call_command("bench", "store", "--json", stderr=errors)
    assert refused.value.code == 2
    assert "7.25" in errors.getvalue() and "--force" in errors.getvalue()


def test_an_unknown_bench_is_refused_by_name() -> None:
    with pytest.raises(Exception, match="invalid choice: 'speed'"):
        call_command("bench", "speed")


@pytest.mark.parametrize("name", ["store", "open"])
def test_both_sides_of_a_bench_store_the_same_posts(name: str) -> None:
    """Runs in a process of its own, on a few pages: what is measured is not what is asserted."""
    printed = StringIO()
    call_command("bench", name, "--json", "--force", "--pages", "2", "--database", "sqlite", stdout=printed)
    found = json.loads(printed.getvalue())
    figures = found["figures"]["sqlite"]
    assert figures["n_bare"] == figures["n_posts"] > 1000
    assert [bar["name"] for bar in found["bars"]] == [f"{name}/bare on sqlite"]
    assert found["environment"]["repeats"] == 5
    assert figures.get("n_cases", figures["n_posts"]) <= figures["n_posts"]
