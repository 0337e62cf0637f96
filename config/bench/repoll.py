"""`bench repoll`: posts that were seen before come again, against the bare upsert of the same pages."""

import gc
from datetime import datetime

from django.db import connection

from cases.models import Case
from config.bench import bare, generate, path
from config.bench.measure import Bar, Report, race
from config.bench.scratch import listening_source
from config.bench.store import N_REPEATS, Page, counts, prepared
from monitoring.models import Query

BAR = 0.70


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database: the warm-up stores, every repeat brings the same."""
    source = listening_source(now=now)
    asked = path.queries(1, like=Query.objects.get(), seed=seed)
    bare.create_copy()
    pages = prepared(n_pages, seed=seed, source_id=source.pk, now=now)

    def ours(page: Page) -> None:
        path.walk(source, page.mentions, asked, page.cursor, now=now)

    gc.collect()
    gc.freeze()
    result = race(
        [pages] * (1 + N_REPEATS),
        {"bare": lambda page: bare.upsert(page.rows), "repoll": ours},
        n_items=n_pages * generate.PAGE_SIZE,
        after_warm_up=lambda: None,
    )
    ratio = result.ratio("repoll", to="bare")
    return Report(
        {**result.figures(), "ratio": ratio, **counts(), "n_cases": Case.objects.count()},
        (Bar(f"repoll/bare on {connection.vendor}", ratio, ">=", BAR),),
    )
