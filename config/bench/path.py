"""The whole path of a page as polling walks it, with as many queries as a bench asks for."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from cases.services import intake
from config.bench import generate
from monitoring import keeping
from monitoring.connectors.base import Mention, Page
from monitoring.models import Query, Source
from monitoring.polling import move_cursor

EVERYTHING = " OR ".join(word for words in generate.COMMON.values() for word in words.split()[:8])
"""A query that nearly every made-up post matches, so that it is kept."""

LENGTHS = (2, 3, 3, 3, 3, 3, 4, 4, 4, 4)
"""Syllables of a word in a query. Words of two are often said: so many give some two hits a post."""

UNTOLD = 3  # every third mention comes without a language


def queries(n: int, *, like: Query, seed: int) -> list[Query]:
    """`n` queries as officers write them, the last of them wide; `like` lends the purpose and the owner.

    A query is meant for few posts: a post matches some two of a thousand besides the wide one.
    """
    chance = random.Random(seed)
    words = ["".join(chance.choices(generate.SYLLABLES, k=chance.choice(LENGTHS))) for _ in range(2 * n)]
    texts = [_query_text(chance, words) for _ in range(n - 1)]
    rows = [_copy_of(like, f"bench {at}", text) for at, text in enumerate([*texts, EVERYTHING])]
    return Query.objects.bulk_create(rows)


def _query_text(chance: random.Random, words: Sequence[str]) -> str:
    one, two, three = chance.sample(words, 3)
    shape = chance.randrange(4)
    if shape == 0:
        return f'"{one} {two}" OR {three}'
    if shape == 1:
        return f"{one} AND ({two} OR {three})"
    return f"{one} NOT {two}" if shape == 2 else f"{one}, {two}*, {three}"


def _copy_of(like: Query, name: str, text: str) -> Query:
    made = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    return Query(**{**made, "id": None, "name": name, "terms": text})


def untold(pages: Iterator[tuple[Mention, ...]]) -> Iterator[tuple[Mention, ...]]:
    """The pages, with every third mention as from a platform that says no language."""
    for page in pages:
        yield tuple(
            mention if n % UNTOLD else replace(mention, language="") for n, mention in enumerate(page)
        )


def walk(source: Source, page: Sequence[Mention], asked: Sequence[Query], n: int, *, now: datetime) -> None:
    """One page in one transaction: language, queries, posts, near-copies, cases, trail and cursor."""
    with transaction.atomic():
        keeping.keep(source, Page(tuple(page), {}), asked, on_page=intake.open_cases, now=now)
        move_cursor(source, {"delivered": n}, "bench")
