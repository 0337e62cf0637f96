"""Where in a text a query finds its words: pieces for a page that marks them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from monitoring.queries.tree import (
    And,
    Handle,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Tag,
    Word,
)
from monitoring.queries.words import fold, split

_TOKEN = re.compile("[\\w\u0300-\u036f]+")

Pattern = tuple[tuple[str, ...], bool]
"""Folded words in a row, and whether the last is only the beginning of a word."""


def marked(text: str, root: Node) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is what the query asks for; joined they are the text.

    For the eye: what is left out (NOT) is never marked, and a word of a `NEAR` wherever it stands.
    """
    text = unicodedata.normalize("NFC", text)
    pieces: list[tuple[str, bool]] = []
    here = 0
    for start, end in _joined(_spans(text, list(_patterns(root)))):
        pieces += [(text[here:start], False), (text[start:end], True)]
        here = end
    return [piece for piece in [*pieces, (text[here:], False)] if piece[0]]


def _patterns(node: Node) -> Iterator[Pattern]:
    """What to look for, from every leaf that is not left out."""
    match node:
        case Not():
            return
        case And(parts) | Or(parts) | Near(parts, _):
            for part in parts:
                yield from _patterns(part)
        case Word(text) | Tag(text) | Handle(text):
            yield tuple(split(fold(text))), False
        case Prefix(text):
            yield tuple(split(fold(text))), True
        case Phrase(words):
            yield tuple(split(fold(" ".join(words)))), False


def _spans(text: str, patterns: Sequence[Pattern]) -> Iterator[tuple[int, int]]:
    """Beginning and end of everything found, in no order."""
    tokens = [(token.start(), token.end(), "".join(split(fold(token[0])))) for token in _TOKEN.finditer(text)]
    for i in range(len(tokens)):
        for words, is_prefix in patterns:
            row = [token[2] for token in tokens[i : i + len(words)]]
            if words and _fits(row, words, is_prefix=is_prefix):
                yield tokens[i][0], tokens[i + len(words) - 1][1]


def _fits(row: Sequence[str], words: Sequence[str], *, is_prefix: bool) -> bool:
    if len(row) != len(words) or row[:-1] != list(words[:-1]):
        return False
    return row[-1].startswith(words[-1]) if is_prefix else row[-1] == words[-1]


def _joined(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order, those that overlap made one."""
    open_span: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if open_span and start <= open_span[1]:
            open_span = open_span[0], max(end, open_span[1])
            continue
        if open_span:
            yield open_span
        open_span = start, end
    if open_span:
        yield open_span
