"""Whether a post matches a query: a tree becomes one function that says so."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache

from monitoring.queries.documents import Document, Places
from monitoring.queries.language import Query
from monitoring.queries.tree import (
    And,
    From,
    Handle,
    Lang,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Platform,
    Prefix,
    Tag,
    Word,
)
from monitoring.queries.words import fold, sign_of, spelt, words

__all__ = ["Document", "Matcher", "compiled", "key_of", "matches", "prefix_of", "words_of"]

Matcher = Callable[[Document], bool]
Part = tuple[tuple[str, ...], bool]  # of NEAR: its words, and whether it is only their beginning


def matches(query: Query, document: Document) -> bool:
    """Whether the document is a hit of the query."""
    return _remembered(query.root)(document)


def compiled(node: Node) -> Matcher:
    """A function that says whether a document matches."""
    match node:
        case And(parts):
            return _all_of(parts)
        case Or(parts):
            return _any_of(parts)
        case Not(part):
            return _all_but(part)
        case Prefix():
            return _beginning(prefix_of(node))
        case Near(parts, distance):
            return _near(parts, distance)
    key = key_of(node)
    return _holding(key) if key else _in_a_row(node)


_remembered = lru_cache(maxsize=512)(compiled)


def key_of(leaf: Leaf) -> str:
    """The one key that a leaf asks for; "" for a leaf that asks more than one can say."""
    match leaf:
        case Word(_, False):
            found = words_of(leaf)
            return found[0] if len(found) == 1 else ""
        case Tag(text):
            return sign_of("#", text)
        case Handle(text):
            return sign_of("@", text)
        case From(handle):
            return f":from:{fold(handle)}"
        case Lang(code):
            return f":lang:{code}"
        case Platform(name):
            return f":platform:{name}"
    return ""


def words_of(leaf: Leaf) -> tuple[str, ...]:
    """The folded words of a word or phrase, all of which every hit holds; () for other leaves."""
    match leaf:
        case Word(text):
            return words(text)
        case Phrase(parts):
            return words(" ".join(parts))
    return ()


def prefix_of(leaf: Prefix) -> str:
    """The beginning that is looked for among the keys, with its sign."""
    sign = leaf.text[0] if leaf.text[0] in "#@" else ""
    return sign + words(leaf.text)[0]


def _holding(key: str) -> Matcher:
    return lambda document: key in document.keys


def _beginning(prefix: str) -> Matcher:
    return lambda document: document.has_beginning(prefix)


def _all_but(node: Node) -> Matcher:
    if key := _key(node):
        return lambda document: key not in document.keys
    part = compiled(node)
    return lambda document: not part(document)


def _any_of(nodes: Sequence[Node]) -> Matcher:
    keys = frozenset(key for node in nodes if (key := _key(node)))
    others = [compiled(node) for node in nodes if not _key(node)]
    if not others:
        return lambda document: not keys.isdisjoint(document.keys)
    return lambda document: not keys.isdisjoint(document.keys) or any(other(document) for other in others)


def _all_of(nodes: Sequence[Node]) -> Matcher:
    """Single keys first, as they cost least and often settle it; what is left out comes last."""
    keys = frozenset(key for node in nodes if (key := _key(node)))
    others = [compiled(node) for node in nodes if not _key(node) and not isinstance(node, Not)]
    others += [compiled(node) for node in nodes if isinstance(node, Not)]
    if not others:
        return lambda document: keys <= document.keys
    return lambda document: keys <= document.keys and all(other(document) for other in others)


def _key(node: Node) -> str:
    return "" if isinstance(node, And | Or | Not) else key_of(node)


def _in_a_row(leaf: Leaf) -> Matcher:
    """A phrase, or a word with accents: when all its words are there, they are looked for as written."""
    exact = isinstance(leaf, Word) and leaf.exact
    keys = frozenset(words_of(leaf))
    row = spelt(fold(leaf.text)) if isinstance(leaf, Word) and leaf.exact else words_of(leaf)
    needle = f" {' '.join(row)} "

    def holds(document: Document) -> bool:
        return keys <= document.keys and needle in (document.spelt_line if exact else document.line)

    return holds


def _near(parts: Sequence[Word | Phrase | Prefix], distance: int) -> Matcher:
    """Parts close together; the same as NEAR of SQLite's FTS5."""
    are_there = _all_of(parts)
    asked = tuple(_part(part) for part in parts)

    def holds(document: Document) -> bool:
        return are_there(document) and is_near(
            [(_places(document, *part), len(part[0])) for part in asked], distance
        )

    return holds


def _part(leaf: Word | Phrase | Prefix) -> Part:
    return ((prefix_of(leaf),), True) if isinstance(leaf, Prefix) else (words_of(leaf), False)


def _places(document: Document, parts: Sequence[str], is_beginning: bool) -> Places:
    """Where these words begin in the document, in order."""
    if is_beginning:
        return [n for n, word in enumerate(document.words) if word.startswith(parts[0])]
    first = document.places.get(parts[0], ())
    if len(parts) == 1:
        return first
    wanted = list(parts)
    return [n for n in first if document.words[n : n + len(wanted)] == wanted]


def is_near(found: Sequence[tuple[Places, int]], distance: int) -> bool:
    """Whether there is a place of each part close enough before the part that begins last.

    `found` has for each part its places in order and its length in words. Close enough: at most
    `distance` words stand between its end and the beginning of the last part.
    """
    if not all(places for places, _ in found):
        return False
    at = [0] * len(found)
    last, is_settled = found[0][0][0], False
    while not is_settled:  # every round but the final one moves `last` on
        is_settled = True
        for n, (places, length) in enumerate(found):
            at[n] = bisect_left(places, last - length - distance, at[n])
            if at[n] == len(places):
                return False
            if places[at[n]] > last:
                last, is_settled = places[at[n]], False
    return True
