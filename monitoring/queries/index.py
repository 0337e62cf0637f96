"""Many queries at once: each is filed under its rarest required keys and looked at only where one occurs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitoring.queries.documents import Batch, Document
from monitoring.queries.language import Query
from monitoring.queries.matching import Matcher, compiled, key_of, prefix_of, words_of
from monitoring.queries.searches import anchors_of, commonness
from monitoring.queries.tree import Leaf, Phrase, Prefix, Word

HEAD = 2  # characters of a prefix without its sign, which every prefix has


class QueryIndex:
    """Queries by their ids, ready to be asked which of them a document is a hit of.

    A query with an anchor is only looked at when a document holds it: a single key, or a beginning.
    """

    def __init__(self, queries: Mapping[int, Query]) -> None:
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_prefix: dict[str, list[int]] = defaultdict(list)
        self._matchers: dict[int, Matcher] = {}
        for pk, query in queries.items():
            self._file(pk, query)
        self._heads: dict[str, list[str]] = defaultdict(list)
        for prefix in self._by_prefix:
            self._heads[_head(prefix)].append(prefix)

    def matching(self, document: Document) -> list[int]:
        """The ids of the queries that the document is a hit of, in order."""
        return self.matching_each((document,))[0]

    def matching_each(self, documents: Sequence[Document]) -> list[list[int]]:
        """The same for several documents, which costs far less than one by one."""
        batch = Batch(documents)
        found: list[list[int]] = [[] for _ in documents]
        for pk in sorted(self.asked(batch)):
            bits = self._matchers[pk](batch)
            while bits:
                bit = bits & -bits
                found[bit.bit_length() - 1].append(pk)
                bits ^= bit
        return found

    def asked(self, batch: Batch) -> set[int]:
        """The queries whose anchors occur in the batch."""
        asked: set[int] = set()
        for key in self._by_key.keys() & batch.bits.keys():
            asked.update(self._by_key[key])
        if self._heads:
            for head in {_head(key) for key in batch.bits} & self._heads.keys():
                for prefix in self._heads[head]:
                    if batch.beginning(prefix):
                        asked.update(self._by_prefix[prefix])
        return asked

    def _file(self, pk: int, query: Query) -> None:
        self._matchers[pk] = compiled(query.root)
        for leaf in anchors_of(query.root) or ():
            if isinstance(leaf, Prefix):
                self._by_prefix[prefix_of(leaf)].append(pk)
            else:
                self._by_key[_anchor_key(leaf)].append(pk)


def _anchor_key(leaf: Leaf) -> str:
    """The one key that every hit of the leaf holds."""
    if isinstance(leaf, Phrase | Word):
        return min(words_of(leaf), key=lambda word: commonness(Word(word)))
    return key_of(leaf)


def _head(key: str) -> str:
    return key[: HEAD + 1] if key[0] in "#@" else key[:HEAD]
