"""`bench store`: posts, identities and cursor in one transaction, against a bare bulk upsert."""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from config.bench import bare, generate
from config.bench.measure import Bar, Race, Report, race
from config.bench.scratch import listening_source
from monitoring.bulk import Row
from monitoring.connectors.base import Mention
from monitoring.models import Post, PostVersion, Source
from monitoring.polling import move_cursor
from monitoring.store import Stored, upsert_posts

BAR = 0.60
N_REPEATS = 5
N_PAGES = 60  # in each repeat, and in the warm-up before them


@dataclass(frozen=True, slots=True)
class Page:
    """The same page twice: as mentions for our path, as ready rows for the bare upsert."""

    mentions: Sequence[Mention]
    rows: Sequence[Row]
    cursor: int


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database."""
    source = listening_source(now=now)
    result = race_against_bare(source, lambda stored: None, name="store", seed=seed, n_pages=n_pages, now=now)
    ratio = result.ratio("store", to="bare")
    return Report(
        {**result.figures(), "ratio": ratio, **counts()},
        (Bar(f"store/bare on {connection.vendor}", ratio, ">=", BAR),),
    )


def race_against_bare(
    source: Source,
    on_page: Callable[[Stored], object],
    *,
    name: str,
    seed: int,
    n_pages: int,
    now: datetime,
    after_warm_up: Callable[[], object] = lambda: None,
) -> Race:
    """Store seeded pages by our path and by the bare one, in turn."""
    bare.create_copy()

    def ours(page: Page) -> None:
        with transaction.atomic():
            on_page(upsert_posts(page.mentions, now=now, source_id=source.pk))
            move_cursor(source, {"delivered": page.cursor}, "bench")

    pages = prepared(n_pages * (1 + N_REPEATS), seed=seed, source_id=source.pk, now=now)
    gc.collect()
    gc.freeze()  # what was prepared is nobody's to look through while the clock runs
    repeats = [pages[n : n + n_pages] for n in range(0, len(pages), n_pages)]
    contestants = {"bare": lambda page: bare.upsert(page.rows), name: ours}
    return race(repeats, contestants, n_items=n_pages * generate.PAGE_SIZE, after_warm_up=after_warm_up)


def prepared(
    n_pages: int,
    *,
    seed: int,
    source_id: int,
    now: datetime,
    change: Callable[[Iterator[tuple[Mention, ...]]], Iterator[tuple[Mention, ...]]] = iter,
) -> list[Page]:
    """All pages, made before the clock starts; `change` makes other pages of them."""
    return [
        Page(
            mentions,
            bare.rows(mentions, first_id=1 + n * generate.PAGE_SIZE, source_id=source_id, now=now),
            cursor=n,
        )
        for n, mentions in enumerate(change(generate.pages(n_pages, seed=seed)))
    ]


def counts() -> dict[str, int]:
    """What stands in the database afterwards: both sides must have stored the same posts."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {bare.TABLE}")  # nosec B608 - a name of ours
        (n_bare,) = cursor.fetchone()
    return {"n_bare": n_bare, "n_posts": Post.objects.count(), "n_edits": PostVersion.objects.count()}
