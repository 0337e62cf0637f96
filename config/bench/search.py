"""`bench search`: a rare word, one just above the cap and the commonest, the newest 50 cases of each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any

from django.db import connection, transaction

from cases import policy
from cases.models import Case, User
from cases.reads.searching import Filter, newest
from cases.rules.workflow import State
from config.bench import generate
from config.bench.measure import Bar, CannotMeasure, Report
from config.bench.scratch import listening_source
from monitoring import bulk
from monitoring.models import Author, Post, PostIdentity
from monitoring.queries.looking import holds, pattern_of, terms_of
from monitoring.search import MOST, hits

N_POSTS = {"postgresql": 500_000, "sqlite": 100_000}
NEWEST, N_TIMES, WARM = 50, 100, 5
BAR_MS = 50.0
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: `share` is the share of all posts that hold the words."""

    name: str
    words: str
    n_hits: int


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database, filled by bulk with posts and their cases."""
    listening_source(now=now)
    n_posts = N_POSTS[connection.vendor]
    began = time.perf_counter()
    fill(n_posts, seed=seed, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    filled_s = time.perf_counter() - began
    user = User.objects.get()
    figures: dict[str, Any] = {"n_posts": n_posts, "filled_s": round(filled_s, 1), "words": {}}
    bars = []
    for asked in _words(n_posts, seed=seed):
        spent = _measure(asked.words, user, now=now)
        p95 = spent[int(len(spent) * 0.95)]
        figures["words"][asked.name] = {
            "n_hits": asked.n_hits,
            "median_ms": round(median(spent), 1),
            "p95_ms": round(p95, 1),
            "worst_ms": round(spent[-1], 1),
        }
        bars.append(Bar(f"ms, p95, {asked.name} word on {connection.vendor}", p95, "<=", BAR_MS))
    return Report(figures, tuple(bars))


def _measure(words: str, user: User, *, now: datetime) -> list[float]:
    """Milliseconds of each time, sorted. Every answer is held against a plain walk through all cases."""
    spent, truth = [], _truth(words)
    for n in range(WARM + N_TIMES):
        began = time.perf_counter()
        found = newest(user, Filter(text=words), now=now, most=NEWEST)
        if n >= WARM:
            spent.append((time.perf_counter() - began) * 1000)
        if found != truth or not found:
            raise CannotMeasure(f"{words}: these are not the newest cases that hold it.")
    return sorted(spent)


def _truth(words: str) -> list[tuple[int, datetime]]:
    """The newest cases that hold the words, found without any index on words."""
    tests = tuple(map(pattern_of, terms_of(words)))
    columns = ("pk", "posted_at", "post__text", "post__author__name", "post__author__handle")
    told = Case.objects.order_by("-posted_at", "-pk").values_list(*columns).iterator(chunk_size=PAGE)
    hold = (
        (pk, posted_at)
        for pk, posted_at, text, name, handle in told
        if holds(text, tests) or holds(f"{name or ''} {handle or ''}", tests)
    )
    return list(islice(hold, NEWEST))


def _words(n_posts: int, *, seed: int) -> Iterator[Asked]:
    """Whole words, by how many posts hold them: some dozens, just above what is sorted, and the most."""
    vocabulary = generate.vocabularies(seed)["nl"]
    yield Asked("the commonest", vocabulary[0], _n_hits(vocabulary[0], n_posts))
    counted = [(word, _n_hits(word, n_posts)) for word in vocabulary[60:1200:20]]
    above = [(n, word) for word, n in counted if n > MOST]
    below = [(n, word) for word, n in counted if n <= MOST]
    if above:
        yield Asked("a common (least above the cap)", min(above)[1], min(above)[0])
    if below:
        yield Asked("a less common (most below the cap)", max(below)[1], max(below)[0])
    rare = min((_n_hits(word, n_posts), word) for word in vocabulary[5000:6000:50])
    yield Asked("a rare", rare[1], rare[0])


def _n_hits(word: str, n_posts: int) -> int:
    found = hits(terms_of(f'"{word}"'), most=n_posts)
    return len(found or ())


def fill(n_posts: int, *, seed: int, now: datetime) -> None:
    """Posts of the generator (late ones, near-copies and all) with a case each, some thousands at a time."""
    scheme = policy.current_version()
    start = policy.scheme_from(scheme).start
    told = (mention for page in generate.pages(10**9, seed=seed) for mention in page if not mention.version)
    authors: dict[str, int] = {}
    done = 0
    while done < n_posts:
        page = list(islice(told, min(PAGE, n_posts - done)))
        with transaction.atomic():
            _store_authors(page, authors)
            ids = range(done + 1, done + len(page) + 1)
            identities = [
                PostIdentity(pk, m.platform, m.canonical_id) for pk, m in zip(ids, page, strict=True)
            ]
            PostIdentity.objects.bulk_create(identities)
            _store_posts(ids, page, authors, now=now)
            columns = ("post_id", "state", "scheme_id", "scheme_node", "category", "outcome", "is_urgent")
            times = ("posted_at", "opened_at", "due_at")
            bulk.insert(
                Case,
                (*columns, *times),
                [
                    (
                        pk,
                        State.NEW.value,
                        scheme.pk,
                        start,
                        "",
                        "",
                        False,
                        m.posted_at,
                        m.posted_at,
                        m.posted_at + timedelta(days=1),
                    )
                    for pk, m in zip(ids, page, strict=True)
                ],
            )
        done += len(page)


def _store_authors(page: list[Any], authors: dict[str, int]) -> None:
    new = {m.author.external_id: m.author for m in page if m.author.external_id not in authors}
    made = [
        Author(pk=len(authors) + n, platform="x", external_id=key, handle=ref.handle, name=ref.name)
        for n, (key, ref) in enumerate(new.items(), start=1)
    ]
    Author.objects.bulk_create(made)
    authors |= {author.external_id: author.pk for author in made}


def _store_posts(ids: range, page: list[Any], authors: dict[str, int], *, now: datetime) -> None:
    columns = ("identity_id", "platform", "canonical_id", "author_id", "kind", "url", "text", "language")
    more = (
        "parent_id",
        "thread_id",
        "n_replies",
        "n_shares",
        "n_likes",
        "posted_at",
        "fetched_at",
        "version",
        "raw",
    )
    bulk.insert(
        Post,
        (*columns, *more),
        [
            (
                *(pk, m.platform, m.canonical_id, authors[m.author.external_id], m.kind.value, m.url),
                *(
                    m.text,
                    m.language,
                    m.parent_id,
                    m.thread_id or m.canonical_id,
                    0,
                    0,
                    0,
                    m.posted_at,
                    now,
                    "",
                    "{}",
                ),
            )
            for pk, m in zip(ids, page, strict=True)
        ],
    )
