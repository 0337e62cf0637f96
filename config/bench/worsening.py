"""`bench worsening`: the detector on real and on simulated series, with one set of defaults.

Everything is causal: rows are taken in order by `cases.rules.stream`, watches are walked as the product
walks them. The folder named by --data is laid out as docs/worsening.md says; without it only the
simulations run.
"""

import gc
import json
import math
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from django.conf import settings

from cases.rules.levels import Level
from cases.rules.stream import Stream
from cases.rules.thresholds import STREAM, Thresholds
from cases.rules.worsening import BUCKET_S, Series, judge, learned, may_rise
from config.bench import nab, simulate
from config.bench.measure import Bar, CannotMeasure, Report

DATA = Path(settings.BASE_DIR).parent / "shared/data/escalation"
STRENGTHS, PROBABILITIES = (1.05, 1.1, 1.2, 1.3), (1e-2, 5e-3, 3e-3)
"""What leave-one-series-out chooses from; the defaults are among them."""

N_STEADY, WEEKS = 1_000, 4
SIZES = (0.0, 2.0)  # Poisson hours, and negative binomial ones of this shape
N_QUIET, QUIET_RUNS = 30, 10
N_WATCHES, N_MADE = 100_000, 500
N_PROCESSES = 2
BEST_KNOWN = {
    "NAB realTweets, these five": {"ARTime": 84.5, "earthgecko": 75.3, "randomCutForest": 55.0},
    "false-alarm episodes per series-week": {"ARTime": 1.13},
    "last hour against twelve, sharp crises": {"minutes": 121, "false": 8},
    "notified rises per watch-week without hysteresis": 2.7,
}


class Tried(NamedTuple):
    """One setting on one series."""

    strength: float
    probability: float
    score: nab.Score


def run(*, seed: int, n_pages: int, now: datetime, data: str = "") -> Report:
    """Measure all that belongs to the detector."""
    folder = Path(data) if data else DATA
    if data and not (folder / "nab_realTweets").is_dir():
        raise CannotMeasure(
            f"There is no folder nab_realTweets in {folder.name}; name its parent with --data."
        )
    figures: dict[str, Any] = {"best_known": BEST_KNOWN}
    bars: list[Bar] = []
    with ProcessPoolExecutor(N_PROCESSES) as pool:
        if (folder / "nab_realTweets").is_dir():
            for part in (_nab(folder, pool), _crises(folder), _quiet(folder, pool, seed=seed)):
                figures |= part.figures
                bars += part.bars
        else:
            figures["real series"] = f"skipped: no folder {DATA.name}; name one with --data"
        steady = _steady(pool, seed=seed)
    speed = _speed(seed=seed)
    figures |= steady.figures | speed.figures
    return Report(figures, (*bars, *steady.bars, *speed.bars))


# ── NAB ─────────────────────────────────────────────────────────────────────


def _nab(folder: Path, pool: ProcessPoolExecutor) -> Report:
    series, costs = nab.read(folder / "nab_realTweets"), nab.profile(folder / "nab_realTweets", "standard")
    settings_tried = [(one, strength, p) for one in series for strength in STRENGTHS for p in PROBABILITIES]
    jobs = [pool.submit(_scored, *each, costs) for each in settings_tried]
    tried: dict[str, list[Tried]] = {one.name: [] for one in series}
    for (one, strength, p), job in zip(settings_tried, jobs, strict=True):
        tried[one.name].append(Tried(strength, p, job.result()))
    ours = {
        name: _of(each, STREAM.record_strength, STREAM.record_probability[0]) for name, each in tried.items()
    }
    left_out = {name: _left_out(tried, name, costs) for name in tried}
    total = nab.normalised(list(ours.values()), costs)
    loo = nab.normalised([each.score for each in left_out.values()], costs)
    episodes = sum(each.n_false_episodes for each in ours.values()) / sum(
        each.weeks for each in ours.values()
    )
    difference = nab.largest_difference(folder / "published", series, costs)
    found = {
        "standard": round(total, 2),
        "leave_one_series_out": round(loo, 2),
        "per_series": {name: _line(each) for name, each in ours.items()},
        "chosen_without": {name: [each.strength, each.probability] for name, each in left_out.items()},
        "sensitivity": _sensitivity(tried, costs),
        "largest_difference_to_stored_scores": difference,
    }
    bars = (
        Bar("NAB realTweets, standard profile, leave one series out", loo, ">=", 84.5),
        Bar("NAB realTweets, standard profile, defaults", total, ">=", 84.5),
        Bar("false-alarm episodes per series-week", episodes, "<=", 0.9),
        Bar("difference to NAB's stored scores", difference, "<=", 1e-6),
    )
    return Report({"nab": found}, bars)


