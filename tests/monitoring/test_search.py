"""Posts by word, alike on both databases."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.models import Post
from monitoring.queries.looking import holds, pattern_of, terms_of
from monitoring.search import authors, by_permalink, hits, posts_with
from monitoring.store import upsert_posts
from tests.world import mention

pytestmark = pytest.mark.django_db


def found(words: str) -> set[str]:
    return {post.canonical_id for post in posts_with(words)}


@pytest.fixture(autouse=True)
def posts(noon: datetime) -> None:
    texts = {1: "De brandweer blust bij de Loswal", 2: "Loswal weer open", 3: "Niets aan de hand"}
    upsert_posts([mention(n, text, at=noon) for n, text in texts.items()], now=noon)


def test_every_word_must_be_there_and_the_beginning_of_a_word_is_enough() -> None:
    assert found("loswal") == {"m1", "m2"}
    assert found("brandw LOSWAL") == {"m1"}


@pytest.mark.parametrize("words", ["", "  ", "!?", "'\"*()&|:", "\x00"])
def test_what_holds_no_word_finds_nothing_and_breaks_nothing(words: str) -> None:
    assert found(words) == set()


def test_operators_of_the_database_are_only_words_here() -> None:
    assert found("loswal OR niets") == set()
    assert found('loswal" NOT "weer') == set()


def test_an_edited_post_is_found_by_its_new_words(noon: datetime) -> None:
    edited = mention(3, "Toch brand", at=noon)
    upsert_posts([replace(edited, version="2")], now=noon)
    assert found("toch") == {"m3"}
    assert found("niets") == set()


TEXTS = [
    "Één café bij de IJssel, zegt Zoë",
    "een CAFE in Den-Haag",
    "www.loswal.nl/brand?x=1 en jan@loswal.nl",
    "#loswal @jan_83: 112 gebeld om 12:30, 1e5 keer, 2,5 km, v2.0",
    "brand\u200bweer 🔥🔥 Loswal👩‍🚒brandweer",
    "de brand weer bij de brandweer",
    "Straße, naïef, coördinatie, ruïne, Ångström, Łódź, œuvre, øl, đ",
    "пожар на Неве, й и ё; πυρκαγιά; 火災 発生; حريق",
    "e\u0301e\u0301n keer ontleed en cafe\u0301",
    "it's 'quoted' and “curly” — dashes… 50% & x №5",
    "007 0x1f -5 3.14 1.000.000 €20",
    "",
    "a" * 2000,
    "tab\tnewline\nvertical\x0bnul-free\x7f",
]
TYPED = [
    *(
        "een cafe",
        "ÉÉN",
        "café",
        "ijssel",
        "zoe",
        "den haag",
        "Den-Haag",
        "haag den",
        '"den haag"',
        '"haag den"',
    ),
    *("loswal.nl", "brand", "jan@loswal.nl", "jan_83", "#loswal", "112", "12:30", "1e5", "2,5", "v2", "v2.0"),
    *(
        "brandweer",
        '"brand weer"',
        '"brand"',
        '"bran"',
        "🔥",
        "🔥 loswal",
        "strasse",
        "straße",
        "naief",
        "ruine",
    ),
    *("coordinatie", "angstrom", "lodz", "łódź", "oeuvre", "ø", "пожар", "ПОЖАР", "й", "и", "火災", "حريق"),
    *(
        "it's",
        "quoted",
        "curly",
        "50%",
        "№5",
        "5",
        "007",
        "0x1f",
        "-5",
        "3.14",
        "1000000",
        "€20",
        "a",
    ),
    *(
        '"',
        '"open',
        "“",
        "'",
        "&|!:*()<->\\",
        "NEAR(a b)",
        "loswal*",
        "-loswal",
        "AND OR NOT",
        "\\",
        "%",
        "_",
    ),
    *("x" * 5000, "a " * 500, "\ud7ff", "tab newline", "nul", "de " * 3),
]


@pytest.fixture
def told(noon: datetime) -> dict[int, str]:
    upsert_posts([mention(f"t{n}", text or " ", at=noon) for n, text in enumerate(TEXTS)], now=noon)
    return dict(Post.objects.values_list("pk", "text"))


def expected(typed: str, told: dict[int, str]) -> set[int]:
    terms = terms_of(typed)
    tests = tuple(map(pattern_of, terms))
    return {pk for pk, text in told.items() if terms and holds(text, tests)}


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
def test_the_index_finds_what_the_rule_says_and_nothing_else(typed: str, told: dict[int, str]) -> None:
    assert set(hits(terms_of(typed)) or ()) == expected(typed, told)


# An accent comes with a letter that can have one: on a digit or an ø the two databases read it differently.
PIECES = st.sampled_from(
    [*"aeébc129 \"'-_.,@#/:*&|!()<>\\🔥ßøñ", "loswal", "één", "brand", " ", "12", "e\u0301"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(PIECES, max_size=8).map("".join))
def test_whatever_is_typed_is_never_an_error_and_finds_by_the_rule(typed: str, told: dict[int, str]) -> None:
    assert set(hits(terms_of(typed)) or ()) == expected(typed, told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(PIECES, min_size=1, max_size=12).map("".join),
    typed=st.lists(PIECES, max_size=4).map("".join),
)
def test_whatever_is_told_is_found_by_the_rule(text: str, typed: str, told: dict[int, str]) -> None:
    pk = min(told)
    Post.objects.filter(pk=pk).update(text=text)
    assert set(hits(terms_of(typed)) or ()) == expected(typed, {**told, pk: text})


def test_more_hits_than_asked_are_none(told: dict[int, str]) -> None:
    assert hits(terms_of("loswal"), most=1) is None
    assert len(hits(terms_of("niets"), most=1) or ()) == 1


def test_authors_are_found_by_the_beginning_of_their_names_and_handles(told: dict[int, str]) -> None:
    assert len(authors(terms_of("author auth")) or ()) > 3
    assert len(authors(terms_of("AUTHORT1")) or ()) == 5  # t1, t10, t11, t12, t13
    assert authors(terms_of("uthor")) == []


@pytest.mark.parametrize(
    "typed",
    [
        "https://social.example/1",
        "http://www.social.example/1/?s=20",
        "social.example/1",
        "SOCIAL.example/1#x",
    ],
)
def test_an_address_finds_its_post_however_it_is_written(typed: str) -> None:
    Post.objects.filter(canonical_id="m1").update(canonical_id="1")
    Post.objects.get(canonical_id="1").identity.__class__.objects.filter(canonical_id="m1").update(
        canonical_id="1"
    )
    assert [Post.objects.get(pk=pk).url for pk in by_permalink(typed)] == ["https://social.example/1"]


@pytest.mark.parametrize(
    "typed", ["https://social.example/99", "loswal brand", "http://[", "a/b", "//", "", "1.2"]
)
def test_what_is_no_address_of_a_post_finds_none_by_it(typed: str) -> None:
    assert by_permalink(typed) == []
