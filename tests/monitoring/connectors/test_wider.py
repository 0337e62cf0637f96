"""What a platform is asked is never narrower than the query: a simple platform finds every hit of ours."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.connectors.alternatives import alternatives
from monitoring.connectors.bluesky.searching import searches
from monitoring.connectors.mastodon.asked import asked_for
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.matching import Document, matches

VOCABULARY = ["brand", "rook", "sirene", "brandweer", "storing"]
words = st.sampled_from(VOCABULARY)
leaves = st.one_of(
    words,
    words.map(lambda word: f"#{word}"),
    st.lists(words, min_size=2, max_size=2).map(lambda pair: f'"{" ".join(pair)}"'),
    st.lists(words, min_size=2, max_size=2).map(" NEAR/3 ".join),
    st.sampled_from(["from:jan", "from:jan@elders.example", "lang:nl", "platform:mastodon"]),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"NOT ({part})"),
    ),
    max_leaves=6,
)
texts = st.lists(st.one_of(words, words.map(lambda word: f"#{word}")), min_size=1, max_size=6).map(" ".join)


def tokens(text):
    return re.findall(r"#?\w+", text.casefold())


def finds(search, text, author):
    """A platform that wants all of a search: words, "phrases", #tags and from:."""
    line = " ".join(tokens(text))
    for part in re.findall(r'"[^"]*"|\S+', search):
        if part.startswith("from:"):
            if part.removeprefix("from:").lstrip("@") != author:
                return False
        elif part.startswith('"'):
            if part.strip('"') not in line.replace("#", ""):
                return False
        elif part not in line.split() and f"#{part}" not in line.split():
            return False
    return True


def is_hit(query, found):
    """Whether it is one of ours; a query that cannot be asked has none."""
    try:
        return matches(parse(query), found)
    except BadQuery:
        return False


def document(text, platform):
    return Document(text, "jan@elders.example", "nl", platform)


@settings(max_examples=300)
@given(queries, texts)
def test_mastodon(query, text):
    if not is_hit(query, document(text, "mastodon")):
        return
    asked = asked_for([query])
    tagged = any(f"#{tag}" in text.split() for tag in asked.tags)
    assert tagged or asked.has_more or any(finds(s, text, "jan@elders.example") for s in asked.searches)


@settings(max_examples=300)
@given(queries, texts)
def test_bluesky(query, text):
    if is_hit(query, Document(text, "jan.example", "nl", "bluesky")):
        asked = searches([query])
        looks_for_all = "NOT" in query or "from:" in query or "lang:" in query or "platform:" in query
        assert looks_for_all or any(finds(s, text, "jan.example") for s in asked)


@settings(max_examples=300)
@given(queries, texts)
def test_searches_of_alternatives(query, text):
    found = [part for asked in alternatives([query], between=" OR ") for part in asked.split(" OR ")]
    if is_hit(query, document(text, "reddit")):
        open_ended = any(sign in query for sign in ("NOT", "from:", "lang:", "platform:"))
        assert open_ended or any(finds(part, text, "") for part in found)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("from:jan brand", ["brand"]),
        ("brandw* storing", ["storing"]),
        ("brandw* NEAR/3 storing", ["storing"]),
        ("brandw*", ["brandw"]),
        ("from:jan", []),
    ],
)
def test_authors_and_beginnings_are_not_looked_for_where_a_word_is(query, asked):
    assert alternatives([query], between="|") == asked


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("storing brandw*", ("storing",)),
        ("storing NEAR/3 brandw*", ("storing",)),
        ("brandw*", ("brandw",)),
        ("brand lang:nl", ("brand",)),
        ("brand from:jan", ("brand",)),
        ("brand from:jan@elders.example", ("brand from:@jan@elders.example",)),
    ],
)
def test_mastodon_is_asked_for_whole_words_and_for_authors_with_their_server(query, asked):
    assert asked_for([query]).searches == asked
