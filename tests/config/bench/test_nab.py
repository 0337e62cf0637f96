"""Our scorer of the Numenta Anomaly Benchmark: its rules one by one, and its own stored scores."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.bench import nab, worsening
from config.bench.nab import Costs, Labelled

STANDARD = Costs(hit=1.0, missed=1.0, false=0.11)
FOLDER = Path(os.environ.get("ESCALATION_DATA", worsening.DATA))


@pytest.fixture
def series():
    began = datetime(2026, 1, 1, tzinfo=UTC)
    times = [began + n * timedelta(minutes=5) for n in range(2000)]
    return Labelled("made", times, [1] * 2000, [(500, 599), (1000, 1099)])


def points(series, *rows):
    return nab.score(series, rows, STANDARD).points


def test_the_first_row_of_every_window_scores_a_hundred_and_nothing_scores_zero(series):
    perfect, nothing = (nab.score(series, rows, STANDARD) for rows in ([500, 1000], []))
    assert nab.normalised([perfect], STANDARD) == pytest.approx(100.0)
    assert nab.normalised([nothing], STANDARD) == pytest.approx(0.0)


def test_an_earlier_hit_earns_more_and_a_second_one_nothing(series):
    assert points(series, 520) > points(series, 580)
    assert points(series, 520, 580) == points(series, 520)


def test_a_false_detection_costs_the_more_the_farther_it_lies_behind_a_window(series):
    costs = [points(series, 500) - points(series, 500, row) for row in (605, 650, 950)]
    assert costs == sorted(costs)
    assert costs[-1] == pytest.approx(0.11)


def test_before_the_first_window_it_costs_in_full(series):
    assert points(series) - points(series, 400) == pytest.approx(0.11)


def test_the_first_rows_are_not_scored(series):
    assert points(series, 299) == points(series)
    assert points(series, 300) < points(series)


def test_false_detections_of_one_day_are_one_episode(series):
    found = nab.score(series, [700, 710, 900, 1500], STANDARD)
    assert (found.n_false, found.n_false_episodes, found.n_hit, found.n_windows) == (4, 2, 0, 2)


@pytest.mark.skipif(not (FOLDER / "published").is_dir(), reason="no folder of series; set ESCALATION_DATA")
def test_the_stored_scores_of_published_detectors_come_out():  # reads 8 MB: a second
    found = nab.read(FOLDER / "nab_realTweets")
    costs = nab.profile(FOLDER / "nab_realTweets", "standard")
    assert nab.largest_difference(FOLDER / "published", found, costs) < 1e-6
