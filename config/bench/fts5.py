"""A query as SQLite's FTS5 asks it: the independent engine that our matching is held against."""

from monitoring.queries.tree import And, Leaf, Near, Node, Not, Or, Phrase, Prefix, Word
from monitoring.queries.words import words

TOKENIZER = "unicode61 remove_diacritics 2 tokenchars '_'"


class NotInFts5(ValueError):
    """A leaf that a full-text engine knows nothing of."""

    def __init__(self, leaf: Node) -> None:
        super().__init__(leaf)
        self.leaf = leaf

    def __str__(self) -> str:
        return f"FTS5 cannot be asked for {self.leaf}."


def expression(node: Node) -> str:
    """The query in the syntax of FTS5, which leaves out only from something found (NOT between two).

    Raises NotInFts5 for tags, handles, exact words, and author, language or platform.
    """
    match node:
        case Or(parts):
            return f"({' OR '.join(map(expression, parts))})"
        case And(parts):
            wanted = [expression(part) for part in parts if not isinstance(part, Not)]
            excluded = [f" NOT {expression(part.part)}" for part in parts if isinstance(part, Not)]
            if wanted:
                return f"(({' AND '.join(wanted)}){''.join(excluded)})"
        case Near(parts, distance):
            return f"NEAR({' '.join(map(_leaf, parts))}, {distance})"
        case Word() | Phrase() | Prefix():
            return _leaf(node)
    raise NotInFts5(node)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Word(text, False):
            return f'"{" ".join(words(text))}"'
        case Phrase(parts):
            return f'"{" ".join(words(" ".join(parts)))}"'
        case Prefix(text) if text[0] not in "#@":
            return f'"{words(text)[0]}"*'
    raise NotInFts5(leaf)
