"""Posts as they are matched: each is folded and taken apart once, several are looked through together.

In a batch every document is one bit, and every key (a word, `#tag`, `@handle`, `:from:…`, `:lang:…`,
`:platform:…`) has the bits of the documents that hold it. So a query is a few operations on numbers,
however many documents there are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property

from monitoring.queries.words import fold, signs, spelt, split

Places = Sequence[int]
HEAD = 2  # characters that every prefix has


class Document:
    """One post: its folded words in order, and its other keys (tags, handles, author, language, platform)."""

    def __init__(self, text: str, author: str = "", language: str = "", platform: str = "") -> None:
        self._folded = fold(text)
        self.others = list(signs(self._folded))
        if author or language or platform:
            self.others.extend(_origin(author, language, platform))

    def read(self) -> list[str]:
        """The words in order; only the line of them is kept, as so many words fill the processor's cache."""
        found = split(self._folded)
        self.__dict__["line"] = f" {' '.join(found)} "
        return found

    @cached_property
    def line(self) -> str:
        """The words with a space around each: a phrase is in it or not."""
        return f" {' '.join(split(self._folded))} "

    @cached_property
    def words(self) -> list[str]:
        """The words in order."""
        return self.line.split()

    @property
    def keys(self) -> Set[str]:
        """Everything by which a query may ask for it."""
        return {*self.words, *self.others}

    @cached_property
    def spelt_line(self) -> str:
        """The same with accents."""
        return self.line if self._folded.isascii() else f" {' '.join(spelt(self._folded))} "

    @cached_property
    def places(self) -> Mapping[str, Places]:
        """Where each word stands, in order."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            found.setdefault(word, []).append(place)
        return found

    @cached_property
    def alone(self) -> "Batch":
        """This document as a batch of one."""
        return Batch((self,))


def all_keys(document: Document) -> Set[str]:
    """Everything by which a query may ask for the document."""
    return document.keys


class Batch:
    """Documents that are looked through together: the first is bit 0."""

    def __init__(
        self, documents: Sequence[Document], keys_of: Callable[[Document], Set[str]] = all_keys
    ) -> None:
        """`keys_of` gives the keys of a document that may be asked for."""
        self.documents = documents
        self.all = (1 << len(documents)) - 1
        self.bits: dict[str, int] = {}
        get = self.bits.get
        bit = 1
        for document in documents:
            for key in keys_of(document):
                self.bits[key] = get(key, 0) | bit
            bit <<= 1
        self._beginning: dict[str, int] = {}

    @cached_property
    def _by_head(self) -> Mapping[str, Sequence[str]]:
        """The keys by their first two characters."""
        found: dict[str, list[str]] = {}
        for key in self.bits:
            found.setdefault(key[:HEAD], []).append(key)
        return found

    def beginning(self, prefix: str) -> int:
        """The documents with a key that begins with `prefix`, at least two characters."""
        found = self._beginning.get(prefix)
        if found is None:
            found = 0
            for key in self._by_head.get(prefix[:HEAD], ()):
                if key.startswith(prefix):
                    found |= self.bits[key]
            self._beginning[prefix] = found
        return found


def numbers(bits: int) -> list[int]:
    """Which bits are set, from the lowest."""
    if not bits & (bits - 1):
        return [bits.bit_length() - 1] if bits else []
    row, found = f"{bits:b}"[::-1], []
    n = row.find("1")
    while n >= 0:
        found.append(n)
        n = row.find("1", n + 1)
    return found


def _origin(author: str, language: str, platform: str) -> Iterator[str]:
    """The keys for who wrote it, in which language, and where."""
    if author:
        handle = fold(author).removeprefix("@")
        yield f":from:{handle}"
        yield f":from:{handle.partition('@')[0]}"
    if language:
        code = language.casefold().replace("_", "-")
        yield f":lang:{code}"
        yield f":lang:{code.partition('-')[0]}"
    if platform:
        yield f":platform:{platform.casefold()}"
