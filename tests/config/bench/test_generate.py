"""The made-up mentions: the same for the same seed, with the shape that proof asks for."""

from collections import Counter
from statistics import mean

import pytest

from config.bench import generate
from monitoring.connectors.base import Kind, Mention


@pytest.fixture(scope="module")
def mentions() -> list[Mention]:
    return [mention for page in generate.pages(30, seed=7) for mention in page]


def test_the_same_seed_gives_the_same_pages() -> None:
    assert list(generate.pages(3, seed=7)) == list(generate.pages(3, seed=7))
    assert list(generate.pages(3, seed=7)) != list(generate.pages(3, seed=8))


def test_a_page_has_a_hundred_mentions_and_none_twice() -> None:
    for page in generate.pages(30, seed=7):
        assert len({mention.canonical_id for mention in page}) == generate.PAGE_SIZE


def test_seventy_percent_is_dutch_and_a_text_has_about_two_hundred_characters(
    mentions: list[Mention],
) -> None:
    languages = Counter(mention.language for mention in mentions)
    assert 0.65 < languages["nl"] / len(mentions) < 0.75
    assert 150 < mean(len(mention.text) for mention in mentions) < 250


def test_there_are_threads_boosts_and_edits_and_posts_that_come_late(mentions: list[Mention]) -> None:
    kinds = Counter(mention.kind for mention in mentions)
    assert set(kinds) == set(Kind)
    known = {mention.canonical_id for mention in mentions}
    assert all(mention.thread_id in known for mention in mentions if mention.kind is Kind.REPLY)
    assert any(mention.version for mention in mentions)
    times = [mention.posted_at for mention in mentions]
    assert times != sorted(times)


def test_a_few_authors_write_much_and_many_write_once(mentions: list[Mention]) -> None:
    by_author = Counter(mention.author.external_id for mention in mentions if mention.author)
    assert by_author.most_common(1)[0][1] > 100
    assert sum(n == 1 for n in by_author.values()) > len(by_author) / 2
