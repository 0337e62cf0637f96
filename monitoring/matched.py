"""Which queries each mention of a page matches: all of them at once, through one index."""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

from monitoring.connectors.base import Mention
from monitoring.connectors.errors import Refused
from monitoring.models import Query
from monitoring.queries.index import QueryIndex
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.matching import Document

Asked = tuple[tuple[int, str], ...]  # the id and the text of each query
_as_asked = attrgetter("id", "terms")  # for every page and thousands of queries: no calls in Python


def document_of(mention: Mention) -> Document:
    """The mention as queries look at it."""
    author = mention.author.handle if mention.author else ""
    return Document(mention.text, author, mention.language, mention.platform)


def hits_of(mentions: Sequence[Mention], queries: Sequence[Query]) -> list[list[int]]:
    """For each mention the ids of the queries that it matches.

    Raises Refused, naming the query, when one of them cannot be read (any more).
    """
    if not mentions:
        return []
    index = _index(tuple(map(_as_asked, queries)))
    return index.matching_each(map(document_of, mentions))


@lru_cache(maxsize=16)
def _index(asked: Asked) -> QueryIndex:
    """The index of these queries, as long as none of them changes; most sources share a set."""
    parsed = {}
    for pk, text in asked:
        try:
            parsed[pk] = parse(text)
        except BadQuery as error:
            raise Refused(f"the terms of query {pk} cannot be used ({error})") from error
    return QueryIndex(parsed)
