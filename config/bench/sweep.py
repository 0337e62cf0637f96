"""`bench sweep`: a hundred thousand watches; judging them in memory, and sweeping those that were touched."""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from statistics import quantiles
from typing import Any, TypeVar

from django.db import connection, transaction

from cases import policy
from cases.models import Case, Escalation, SchemeVersion, User, Watch, WatchCount, WatchThread
from cases.rules.worsening import BUCKET_S
from cases.schedule import TICKS
from cases.services import evaluation, intake, weighing
from cases.services.seen import Counts, Recent, Sight
from config.bench import generate
from config.bench.measure import Bar, Report
from config.bench.scratch import listening_source
from monitoring.connectors.base import Kind, Mention
from monitoring.models import Post, PostIdentity, Source
from monitoring.store import upsert_posts

N_WATCHES = 100_000
N_TOUCHED = 5_000
N_ALERTS = 200
CHUNK = 5_000
IN_MEMORY_S, SWEEP_S, STORED_S = 2.0, 20.0, 2.0
TASK = "cases.tasks.evaluate_due_watches"
MINUTE = timedelta(minutes=1)
Row = TypeVar("Row")


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database; `n_pages` is not used."""
    chance = random.Random(seed)
    source = listening_source(now=now)
    Source.objects.update(last_success_at=now, health=Source.Health.WORKING)
    began = now - timedelta(days=3)
    for numbers in _batches(range(N_WATCHES), CHUNK):
        _make(numbers, source, began=began, now=now)
    memory_s, touched_s = _in_memory(now=now)
    _settle(now=now)
    _hear(chance.sample(range(N_WATCHES), N_TOUCHED), source, now=now)
    sweep_s, n_judged = _sweep(now=now)
    waits = _alerts(chance, source, now=now)
    stored_s = quantiles(waits, n=20)[-1]
    figures: dict[str, Any] = {
        "n_watches": Watch.objects.count(),
        "in_memory_s": round(memory_s, 3),
        "in_memory_us_a_touched_watch": round(1e6 * touched_s / N_TOUCHED, 1),
        "sweep_s": round(sweep_s, 2),
        "n_judged": n_judged,
        "n_alarms": Escalation.objects.count(),
        "commit_to_level_p95_s": round(stored_s, 3),
        "commit_to_level_max_s": round(max(waits), 3),
        "state_bytes": _state_bytes(),
    }
    where = f"on {connection.vendor}"
    bars = (
        Bar(f"{N_WATCHES} watches in memory, {N_TOUCHED} touched, s", memory_s, "<=", IN_MEMORY_S),
        Bar(f"sweep of {N_TOUCHED} touched {where}, s", sweep_s, "<=", SWEEP_S),
        Bar(f"commit to level stored, p95 {where}, s", stored_s, "<=", STORED_S),
    )
    return Report(figures, bars)


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _make(numbers: Sequence[int], source: Source, *, began: datetime, now: datetime) -> None:
    """Posts, cases, watches and threads of these numbers, as three days of watching leave them."""
    ids = [(n + 1) for n in numbers]
    names = {pk: f"w{pk}" for pk in ids}
    version, officer = policy.current_version(), User.objects.get()
    with transaction.atomic():
        PostIdentity.objects.bulk_create(
            PostIdentity(pk=pk, platform="x", canonical_id=names[pk]) for pk in ids
        )
        Post.objects.bulk_create(
            Post(
                identity_id=pk,
                platform="x",
                canonical_id=names[pk],
                source=source,
                kind=Kind.POST,
                text="brand",
                thread_id=names[pk],
                posted_at=began,
                fetched_at=began,
            )
            for pk in ids
        )
        Case.objects.bulk_create(_case(pk, version, began=began, now=now) for pk in ids)
        watches = Watch.objects.bulk_create(_watch(pk, officer, began=began, now=now) for pk in ids)
        WatchThread.objects.bulk_create(
            WatchThread(watch=watch, case_id=watch.case_id, platform="x", thread_id=names[pk])
            for pk, watch in zip(ids, watches, strict=True)
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('monitoring_postidentity_id_seq', %s)", [max(ids)])


def _case(pk: int, version: SchemeVersion, *, began: datetime, now: datetime) -> Case:
    return Case(
        post_id=pk,
        scheme=version,
        scheme_node="Q1",
        posted_at=began,
        opened_at=began,
        due_at=now,
    )


def _watch(pk: int, officer: User, *, began: datetime, now: datetime) -> Watch:
    return Watch(
        case_id=pk,
        watcher=officer,
        next_check_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=7),
        started_at=began,
        after_post=pk,
        platforms={"x": [0, 0]},
        evaluate_at=now - 5 * MINUTE,
    )


def _in_memory(*, now: datetime) -> tuple[float, float]:
    """Seconds to judge all watches from what was read of them, and those of the touched ones alone."""
    last = int(now.timestamp()) // BUCKET_S
    watches = list(Watch.objects.select_related("case__post__source")[:N_TOUCHED])
    for watch in watches:  # learns the three days
        weighing.weigh(Sight(watch, Counts(), None, False), now=now)
    at_rest = [Sight(watch, Counts(), None, False) for watch in watches]
    touched = []
    for watch in watches:
        counts = Counts(n={last: 2}, rings={last: 2}, negative={last: 0}, reach={last: 150})
        recent = Recent(posts=[1, 2], n_replies=2, n_readable=2, reach={1: 100, 2: 50}, by={1: 1, 2: 1})
        touched.append(Sight(watch, counts, None, False, recent))
    began = time.perf_counter()
    for sight in touched:
        weighing.weigh(sight, now=now)
    touched_s = time.perf_counter() - began
    for sight in at_rest:
        sight.watch.verdict["n_60"] = 0
        sight.watch.level = 0
        sight.watch.level_state["level"] = 0
    began = time.perf_counter()
    for _ in range((N_WATCHES - N_TOUCHED) // N_TOUCHED):
        for sight in at_rest:
            weighing.weigh(sight, now=now)
    return touched_s + time.perf_counter() - began, touched_s


def _settle(*, now: datetime) -> None:
    """All watches judged once before, so that only the touched ones are due."""
    sample = Watch.objects.select_related("case__post__source").first()
    assert sample is not None
    weighing.weigh(Sight(sample, Counts(), None, False), now=now)
    Watch.objects.update(
        evaluate_at=now + timedelta(hours=1),
        baseline=sample.baseline,
        level_state=sample.level_state,
        verdict=sample.verdict,
    )


def _hear(numbers: Sequence[int], source: Source, *, now: datetime) -> None:
    """A post in each of these threads, stored and counted as a poll does."""
    for page in _batches(_mentions(numbers, now=now), generate.PAGE_SIZE):
        with transaction.atomic():
            intake.open_cases(upsert_posts(page, now=now, source_id=source.pk), now=now)


def _mentions(numbers: Sequence[int], *, now: datetime, tag: str = "r") -> Iterator[Mention]:
    like = next(iter(generate.pages(1, seed=7)))[0]
    for n in numbers:
        name = f"{tag}{n}"
        author = replace(like.author, external_id=name, handle=name) if like.author else None
        yield replace(
            like,
            platform="x",
            canonical_id=name,
            thread_id=f"w{n + 1}",
            parent_id=f"w{n + 1}",
            kind=Kind.REPLY,
            text=f"{like.text} {name} {n * 7919} {n * 104729}",
            posted_at=now,
            author=author,
        )


def _sweep(*, now: datetime) -> tuple[float, int]:
    """Judge all that is due, as the task does; seconds and watches."""
    began, n_judged = time.perf_counter(), 0
    while due := evaluation.due_watches(now=now):
        n_judged += evaluation.evaluate_many(due, now=now)
    return time.perf_counter() - began, n_judged


def _alerts(chance: random.Random, source: Source, *, now: datetime) -> list[float]:
    """Seconds from a commit until the level is stored: the wait for the next tick, and the sweep itself."""
    every_s = next(tick.every_s for tick in TICKS if tick.task == TASK)
    waits = []
    for place in range(N_ALERTS):
        at = now + timedelta(seconds=place + 1)
        n = chance.randrange(N_WATCHES)
        with transaction.atomic():
            page = list(_mentions([n], now=at, tag=f"a{place}-"))
            intake.open_cases(upsert_posts(page, now=at, source_id=source.pk), now=at)
        sweep_s, _ = _sweep(now=at)
        waits.append(chance.random() * every_s + sweep_s)
    return waits


def _state_bytes() -> int:
    """The most that one watch remembers, without the last verdict, as JSON."""
    counted = set(WatchCount.objects.values_list("watch_id", flat=True)[:500])
    rows = Watch.objects.filter(pk__in=counted)
    return max((len(str([w.baseline, w.level_state, w.platforms, w.triggers])) for w in rows), default=0)
