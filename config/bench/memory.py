"""`bench memory`: what a polling worker holds with 10,000 queries, and how that grows over 200,000 posts."""

import gc
import os
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.db import connection, connections

from cases.suggestions import leads
from config.bench import fresh, generate, path
from config.bench.measure import Bar, CannotMeasure, Report
from config.bench.scratch import listening_source
from monitoring.connectors.base import Mention
from monitoring.models import Query, Source

N_QUERIES, N_POSTS = 10_000, 200_000
MOST_MB, GROWTH = 250, 0.05
SAMPLES = 20


def run(*, seed: int, n_pages: int, now: datetime, n_posts: int = N_POSTS) -> Report:
    """Measure a process of its own, fresh, on the configured (scratch) database.

    It is warm when it knows as many leads as it ever will, or a quarter of the posts went by.
    """
    source = listening_source(now=now)
    path.queries(N_QUERIES, like=Query.objects.get(), seed=seed)
    name = connection.settings_dict["NAME"]
    connections.close_all()
    spawn = get_context("spawn")
    told = spawn.SimpleQueue()
    given = (__name__, "work", name, source.pk, seed, n_posts, now, told)
    worker = spawn.Process(target=fresh.call, args=given)
    worker.start()
    worker.join()
    if worker.exitcode or told.empty():
        raise CannotMeasure(f"The worker ended with {worker.exitcode}.")
    figures: dict[str, Any] = told.get()
    vendor = connection.vendor
    return Report(
        figures,
        (
            Bar(f"MB of a worker on {vendor}", figures["most_mb"], "<=", MOST_MB),
            Bar(f"growth over {n_posts} posts on {vendor}", figures["growth"], "<=", GROWTH),
        ),
    )


def rss_mb() -> float:
    """Memory of this process that is in use, in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError as error:
        raise CannotMeasure("Only Linux says how much memory a process uses.") from error
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def work(name: str, source_id: int, seed: int, n_posts: int, now: datetime, told: Any) -> None:
    """A worker as Celery has it, with the modules it has, that walks pages and looks at itself."""
    for module in ("config.celery", "cases.tasks"):
        import_module(module)
    connection.settings_dict["NAME"] = name
    source, asked = Source.objects.get(pk=source_id), list(Query.objects.order_by("pk"))
    started_mb = rss_mb()
    pages = path.untold(generate.pages(10**9, seed=seed))
    n_warm = min(n_posts // 4, leads.known.most + leads.known.most // 4)
    _walk(source, asked, islice(pages, max(1, n_warm // generate.PAGE_SIZE)), now=now)
    warm_mb = _settled_mb()
    samples = []
    n_each = max(1, n_posts // generate.PAGE_SIZE // SAMPLES)
    for _ in range(SAMPLES):
        _walk(source, asked, islice(pages, n_each), now=now)
        samples.append(round(_settled_mb(), 1))
    grown = sum(samples[-3:]) / 3 / warm_mb - 1
    told.put(
        {
            "started_mb": round(started_mb, 1),
            "warm_mb": round(warm_mb, 1),
            "samples_mb": samples,
            "most_mb": max(samples),
            "growth": round(grown, 4),
            "n_queries": len(asked),
            "n_posts": SAMPLES * n_each * generate.PAGE_SIZE,
            "n_leads": len(leads.known),
        }
    )
    connections.close_all()


def _walk(source: Source, asked: list[Query], pages: Iterator[tuple[Mention, ...]], *, now: datetime) -> None:
    for n, page in enumerate(pages):
        path.walk(source, page, asked, n, now=now)


def _settled_mb() -> float:
    gc.collect()
    return rss_mb()
