"""Many queries at once: each is filed under its rarest required keys and looked at only where one occurs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from monitoring.queries.documents import Document
from monitoring.queries.language import Query
from monitoring.queries.matching import Matcher, compiled, key_of, prefix_of, words_of
from monitoring.queries.searches import anchors_of, commonness, rarest
from monitoring.queries.tree import And, Leaf, Node, Or, Phrase, Prefix, Word, both

MOST_KNOWN = 30_000
"""Words of posts of which is remembered what they lead to: a few megabytes."""

HEAD = 2  # characters that every prefix has

Filed = tuple[int, Matcher | None]  # a query, and what must hold besides its anchor


class Lead(NamedTuple):
    """What a key leads to: queries that it settles, and queries that it makes possible."""

    settled: tuple[int, ...]
    possible: tuple[tuple[int, Matcher], ...]


class QueryIndex:
    """Queries by their ids, ready to be asked which of them a document is a hit of.

    What a post costs depends on what its words lead to and hardly on how many queries there are.
    An index is shared by the threads that poll: all that changes is what `_Leads` remembers.
    """

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._leads = _Leads()
        shared = cache(compiled)  # many queries leave out the same
        for pk, query in queries.items():
            for anchor, rest in _anchored(query.root, ()):
                self._leads.file(anchor, (pk, shared(both([*rest])) if rest else None))

    def matching(self, document: Document) -> list[int]:
        """The ids of the queries that the document is a hit of, in order."""
        self._leads.forget()
        found: list[int] = []
        for settled, possible in filter(None, map(self._leads.__getitem__, document.keys)):
            found += settled
            for pk, holds in possible:
                if holds(document):
                    found.append(pk)
        return sorted(set(found))

    def matching_each(self, documents: Iterable[Document]) -> list[list[int]]:
        """The same for several; made one by one they need not all be held at once, which is faster."""
        return list(map(self.matching, documents))


class _Leads(dict[str, Lead | None]):
    """What each key of a document leads to (None: nothing), found out when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self._by_key: dict[str, list[Filed]] = {}
        self._by_prefix: dict[str, list[tuple[str, Filed]]] = {}  # by the head of the prefix

    def file(self, anchor: Leaf, filed: Filed) -> None:
        """Find a query where this leaf is found."""
        if isinstance(anchor, Prefix):
            prefix = prefix_of(anchor)
            self._by_prefix.setdefault(prefix[:HEAD], []).append((prefix, filed))
        else:
            self._by_key.setdefault(_anchor_key(anchor), []).append(filed)

    def forget(self) -> None:
        """Begin anew when too much is remembered: there is no end to the words of posts."""
        if len(self) > MOST_KNOWN:
            self.clear()

    def __missing__(self, key: str) -> Lead | None:
        found = list(self._by_key.get(key, ()))
        if prefixes := self._by_prefix.get(key[:HEAD]):
            found += [filed for prefix, filed in prefixes if key.startswith(prefix)]
        self[key] = lead = _lead(found) if found else None  # most words of posts lead nowhere
        return lead


def _lead(found: Sequence[Filed]) -> Lead:
    return Lead(
        tuple(pk for pk, holds in found if holds is None),
        tuple((pk, holds) for pk, holds in found if holds is not None),
    )


def _anchored(node: Node, rest: tuple[Node, ...]) -> Iterator[tuple[Leaf, tuple[Node, ...]]]:
    """Leaves of which every hit has at least one, each with what must hold besides: `rest`, or more."""
    match node:
        case Or(parts):
            for part in parts:
                yield from _anchored(part, rest)
        case And(parts) if best := rarest(parts):
            others = (part for part in parts if part is not best[0])
            yield from _anchored(best[0], (*others, *rest))
        case _:
            for anchor in anchors_of(node) or ():
                is_all = anchor is node and (isinstance(anchor, Prefix) or key_of(anchor))
                yield anchor, rest if is_all else (node, *rest)


def _anchor_key(leaf: Leaf) -> str:
    """The one key that every hit of the leaf holds."""
    if isinstance(leaf, Phrase | Word):
        return min(words_of(leaf), key=lambda word: commonness(Word(word)))
    return key_of(leaf)
