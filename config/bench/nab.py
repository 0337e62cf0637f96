"""The score of the Numenta Anomaly Benchmark (NAB 1.1), written from its published definition.

Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark"
(2015): the first detection in a window earns the more the earlier it comes, a window without one costs,
and so does every detection outside, the more the farther it lies behind the last window.
"""

import csv
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp
from pathlib import Path

PROBATION, PROBATION_ROWS = 0.15, 5000
"""The first 15 % of the rows, at most 15 % of 5,000, are not scored."""

FAR = 3.0  # so many window widths behind a window a false detection costs in full
EPISODE = 288  # false detections less than a day of rows apart are one episode


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series, and the windows in which it is anomalous: first and last row."""

    name: str
    times: list[datetime]
    counts: list[int]
    windows: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Costs:
    """A profile of NAB."""

    hit: float
    missed: float
    false: float


@dataclass(frozen=True, slots=True)
class Score:
    """One detector on one series, unnormalised."""

    points: float
    n_windows: int
    n_hit: int
    n_false: int
    n_false_episodes: int
    weeks: float


def read(folder: Path) -> list[Labelled]:
    """The series of a folder with data/, windows.json and labels as NAB lays them out."""
    windows = json.loads((folder / "windows.json").read_text())
    return [_series(folder, name, each) for name, each in sorted(windows.items())]


def _series(folder: Path, name: str, windows: Sequence[tuple[str, str]]) -> Labelled:
    with (folder / "data" / Path(name).name).open() as file:
        rows = [(_time(row["timestamp"]), int(float(row["value"]))) for row in csv.DictReader(file)]
    times = [at for at, _count in rows]
    places = [(bisect_left(times, _time(a)), bisect_right(times, _time(b)) - 1) for a, b in windows]
    return Labelled(name, times, [count for _at, count in rows], places)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def profile(folder: Path, name: str) -> Costs:
    """The costs of a profile in profiles.json."""
    costs = json.loads((folder / "profiles.json").read_text())[name]["CostMatrix"]
    return Costs(hit=costs["tpWeight"], missed=costs["fnWeight"], false=costs["fpWeight"])


def score(series: Labelled, detections: Sequence[int], costs: Costs) -> Score:
    """Score the rows that a detector named, in order."""
    n_rows = len(series.times)
    first_row = int(min(PROBATION * n_rows, PROBATION * PROBATION_ROWS))
    scored = [row for row in detections if row >= first_row]
    points, hit, false = 0.0, set(), []
    for row in scored:
        inside = next((window for window in series.windows if window[0] <= row <= window[1]), None)
        if inside is None:
            false.append(row)
            points -= costs.false * _cost(row, series.windows)
        elif inside not in hit:
            hit.add(inside)
            points += costs.hit * _reward(row, inside)
    counted = [window for window in series.windows if window[1] >= first_row]
    points -= costs.missed * (len(counted) - len(hit))
    weeks = (n_rows - first_row) / 2016
    return Score(points, len(counted), len(hit), len(false), len(list(_episodes(false))), weeks)


def _reward(row: int, window: tuple[int, int]) -> float:
    first, last = window
    width = last - first + 1
    return _sigmoid(-(last - row + 1) / width) / _sigmoid(-1.0)


def _cost(row: int, windows: Sequence[tuple[int, int]]) -> float:
    before = [window for window in windows if window[1] < row]
    if not before:
        return 1.0
    first, last = before[-1]
    behind = (row - last) / (last - first)
    return 1.0 if behind > FAR else -_sigmoid(behind)


def _sigmoid(place: float) -> float:
    return 2.0 / (1.0 + exp(5.0 * place)) - 1.0


def _episodes(rows: Sequence[int]) -> Iterator[int]:
    last = None
    for row in rows:
        if last is None or row - last >= EPISODE:
            yield row
        last = row


def normalised(scores: Sequence[Score], costs: Costs) -> float:
    """0 for a detector that names nothing, 100 for one that names the first row of every window."""
    n_windows = sum(each.n_windows for each in scores)
    lowest, highest = -costs.missed * n_windows, costs.hit * n_windows
    return 100.0 * (sum(each.points for each in scores) - lowest) / (highest - lowest)


def detectors(published: Path) -> dict[str, float]:
    """The published detectors whose scores are in the folder, with their thresholds."""
    thresholds = json.loads((published / "thresholds.json").read_text())
    names = sorted(each.name for each in published.iterdir() if each.is_dir())
    return {name: thresholds[name]["standard"]["threshold"] for name in names}


def stored_detections(folder: Path, detector: str, series: Labelled, threshold: float) -> list[int]:
    """The rows that a published detector named on a series, at its own threshold."""
    short = Path(series.name).stem.removeprefix("Twitter_volume_")
    with (folder / detector / f"{short}.csv").open() as file:
        scores = [float(row["anomaly_score"]) for row in csv.DictReader(file)]
    return [row for row, each in enumerate(scores) if each >= threshold]


def largest_difference(published: Path, series: Sequence[Labelled], costs: Costs) -> float:
    """How far our scores of published detectors lie from those that NAB stored: rounding, or a mistake."""
    with (published / "nab_stored_scores.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["profile"] == "standard"]
    stored = {(row["detector"], row["file"]): float(row["score"]) for row in rows}
    differences = [0.0]
    for detector, threshold in detectors(published).items():
        for one in series:
            ours = score(one, stored_detections(published, detector, one, threshold), costs)
            differences.append(abs(ours.points - stored[detector, one.name]))
    return max(differences)
