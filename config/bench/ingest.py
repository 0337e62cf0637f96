"""`bench ingest`: the whole path of polling with 1,000 queries, against bare, and by two workers at once."""

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from statistics import median
from typing import Any

from django.db import connection, connections

from cases.models import Case
from cases.rules.workflow import State
from config.bench import bare, generate, path
from config.bench.measure import Bar, Race, Report, race
from config.bench.scratch import listening_source
from config.bench.store import N_REPEATS, Page, counts, prepared
from monitoring.connectors.base import Mention
from monitoring.models import Post, PostMatch, Query, Source

N_QUERIES = 1000
RATIO, PER_SECOND = 0.20, 5000
N_WORKERS = 2


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database.

    The second figure is of two worker processes on PostgreSQL. SQLite has one writer at a time,
    and is reported as it is, without a bar.
    """
    source = listening_source(now=now)
    asked = path.queries(N_QUERIES, like=Query.objects.get(), seed=seed)
    result = _race(source, asked, seed=seed, n_pages=n_pages, now=now)
    ratio = result.ratio("ingest", to="bare")
    hits = PostMatch.objects.count() / Post.objects.count()
    kept = {
        "hits_per_post": round(hits, 2),
        "n_cases": Case.objects.count(),
        "n_merged": Case.objects.filter(state=State.MERGED).count(),
    }
    figures: dict[str, Any] = {**result.figures(), "ratio": ratio, "n_queries": N_QUERIES, **counts(), **kept}
    bars = [Bar(f"ingest/bare on {connection.vendor}", ratio, ">=", RATIO)]
    if connection.vendor == "postgresql":
        together = _at_once(asked, seed=seed + 1, n_pages=n_pages, now=now)
        figures["two_workers"] = together
        bars.append(Bar("posts/s of two workers", together["posts_per_s"], ">=", PER_SECOND))
    return Report(figures, tuple(bars))


def _race(source: Source, asked: Sequence[Query], *, seed: int, n_pages: int, now: datetime) -> Race:
    bare.create_copy()

    def ours(page: Page) -> None:
        path.walk(source, page.mentions, asked, page.cursor, now=now)

    pages = prepared(n_pages * (1 + N_REPEATS), seed=seed, source_id=source.pk, now=now, change=path.untold)
    gc.collect()
    gc.freeze()
    repeats = [pages[n : n + n_pages] for n in range(0, len(pages), n_pages)]
    contestants = {"bare": lambda page: bare.upsert(page.rows), "ingest": ours}
    n_items = n_pages * generate.PAGE_SIZE
    return race(repeats, contestants, n_items=n_items, after_warm_up=lambda: None)


def _at_once(asked: Sequence[Query], *, seed: int, n_pages: int, now: datetime) -> dict[str, Any]:
    """Posts a second of two processes that each poll a source of their own; the first repeat warms up."""
    fork = get_context("fork")
    ready, done = fork.Barrier(N_WORKERS + 1), fork.SimpleQueue()
    sources = [
        Source.objects.create(name=f"worker {n}", connector="x", next_poll_at=now) for n in range(N_WORKERS)
    ]
    pages = [
        list(path.untold(generate.pages(n_pages * (1 + N_REPEATS), seed=seed + n))) for n in range(N_WORKERS)
    ]
    connections.close_all()  # a child must not inherit an open one
    work = [_Work(source, own, asked, n_pages, now) for source, own in zip(sources, pages, strict=True)]
    workers = [fork.Process(target=each.run, args=(ready, done)) for each in work]
    for worker in workers:
        worker.start()
    walls = []
    for _ in range(1 + N_REPEATS):
        ready.wait()
        started = time.perf_counter()
        ready.wait()
        walls.append(time.perf_counter() - started)
    for worker in workers:
        worker.join()
    cpu = [done.get() for _ in workers]
    n_posts = N_WORKERS * n_pages * generate.PAGE_SIZE
    return {
        "posts_per_s": round(median(n_posts / wall for wall in walls[1:])),
        "repeats_s": [round(wall, 3) for wall in walls[1:]],
        "cpu_s_of_workers": round(sum(cpu) / (1 + N_REPEATS), 3),
    }


@dataclass(frozen=True, slots=True)
class _Work:
    """What one worker process does; each repeat begins and ends when all are there."""

    source: Source
    pages: Sequence[Sequence[Mention]]
    asked: Sequence[Query]
    n_pages: int
    now: datetime

    def run(self, ready: Any, done: Any) -> None:
        gc.collect()
        gc.freeze()
        began = time.process_time()
        for first in range(0, len(self.pages), self.n_pages):
            ready.wait()
            for n, page in enumerate(self.pages[first : first + self.n_pages]):
                path.walk(self.source, page, self.asked, first + n, now=self.now)
            ready.wait()
        done.put(time.process_time() - began)
        connections.close_all()
