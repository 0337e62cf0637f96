"""Hits held against SQLite's FTS5, an engine that shares no line with ours.

Its tokenizer is told that an underscore belongs to a word, as ours has it; symbols and signs (#, @) mean
nothing to it and stay out of these queries.
"""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.bench.fts5 import TOKENIZER, expression
from monitoring.queries.index import QueryIndex
from monitoring.queries.language import parse
from monitoring.queries.matching import Document, matches
from tests.monitoring.queries.examples import WORDS, queries

texts = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from([word.upper() for word in WORDS]),
        st.sampled_from(
            ["Brand!", "(rook)", "nl-alert", "haven.brand", "cafe\u0301", "e\u0301e\u0301n", "–", "..."]
        ),
    ),
    max_size=15,
).map(" ".join)


@pytest.fixture(scope="module")
def engine() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(f'CREATE VIRTUAL TABLE post USING fts5(text, tokenize="{TOKENIZER}")')
    yield connection
    connection.close()


def hits(engine: sqlite3.Connection, posts: list[str], text: str) -> list[int]:
    engine.execute("DELETE FROM post")
    engine.executemany("INSERT INTO post (rowid, text) VALUES (?, ?)", enumerate(posts))
    asked = expression(parse(text).root)
    return [
        row[0] for row in engine.execute("SELECT rowid FROM post WHERE post MATCH ? ORDER BY rowid", [asked])
    ]


@given(text=queries(plain=True), posts=st.lists(texts, min_size=1, max_size=8))
def test_hits_are_those_of_fts5(engine, text, posts):
    query = parse(text)
    read = [Document(post) for post in posts]
    assert [n for n, post in enumerate(read) if matches(query, post)] == hits(engine, posts, text)
    found = QueryIndex({1: query}).matching_each(read)
    assert [n for n, ids in enumerate(found) if ids] == hits(engine, posts, text)


@pytest.mark.parametrize(
    "text",
    [
        "brand NEAR/2 brand",
        '"brand brand" NEAR/1 brand',
        "rook NEAR/3 brand NEAR/3 haven",
        'bra* NEAR/2 "grote haven"',
        "brand -(rook OR haven)",
        "brand -(rook -haven)",
        "grote -brand -rook",
    ],
)
def test_corners_of_near_and_of_leaving_out_are_those_of_fts5(engine, text):
    words = ("brand", "rook", "grote", "haven", "x")
    posts = [
        " ".join(words[n // 5**k % 5] for k in range(5))
        for n in range(0, 5**5, 3)  # a third of all rows of five words
    ]
    query = parse(text)
    found = [n for n, post in enumerate(posts) if matches(query, Document(post))]
    assert found == hits(engine, posts, text)
    assert found
