"""Made-up queries and documents over a few words, so that many of them meet."""

from hypothesis import strategies as st

from monitoring.queries.matching import Document

WORDS = ("brand", "brandweer", "rook", "rookwolk", "haven", "café", "cafe", "één", "een", "nl_alert", "112")
TAGS = ("brand", "rookwolk", "één")
HANDLES = ("vr_loswal", "jan.bsky.social", "jan@server.example")
AUTHORS = ("", "jan", "Jan@server.example", "vr_loswal")
LANGUAGES = ("", "nl", "nl-BE", "en")
PLATFORMS = ("", "x", "mastodon")


def _phrase(parts: list[str]) -> str:
    return '"' + " ".join(parts) + '"'


_words = st.sampled_from([word for word in WORDS if "_" not in word])
phrases = st.lists(_words, min_size=2, max_size=3).map(_phrase)
prefixes = st.sampled_from(["br*", "bra*", "rook*", "ca*", "éé*", "nl_a*", "11*"])
near_parts = st.one_of(st.sampled_from(WORDS), phrases, prefixes)
nears = st.builds(
    lambda parts, n: f" NEAR/{n} ".join(parts),
    st.lists(near_parts, min_size=2, max_size=3),
    st.integers(1, 4),
)
plain_leaves = st.one_of(st.sampled_from(WORDS), phrases, prefixes, nears)
other_leaves = st.one_of(
    st.sampled_from(WORDS).map("=".__add__),
    st.sampled_from(TAGS).map("#".__add__),
    st.sampled_from(HANDLES).map("@".__add__),
    st.sampled_from(["#roo*", "from:jan", "van:vr_loswal", "lang:nl", "taal:nl-be", "platform:x"]),
)


def _joined(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Queries over these leaves; every side of an OR looks for something."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} OF {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]}, {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT ({two[1]}))"),
        ),
        max_leaves=6,
    )


def queries(*, plain: bool = False) -> st.SearchStrategy[str]:
    """Texts of queries; `plain`: only what any full-text engine knows."""
    return _joined(plain_leaves if plain else st.one_of(plain_leaves, other_leaves))


texts = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from([word.upper() for word in WORDS]),
        st.sampled_from(
            ["#brand", "#Rookwolk", "@vr_loswal", "@jan.bsky.social!", "@jan@server.example", "#één"]
        ),
        st.sampled_from([".", ",", "-", "cafe\u0301"]),
    ),
    max_size=12,
).map(" ".join)
documents = st.builds(
    Document, texts, st.sampled_from(AUTHORS), st.sampled_from(LANGUAGES), st.sampled_from(PLATFORMS)
)
