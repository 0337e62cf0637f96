"""Posts by word, alike on both databases."""

from dataclasses import replace
from datetime import datetime

import pytest

from monitoring.search import posts_with
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
