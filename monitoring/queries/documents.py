"""Posts as they are matched: each is folded once, and taken apart once for all queries together."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from monitoring.queries.words import fold, signs, spelt, split

Places = Sequence[int]


class Document:
    """One post: its `words`, folded and in order, and its `keys`: everything by which a query may ask for it.

    A key is a word, `#tag`, `@handle`, `:from:…`, `:lang:…` or `:platform:…`.
    """

    def __init__(self, text: str, author: str = "", language: str = "", platform: str = "") -> None:
        self._folded = fold(text)
        self.words = split(self._folded)
        self.keys = {*self.words, *signs(self._folded)}
        if author or language or platform:
            self.keys.update(_origin(author, language, platform))

    @cached_property
    def line(self) -> str:
        """The words with a space around each: a phrase is in it or not."""
        return f" {' '.join(self.words)} "

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

    def has_beginning(self, prefix: str) -> bool:
        """Whether a word, or with its sign a tag or handle, begins so."""
        if self._folded.isascii() and prefix not in self._folded:  # most posts: no line need be made
            return False
        if prefix[0] in "#@":
            return any(key.startswith(prefix) for key in self.keys)
        return f" {prefix}" in self.line


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
