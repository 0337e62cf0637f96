"""Words for searches of which only "this or that" is used; what they find is matched again by us. Pure."""

from collections.abc import Sequence

from monitoring.queries.faults import BadQuery
from monitoring.queries.language import parse
from monitoring.queries.searches import commonness
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

MAX_CHARS = 400


def alternatives(texts: Sequence[str], *, between: str) -> list[str]:
    """One or more searches that together find what the queries ask for; a broken query asks nothing.

    `between` is how the platform writes "or".
    """
    words: dict[str, None] = {}
    for text in texts:
        try:
            words |= dict.fromkeys(word for leaf in _anchors(parse(text).root) or () if (word := _word(leaf)))
        except BadQuery:
            continue
    found: list[str] = []
    for word in words:
        if found and len(found[-1]) + len(between) + len(word) <= MAX_CHARS:
            found[-1] += between + word
        else:
            found.append(word)
    return found


def _anchors(node: Node) -> tuple[Leaf, ...] | None:
    """What every hit has at least one of and these searches can find; None where there is nothing.

    They know no authors, and find the beginning of a word only as a word: the last to be looked for.
    """
    match node:
        case Not() | From() | Lang() | Platform():
            return None
        case And(parts):
            found = [anchors for part in parts if (anchors := _anchors(part)) is not None]
            return min(found, key=lambda anchors: sum(map(_cost, anchors)), default=None)
        case Or(parts):
            return tuple(dict.fromkeys(leaf for part in parts for leaf in _anchors(part) or ()))
        case Near(parts):
            return (min(parts, key=_cost),)
    return (node,)


def _cost(leaf: Leaf) -> float:
    return 1e5 if isinstance(leaf, Prefix) else commonness(leaf)


def _word(leaf: Leaf) -> str:
    """A leaf as it can be searched; "" for what cannot be looked for."""
    match leaf:
        case Word(text) | Prefix(text):
            return text if text.isalnum() and not text.isupper() else _quoted(text)
        case Tag(text):
            return f"#{text.lstrip('#')}"
        case Handle(text):
            return f"@{text.lstrip('@')}"
        case Phrase(words):
            return _quoted(" ".join(words))
    return ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'
