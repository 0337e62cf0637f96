"""What a query finds in a post, alone and among many queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.queries.index import QueryIndex
from monitoring.queries.language import parse
from monitoring.queries.matching import Document, is_near, matches
from monitoring.queries.searches import anchors, conjunctions, on_platform
from monitoring.queries.tree import And, Not, Or
from tests.monitoring.queries.examples import documents, queries


def found(query: str, text: str, **origin: str) -> bool:
    return matches(parse(query), Document(text, **origin))


@pytest.mark.parametrize(
    ("query", "text", "is_found"),
    [
        ("brand", "Grote BRAND in de haven", True),
        ("brand", "De brandweer komt", False),
        ("brand", "#brand!", True),
        ("#brand", "brand", False),
        ("#brand", "##brand", False),
        ("#brand", "kijk: #Brand.", True),
        ("#brand", "#brandweer", False),
        ("#brand", "＃brand", True),
        ("#brandw*", "de #brandweer", True),
        ("#brandw*", "de brandweer", False),
        ("brandw*", "de #brandweer", True),
        ("@vr_loswal", "dank @VR_Loswal!", True),
        ("@vr_loswal", ".@vr_loswal dank", True),
        ("@vr_loswal", "mail@vr_loswal", False),
        ("@vr_loswal", "vr_loswal", False),
        ("@vr_loswal", "@vr_loswal@server.example", True),
        ("@vr_loswal@server.example", "@vr_loswal@server.example.", True),
        ("@vr_loswal@server.example", "@vr_loswal", False),
        ("@jan.bsky.social", "hoi @jan.bsky.social.", True),
        ("@jan", "hoi @jan.bsky.social", True),
        ("vr_loswal", "@vr_loswal", True),
        ("loswal", "@vr_loswal", False),
        ('"grote brand"', "een grote\n  brand", True),
        ('"grote brand"', "grote uitslaande brand", False),
        ('"grote brand"', "grote, brand", True),
        ("grote brand", "brand, en een grote", True),
        ("brand, rook", "overal rook", True),
        ("brand -oefening", "brand, maar het is een oefening", False),
        ("brand -oefening", "brand in de oefeningenhal", True),
        ("brand, rook, -oefening", "rook bij een oefening", False),
        ("nl-alert", "een NL Alert", True),
        ("nl-alert", "een alert van nl", False),
        ("a.b", "axb", False),
        ("it's", "it’s here", True),
        ("it's", "its here", False),
        ("bran*", "de brandweer", True),
        ("bran*", "verbrand", False),
        ("bran* komt", "de brandweer komt", True),
        ("112", "bel 112!", True),
        ("112", "1122", False),
        ("🔥", "het is🔥heet", True),
        ("👍", "👍🏽 goed", True),
        ("c++", "wij schrijven c++.", True),
        ("c++", "wij schrijven c.", False),
        ("brandweer", "brand\u00adweer", True),
        ("brandweer", "brand\u200bweer", False),
        ("हिन्दी", "यह हिन्दी है", True),
        ("हिन्द", "यह हिन्दी है", False),
        ("#हिन्दी", "यह #हिन्दी है", True),
        ("مدرسة", "مَدْرَسَة", True),
    ],
)
def test_a_query_finds_whole_words_whatever_the_case_and_composition(query, text, is_found):
    assert found(query, text) is is_found


@pytest.mark.parametrize(
    ("query", "text", "is_found"),
    [
        ("cafe", "CAFÉ", True),
        ("café", "cafe", True),
        ("cafe\u0301", "café", True),
        ("straße", "STRASSE", True),
        ("een", "één", True),
        ("=een", "één", False),
        ("=één", "één", True),
        ("=één", "e\u0301e\u0301n", True),
        ("=één", "ÉÉN", True),
        ("=één", "een", False),
        ("=een", "één en een", True),
        ("=caf-é", "caf é", True),
        ("een -=één", "één", False),
        ('"een kat"', "één kat", True),
        ("éé*", "eentje", True),
        ("#één", "#een", True),
    ],
)
def test_accents_count_only_for_a_word_that_asks_so(query, text, is_found):
    assert found(query, text) is is_found


@pytest.mark.parametrize(
    ("query", "text", "is_found"),
    [
        ("brand NEAR/2 haven", "brand in de haven", True),
        ("haven NEAR/2 brand", "brand in de haven", True),
        ("brand NEAR/1 haven", "brand in de haven", False),
        ("brand NABIJ/2 haven", "haven, ver weg. brand en nog een brand in de haven", True),
        ('"grote brand" NEAR/1 haven', "haven nabij grote brand", True),
        ('haven NEAR/1 "grote brand"', "grote brand nabij haven", True),
        ("bra* NEAR/1 hav*", "de brandweer, havendienst", True),
        ("brand NEAR/1 haven NEAR/1 rook", "brand haven rook", True),
        ("brand NEAR/1 haven NEAR/1 rook", "brand x haven rook", False),
    ],
)
def test_near_counts_the_words_between_in_any_order(query, text, is_found):
    assert found(query, text) is is_found


@pytest.mark.parametrize(
    ("query", "origin", "is_found"),
    [
        ("from:jan", {"author": "Jan"}, True),
        ("from:jan", {"author": "jan@server.example"}, True),
        ("from:jan@server.example", {"author": "jan"}, False),
        ("from:jan", {"author": "jan.bsky.social"}, False),
        ("from:jan", {}, False),
        ("lang:nl", {"language": "nl"}, True),
        ("lang:nl", {"language": "nl_BE"}, True),
        ("lang:nl-be", {"language": "nl"}, False),
        ("-lang:nl brand", {"language": ""}, True),
        ("platform:x", {"platform": "x"}, True),
        ("platform:x", {"platform": "mastodon"}, False),
        ("lang*", {"language": "nl"}, False),
    ],
)
def test_author_language_and_platform_come_from_the_post_and_not_from_its_text(query, origin, is_found):
    assert found(query, "brand", **origin) is is_found


def test_an_index_gives_every_hit_in_order_and_nothing_else():
    texts = {7: "brand", 3: 'rook, "grote brand"', 9: "br*", 4: "lang:nl", 1: "zee", 5: "#x van:jan"}
    index = QueryIndex({pk: parse(text) for pk, text in texts.items()})
    assert index.matching(Document("Grote brand", language="nl")) == [3, 4, 7, 9]
    assert index.matching(Document("")) == []
    assert index.matching_each([]) == []
    assert QueryIndex({}).matching(Document("brand")) == []


class _Asked(set[str]):
    """Keys that count how often they are asked for one."""

    n_times = 0

    def __contains__(self, key):
        self.n_times += 1
        return super().__contains__(key)


def test_a_query_without_its_anchor_in_the_post_is_not_looked_at():
    index = QueryIndex({n: parse(f"brand AND zeldzaam{n}") for n in range(100)})
    post = Document("brand in de haven, zeldzaam7")
    post.keys = asked = _Asked(post.keys)
    assert index.matching(post) == [7]
    assert asked.n_times == 1


def test_an_index_forgets_words_and_still_finds_them(monkeypatch):
    monkeypatch.setattr("monitoring.queries.index.MOST_KNOWN", 3)
    index = QueryIndex({1: parse("brandw*"), 2: parse("rook")})
    for n in range(20):
        assert index.matching(Document(f"brandweer{n} rook nieuw{n}")) == [1, 2]
        assert index.matching(Document(f"brandweer{n} brandwacht")) == [1]


@given(st.lists(queries(), max_size=6), st.lists(documents, max_size=6))
def test_an_index_finds_what_each_query_finds_alone(texts, posts):
    asked = {n: parse(text) for n, text in enumerate(texts)}
    alone = [[n for n, query in asked.items() if matches(query, post)] for post in posts]
    assert QueryIndex(asked).matching_each(posts) == alone
    assert [QueryIndex(asked).matching(post) for post in posts] == alone


@given(queries(), documents)
def test_every_hit_has_an_anchor(text, post):
    query = parse(text)
    found_by = [leaf for leaf in anchors(query) if matches(type(query)(leaf), post)]
    assert found_by or not matches(query, post)


@given(queries(), documents, st.integers(1, 8))
def test_every_hit_satisfies_one_of_the_simple_searches(text, post, most):
    query = parse(text)
    if matches(query, post):
        assert any(_satisfies(search, post) for search in conjunctions(query, most=most))


@given(queries(), documents)
def test_every_hit_on_a_platform_satisfies_what_is_left_to_ask_there(text, post):
    query = parse(text)
    if matches(query, post) and ":platform:x" in post.keys:
        left = on_platform(query.root, "x")
        assert left is not None and matches(type(query)(left), post)
        assert any(_satisfies(search, post) for search in conjunctions(query, most=4, platform="x"))


def _satisfies(search, post) -> bool:
    asked = [
        *(parse(str(type(parse("a"))(leaf))) for leaf in search.required),
        *([parse(f"from:{search.author}")] if search.author else []),
        *([parse(f"lang:{search.language}")] if search.language else []),
    ]
    excluded = [type(parse("a"))(leaf) for leaf in search.excluded]
    return all(matches(q, post) for q in asked) and not any(matches(q, post) for q in excluded)


@pytest.mark.parametrize(
    ("text", "most", "n_required"),
    [
        ("(a OR b) (c OR d)", 4, [2, 2, 2, 2]),
        ("(a OR b) (c OR d)", 3, [1, 1]),
        ("(a OR b OR c) d", 2, [1]),
        ("(a OR b OR c)", 2, [1, 1, 1]),
        ("a -(b c)", 4, [1]),
        ("(a b) OR ((c OR d) (e OR f))", 3, [2, 1, 1]),
        ("platform:bluesky a, b", 4, [1]),
        ("platform:bluesky a", 4, []),
        ("from:jan from:piet", 4, []),
    ],
)
def test_simple_searches_are_no_more_than_asked_where_wider_ones_will_do(text, most, n_required):
    searches = conjunctions(parse(text), most=most, platform="x")
    assert [len(search.required) for search in searches] == n_required


def test_the_rarest_side_of_a_query_is_its_anchor():
    assert [str(leaf.text) for leaf in anchors(parse("de (brand OR rook) loswalkade lang:nl"))] == [
        "loswalkade"
    ]


class _Counted(list[int]):
    """Places that count how often they are looked at."""

    n_looks = 0

    def __getitem__(self, n):
        _Counted.n_looks += 1
        return super().__getitem__(n)


def test_the_worst_near_on_the_worst_post_looks_a_bounded_number_of_times(monkeypatch):
    """Counted, not timed: 99 words that stand everywhere, and one that is only far away."""
    n_words, n_parts = 1_000, 100
    everywhere = [(_Counted(range(n_words)), 1) for _ in range(n_parts - 1)]
    monkeypatch.setattr(_Counted, "n_looks", 0)
    assert not is_near([*everywhere, (_Counted([n_words + 100]), 1)], 50)
    assert is_near([*everywhere, (_Counted([n_words + 10]), 1)], 50)
    in_turn = [(_Counted(range(n * 60, n_words * 60, 120)), 1) for n in (0, 1)]
    assert not is_near(in_turn, 50)
    assert _Counted.n_looks < 40 * n_words + 40 * n_parts


def test_the_longest_query_matches_the_longest_post():
    """A hundred beginnings, each of every word: found, and found at once (nothing here is tried twice)."""
    post = Document("aab " * 20_000)
    assert matches(parse(" NEAR/50 ".join(["aa*"] * 100)), post)
    assert matches(parse('"' + "aab " * 99 + '"'), post)
    assert not matches(parse('"' + "aab " * 98 + ' b"'), post)


def test_a_query_of_only_alternatives_never_makes_more_searches_than_it_has_terms():
    wide = parse(" ".join(f"(a{n} OR b{n})" for n in range(50)))
    assert len(conjunctions(wide, most=100)) <= 100
    deep = parse("a -(" + " ".join(f"(b{n} OR c{n})" for n in range(49)) + ")")
    assert len(conjunctions(deep, most=100)) <= 100
    assert not any(
        isinstance(leaf, And | Or | Not) for s in conjunctions(wide, most=9) for leaf in s.required
    )
