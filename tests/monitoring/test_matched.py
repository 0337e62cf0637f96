"""A page of mentions and the queries of its source: who found what."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitoring.connectors.base import AuthorRef, Mention
from monitoring.connectors.errors import Refused
from monitoring.matched import hits_of
from monitoring.models import Query

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MENTION = Mention("x", "1", "https://x.example/1", "Grote brand", NOON, AuthorRef("7", "Jan"), language="nl")


def test_each_mention_has_the_queries_that_ask_for_its_words_author_language_or_platform():
    asked = ["brand", "rook", "van:jan taal:nl", "platform:mastodon brand"]
    queries = [Query(pk=n, terms=text) for n, text in enumerate(asked)]
    elsewhere = replace(MENTION, platform="mastodon", author=None, language="")
    assert hits_of([MENTION, elsewhere], queries) == [[0, 2], [0, 3]]
    assert hits_of([], queries) == []
    assert hits_of([MENTION], []) == [[]]


def test_a_changed_query_counts_from_the_next_page_on():
    assert hits_of([MENTION], [Query(pk=1, terms="brand")]) == [[1]]
    assert hits_of([MENTION], [Query(pk=1, terms="rook")]) == [[]]


def test_a_query_that_cannot_be_read_stops_its_source_with_the_reason():
    with pytest.raises(Refused, match=r"the terms of query 9 cannot be used \(A bracket is opened"):
        hits_of([MENTION], [Query(pk=9, terms="(brand")])