def _scored(series: nab.Labelled, strength: float, probability: float, costs: nab.Costs) -> nab.Score:
    thresholds = replace(
        STREAM,
        record_strength=strength,
        record_probability=(probability, *STREAM.record_probability[1:]),
    )
    return nab.score(series, alarms(series, thresholds), costs)


def alarms(series: nab.Labelled, thresholds: Thresholds = STREAM) -> list[int]:
    """The rows at which a stream rings."""
    stream = Stream(thresholds=thresholds)
    rows = enumerate(zip(series.times, series.counts, strict=True))
    return [row for row, (at, count) in rows if stream.take(at, count).is_alarm]


def _of(tried: Sequence[Tried], strength: float, probability: float) -> nab.Score:
    return next(each.score for each in tried if each[:2] == (strength, probability))


def _left_out(tried: dict[str, list[Tried]], name: str, costs: nab.Costs) -> Tried:
    """What the best setting of the other series makes of this one."""
    others = [each for other, each in tried.items() if other != name]

    def of_others(place: int) -> float:
        return nab.normalised([each[place].score for each in others], costs)

    return tried[name][max(range(len(tried[name])), key=of_others)]


def _sensitivity(tried: dict[str, list[Tried]], costs: nab.Costs) -> dict[str, float]:
    columns = zip(*tried.values(), strict=True)
    return {
        f"strength {column[0].strength}, probability {column[0].probability}": round(
            nab.normalised([each.score for each in column], costs), 1
        )
        for column in columns
    }


def _line(score: nab.Score) -> dict[str, Any]:
    return {
        "points": round(score.points, 3),
        "windows": score.n_windows,
        "hit": score.n_hit,
        "false": score.n_false,
        "false_episodes": score.n_false_episodes,
    }


# ── crises without history ──────────────────────────────────────────────────


def _crises(folder: Path) -> Report:
    """The sharp crises are the instantaneous ones whose first post is younger than the event itself."""
    events = json.loads((folder / "crisislex_t26" / "events.json").read_text())
    sharp: dict[str, float] = {}
    slow: dict[str, float] = {}
    early, notified, weeks = 0, 0, 0.0
    for event in events:
        posted = posted_in(folder / "crisislex_t26" / f"{event['name']}.csv")
        rises, days = simulate.first_rise(posted)
        after = rises[0].at + timedelta(days=1)
        notified += sum(rise.is_notified for rise in rises if rise.at > after)
        weeks += (days - (after - posted[0]) / timedelta(days=1)) / 7
        if event["event_time_utc"] is None:
            continue
        event_at = datetime.fromisoformat(event["event_time_utc"]).replace(tzinfo=UTC)
        minutes = simulate.minutes_after_fifth(posted, rises, event_at)
        early += sum(rise.at < event_at for rise in rises)
        (sharp if posted[0] < event_at else slow)[event["name"]] = round(minutes, 1)
    found = {"minutes_after_fifth_post": sharp, "began_in_a_trickle": slow}
    bars = (
        Bar("sharp crises missed", sum(map(math.isinf, (sharp | slow).values())), "<=", 0),
        Bar("minutes after the 5th post, median", median((sharp | slow).values()), "<=", 5),
        Bar("false alarms before the event", early, "<=", 0),
        Bar("notified rises per watch-week in the aftermath", notified / weeks, "<=", 1.0),
    )
    return Report({"crises": found}, bars)


def posted_in(file: Path) -> list[datetime]:
    """The times of a file with one post a line."""
    lines = file.read_text().splitlines()[1:]
    return sorted(datetime.fromisoformat(line.strip()) for line in lines if line.strip())


# ── nights of quiet watches ─────────────────────────────────────────────────


