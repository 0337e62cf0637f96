"""`bench match`: many boolean queries over many posts, against SQLite's FTS5 with the same hits.

Each gets its best way. Ours takes post by post and pays for taking every text apart. FTS5 gets all posts
of a repeat at once, in a contentless table in memory without lengths that writes nothing out halfway, and
all queries in one join (tried and slower: a page at a time, a statement a query, its own copy of the text,
an index of prefixes). Neither database of the house is used.
"""

import gc
import math
import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from config.bench import generate
from config.bench.fts5 import TOKENIZER, expression
from config.bench.measure import Bar, Race, Report, race
from config.bench.store import N_REPEATS
from monitoring.connectors.base import Mention
from monitoring.queries.documents import Document
from monitoring.queries.index import QueryIndex
from monitoring.queries.language import Query, parse

SIZES = (100, 1_000, 10_000)
BARS = {1_000: 0.9, 10_000: 1.0}
GROWTH_BAR = 1.5
COMMONEST = 20  # words before this rank stand in so many posts that nobody listens for them
RAREST = generate.N_WORDS
ALL_IN_MEMORY = 2**26  # bytes of FTS5's own table before it writes a segment
SAMPLE = 1_000  # posts by which queries are chosen that find as much together as a tenth of them

Posts = Sequence[Mention]
Hits = set[tuple[int, int]]  # which query, which post of the repeat


class HitsDiffer(Exception):
    """Ours and FTS5 do not find the same: no figure of this run means anything."""

    def __init__(self, n_queries: int, differing: Hits) -> None:
        super().__init__(n_queries, differing)
        self.n_queries = n_queries
        self.differing = differing

    def __str__(self) -> str:
        return f"With {self.n_queries} queries {len(self.differing)} hits differ from those of FTS5."


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure ours against FTS5 at each size, and how the cost grows where the hits do not."""
    made = list(generate.pages(n_pages * (1 + N_REPEATS), seed=seed))
    posts = [mention for page in made for mention in page]
    n_posts = n_pages * generate.PAGE_SIZE
    repeats = [[posts[n : n + n_posts]] for n in range(0, len(posts), n_posts)]
    figures: dict[str, Any] = {}
    bars = []
    for n_queries in SIZES:
        asked = list(islice(queries(seed, COMMONEST), n_queries))
        result, hits = _against_fts5(repeats, asked, n_posts=n_posts)
        ratio = result.ratio("ours", to="fts5")
        figures[str(n_queries)] = {**result.figures(), "ratio": ratio, "hits_per_post": hits / n_posts}
        if n_queries in BARS:
            bars.append(Bar(f"match/FTS5 at {n_queries} queries", ratio, ">=", BARS[n_queries]))
    growth = _growth(repeats, seed=seed, n_posts=n_posts)
    bars.append(Bar("cost of 10,000 queries over 1,000, equal hits", growth["ratio"], "<=", GROWTH_BAR))
    return Report({**figures, "growth": growth}, tuple(bars))


def _against_fts5(
    repeats: Sequence[Sequence[Posts]], queries: Sequence[Query], n_posts: int
) -> tuple[Race, int]:
    """Race both over all repeats. Raises HitsDiffer when they do not find the same."""
    ours, fts5 = Ours(queries), Fts5(queries)

    def compare() -> None:
        if ours.hits != fts5.hits:
            raise HitsDiffer(len(queries), ours.hits ^ fts5.hits)

    looks = {"fts5": fts5.look, "ours": ours.look}
    _set_aside()
    result = race(repeats, looks, n_items=n_posts, after_warm_up=compare)
    compare()
    return result, len(ours.hits)


class Ours:
    """Our index."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._index = QueryIndex(dict(enumerate(queries)))
        self._found: list[list[int]] = []

    def look(self, posts: Posts) -> None:
        self._found = self._index.matching_each(Document(mention.text) for mention in posts)

    @property
    def hits(self) -> Hits:
        """Of the posts that were looked at last."""
        return {(query, post) for post, queries in enumerate(self._found) for query in queries}


