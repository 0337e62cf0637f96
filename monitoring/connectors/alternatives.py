"""Words for searches of which only "this or that" is used; what they find is matched again by us. Pure."""

from collections.abc import Sequence

from monitoring.queries.faults import BadQuery
from monitoring.queries.language import parse
from monitoring.queries.searches import anchors
from monitoring.queries.tree import From, Handle, Leaf, Near, Phrase, Prefix, Tag, Word

MAX_CHARS = 400


def alternatives(texts: Sequence[str], *, between: str) -> list[str]:
    """One or more searches that together find what the queries ask for; a broken query asks nothing.

    `between` is how the platform writes "or".
    """
    words: dict[str, None] = {}
    for text in texts:
        try:
            words |= dict.fromkeys(word for leaf in anchors(parse(text)) if (word := _word(leaf)))
        except BadQuery:
            continue
    found: list[str] = []
    for word in words:
        if found and len(found[-1]) + len(between) + len(word) <= MAX_CHARS:
            found[-1] += between + word
        else:
            found.append(word)
    return found


def _word(leaf: Leaf) -> str:
    """A leaf as it can be searched; "" for what cannot be looked for."""
    match leaf:
        case Word(text) | Prefix(text):
            return text if text.isalnum() and not text.isupper() else _quoted(text)
        case Tag(text):
            return f"#{text.lstrip('#')}"
        case Handle(text) | From(text):
            return f"@{text.lstrip('@')}"
        case Phrase(words):
            return _quoted(" ".join(words))
        case Near(parts):
            return _word(parts[0])
    return ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'