def _quiet(folder: Path, pool: ProcessPoolExecutor, *, seed: int) -> Report:
    """Quiet days of the real series, thinned to the pace of a watch; volume, negative posts and replies."""
    published = folder / "published"
    days = []
    for one in nab.read(folder / "nab_realTweets"):
        rung = [
            row
            for detector, threshold in nab.detectors(published).items()
            for row in nab.stored_detections(published, detector, one, threshold)
        ]
        days.append([list(day) for day in simulate.quiet_days(one.counts, one.windows, rung)])
    jobs = [pool.submit(_wakes, days[n % len(days)], seed * 10_000 + n) for n in range(N_QUIET * QUIET_RUNS)]
    results = [job.result() for job in jobs]
    weeks = sum(n_days for _wakes, _told, n_days in results) / 7 / N_QUIET
    wakes = sum(wakes for wakes, _told, _days in results) / weeks
    told = sum(told for _wakes, told, _days in results) / weeks
    found = {"watches": N_QUIET, "weeks": round(weeks, 1), "notified_per_week_all_watches": round(told, 2)}
    return Report({"quiet": found}, (Bar(f"wake-ups per quiet week of {N_QUIET} watches", wakes, "<=", 0.1),))


def _wakes(days: list[list[int]], seed: int) -> tuple[int, int, int]:
    chance = random.Random(seed)
    row = [count for day in days for count in day]
    per_hour = math.exp(chance.uniform(math.log(0.05), math.log(5)))
    share = min(1.0, per_hour * len(row) / 12 / max(1, sum(row)))
    posts = simulate.thinned(chance, ((simulate.FIRST + n, count) for n, count in enumerate(row)), share)
    negative = simulate.thinned(chance, posts.items(), 0.3)
    rises = simulate.walk(posts, negative=negative)
    return sum(rise.wakes for rise in rises), sum(rise.is_notified for rise in rises), len(days)


# ── steady series ───────────────────────────────────────────────────────────


def _steady(pool: ProcessPoolExecutor, *, seed: int) -> Report:
    chance = random.Random(seed)
    made = [(n, chance.uniform(0.05, 5.0), SIZES[n % len(SIZES)]) for n in range(N_STEADY)]
    rises = list(pool.map(_rises, made, chunksize=10))
    watch_weeks = N_STEADY * WEEKS
    of_kind = {
        f"size {size:g}" if size else "Poisson": round(
            sum(n for n, (_seed, _rate, each) in zip(rises, made, strict=True) if each == size)
            / (watch_weeks / len(SIZES)),
            4,
        )
        for size in SIZES
    }
    found = {"watches": N_STEADY, "weeks": WEEKS, "per_watch_week": of_kind}
    bar = Bar("steady series: rises to worsening per watch-week", sum(rises) / watch_weeks, "<=", 0.05)
    return Report({"steady": found}, (bar,))


def _rises(made: tuple[int, float, float]) -> int:
    seed, per_hour, size = made
    rises = simulate.walk(simulate.steady(seed, per_hour=per_hour, weeks=WEEKS, size=size))
    return sum(rise.level >= Level.WORSENING for rise in rises)


# ── speed and size ──────────────────────────────────────────────────────────


def _speed(*, seed: int) -> Report:
    """One sweep over many watches in memory, in one process, and the size of what one remembers."""
    made = [_made(seed * 10_000 + n) for n in range(N_MADE)]
    at = simulate.MONDAY + timedelta(days=7, hours=14, minutes=2)
    gc.collect()
    began, n_judged = time.perf_counter(), 0
    for n in range(N_WATCHES):
        series = made[n % N_MADE]
        if may_rise(series, now=at):
            judge(series, now=at)
            n_judged += 1
    all_s = time.perf_counter() - began
    began = time.perf_counter()
    for series in made:
        judge(series, now=at)
    one_s = (time.perf_counter() - began) / N_MADE
    largest = max(len(json.dumps(series.state())) for series in made)
    found = {"judged_of_100000": n_judged, "one_judgement_us": round(one_s * 1e6, 1), "state_bytes": largest}
    bars = (
        Bar("seconds for 100,000 watches in memory", all_s, "<=", 2.0),
        Bar("bytes of state, three series", 3 * largest, "<=", 2_000),
    )
    return Report({"speed": found}, bars)


def _made(seed: int) -> Series:
    chance = random.Random(seed)
    per_hour = math.exp(chance.uniform(math.log(0.05), math.log(5)))
    counts = simulate.steady(seed, per_hour=per_hour, weeks=1, size=2.0)
    at = simulate.MONDAY + timedelta(days=7, hours=14, minutes=2)
    last = int(at.timestamp()) // BUCKET_S
    for place in range(24):  # the hours since the week ended
        if count := simulate.poisson(chance, per_hour / 12):
            counts[last - place] = count
    series = learned(Series(simulate.MONDAY, counts), until=at)
    return replace(series, buckets={bucket: n for bucket, n in counts.items() if bucket > last - 36})