class Fts5:
    """A table of posts and a table of queries, joined."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute("CREATE TABLE query (id INTEGER PRIMARY KEY, expression TEXT)")
        asked = [(n, expression(query.root)) for n, query in enumerate(queries)]
        self._connection.executemany("INSERT INTO query VALUES (?, ?)", asked)
        self._found: list[list[int]] = []

    def look(self, posts: Posts) -> None:
        run = self._connection.execute
        options = f"content='', columnsize=0, tokenize=\"{TOKENIZER}\""
        run(f"CREATE VIRTUAL TABLE post USING fts5(text, {options})")
        run("INSERT INTO post (post, rank) VALUES ('hashsize', ?)", [ALL_IN_MEMORY])
        run("BEGIN")
        texts = ((n, mention.text) for n, mention in enumerate(posts))
        self._connection.executemany("INSERT INTO post (rowid, text) VALUES (?, ?)", texts)
        run("COMMIT")
        self._found = [[] for _ in posts]
        for query, post in run("SELECT id, post.rowid FROM query JOIN post ON post MATCH expression"):
            self._found[post].append(query)
        run("DROP TABLE post")

    @property
    def hits(self) -> Hits:
        """Of the posts that were looked at last."""
        return {(query, post) for post, queries in enumerate(self._found) for query in queries}


def _growth(repeats: Sequence[Sequence[Posts]], *, seed: int, n_posts: int) -> dict[str, float]:
    """How much longer 10,000 queries take than 1,000 that find as much together."""
    few, many = SIZES[1], SIZES[2]
    sample = [Document(mention.text) for mention in repeats[0][0][:SAMPLE]]
    wanted = _n_hits(list(islice(queries(seed, COMMONEST), few)), sample)
    low, high = COMMONEST, RAREST  # ranks: the rarer the words, the fewer hits
    while high - low > low // 20 + 1:
        middle = math.isqrt(low * high)
        found = _n_hits(list(islice(queries(seed, middle), many)), sample)
        low, high = (middle, high) if found > wanted else (low, middle)
    contestants = {
        "few": Ours(list(islice(queries(seed, COMMONEST), few))),
        "many": Ours(list(islice(queries(seed, low), many))),
    }
    looks = {name: one.look for name, one in contestants.items()}
    _set_aside()
    result = race(repeats, looks, n_items=n_posts, after_warm_up=lambda: None)
    return {
        "ratio": round(1 / result.ratio("many", to="few"), 3),
        "hits_per_post_of_1000": len(contestants["few"].hits) / n_posts,
        "hits_per_post_of_10000": len(contestants["many"].hits) / n_posts,
    }


def _set_aside() -> None:
    """What was prepared is nobody's to look through while the clock runs."""
    gc.collect()
    gc.freeze()


def _n_hits(queries: Sequence[Query], sample: Sequence[Document]) -> int:
    return sum(map(len, QueryIndex(dict(enumerate(queries))).matching_each(sample)))


FORMS = (
    (20, "{a}"),
    (25, "{a} AND {b}"),
    (20, "{a} OR {b}"),
    (15, "({a} OR {b}) NOT {c}"),
    (10, '"{a} {b}"'),
    (5, "{p}* AND {b}"),
    (5, "{a} NEAR/5 {b}"),
)


def queries(seed: int, commonest: int) -> Iterator[Query]:
    """Boolean queries without end, the same for the same seed; 70 % in Dutch words.

    Their words begin at the rank `commonest`; the logarithm of a rank is drawn, as people write.
    """
    chance = random.Random(seed)
    words = generate.vocabularies(seed)
    weights, forms = zip(*FORMS, strict=True)
    low, high = math.log(commonest), math.log(RAREST)
    while True:
        known = words["nl" if chance.random() < generate.DUTCH else "en"]
        a, b, c = (known[min(RAREST - 1, int(math.exp(chance.uniform(low, high))))] for _ in range(3))
        form = chance.choices(forms, weights)[0]
        yield parse(form.format(a=a, b=b, c=c, p=a[: max(2, len(a) - 2)]))
