"""Many queries at once: each is filed under its rarest required keys and looked at only where one occurs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from threading import Lock

from monitoring.queries.documents import HEAD, Batch, Document, numbers
from monitoring.queries.language import Query
from monitoring.queries.matching import compiled, key_of, prefix_of, words_of
from monitoring.queries.searches import anchors_of, commonness
from monitoring.queries.tree import Leaf, Near, Phrase, Prefix, Word, leaves

MOST_JUDGED = 50_000
"""Words of which is remembered whether a prefix asks for them: a few megabytes."""


class QueryIndex:
    """Queries by their ids, ready to be asked which of them a document is a hit of.

    A query is only looked at when a document holds one of its anchors: a key, or what a key begins
    with. Of the documents only the keys that some query asks for are kept.
    """

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._matchers = {pk: compiled(query.root) for pk, query in queries.items()}
        by_key: dict[str, list[int]] = defaultdict(list)
        by_prefix: dict[str, list[int]] = defaultdict(list)
        for pk, query in queries.items():
            for anchor in anchors_of(query.root) or ():
                if isinstance(anchor, Prefix):
                    by_prefix[prefix_of(anchor)].append(pk)
                else:
                    by_key[_anchor_key(anchor)].append(pk)
        asked = [leaf for query in queries.values() for leaf in _single(leaves(query.root))]
        self._by_key, self._by_prefix = dict(by_key), dict(by_prefix)
        self._asked_for = frozenset(key for leaf in asked for key in _keys(leaf))
        self._beginnings = _by_head({prefix_of(leaf) for leaf in asked if isinstance(leaf, Prefix)})
        self._known, self._judged, self._lock = self._asked_for, set[str](), Lock()

    def matching(self, document: Document) -> list[int]:
        """The ids of the queries that the document is a hit of, in order."""
        return self.matching_each((document,))[0]

    def matching_each(self, documents: Sequence[Document]) -> list[list[int]]:
        """The same for several documents, which costs far less than one by one."""
        if len(self._judged) > MOST_JUDGED:
            with self._lock:
                self._known, self._judged = self._asked_for, set()
        batch = self.batch(documents)
        found: list[list[int]] = [[] for _ in documents]
        for pk in sorted(self.asked(batch)):
            for n in numbers(self._matchers[pk](batch)):
                found[n].append(pk)
        return found

    def batch(self, documents: Sequence[Document]) -> Batch:
        """The documents with only what these queries ask for."""
        return Batch(documents, self._keys_of)

    def _keys_of(self, document: Document) -> Set[str]:
        words, others = document.read(), document.others
        known = self._asked_for
        if self._beginnings:
            with self._lock:  # an index is shared by the threads that poll
                self._learn(words)
                self._learn(others)
                known = self._known
        found = known.intersection(words)
        return found.union(known.intersection(others)) if others else found

    def _learn(self, keys: Sequence[str]) -> None:
        """Know those of these keys that begin as a query asks; each is judged once."""
        if self._judged.issuperset(keys):
            return
        get = self._beginnings.get
        begun = [key for key in keys if (begin := get(key[:HEAD])) and key.startswith(begin)]
        if not self._known.issuperset(begun):
            self._known = self._known.union(begun)
        self._judged.update(keys)

    def asked(self, batch: Batch) -> set[int]:
        """The queries whose anchors occur in the batch."""
        asked: set[int] = set()
        for key in self._by_key.keys() & batch.bits.keys():
            asked.update(self._by_key[key])
        for prefix, pks in self._by_prefix.items():
            if batch.beginning(prefix):
                asked.update(pks)
        return asked


def _anchor_key(leaf: Leaf) -> str:
    """The one key that every hit of the leaf holds."""
    if isinstance(leaf, Phrase | Word):
        return min(words_of(leaf), key=lambda word: commonness(Word(word)))
    return key_of(leaf)


def _single(found: Sequence[Leaf]) -> Iterator[Leaf]:
    """The leaves, with the parts of NEAR in its place."""
    for leaf in found:
        yield from leaf.parts if isinstance(leaf, Near) else (leaf,)


def _keys(leaf: Leaf) -> Sequence[str]:
    """All keys that a leaf asks for."""
    if isinstance(leaf, Prefix):
        return ()
    return words_of(leaf) or (key_of(leaf),)


def _by_head(prefixes: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for prefix in sorted(prefixes):
        found[prefix[:HEAD]] = (*found.get(prefix[:HEAD], ()), prefix)
    return found
