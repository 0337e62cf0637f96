"""The query language of officers: text to tree, with faults that point at the character. Pure.

list    = any { ("," | new line) any }     what only excludes counts for the whole list
any     = all { OR all }                   also OF
all     = term { [AND] term }              also EN; words beside each other are all required
term    = NOT term | near                  also NIET, or a dash in front
near    = one { NEAR/n one }               also NABIJ/n
one     = "(" list ")" | word | "phrase" | word* | =word | #tag | @name | from: | lang: | platform:
"""

from dataclasses import dataclass, field

from monitoring.queries.faults import MAX_DEPTH, MAX_TERMS, BadQuery, Fault
from monitoring.queries.lexing import Kind, Token, tokens
from monitoring.queries.tree import (
    From,
    Handle,
    Near,
    Node,
    Phrase,
    Prefix,
    Word,
    both,
    either,
    leaves,
    only_excludes,
    without,
    written,
)

__all__ = ["BadQuery", "Fault", "Query", "is_on_person", "parse"]

_STARTS = (Kind.TERM, Kind.OPEN, Kind.NOT)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood: what it asks, and the text it was read from."""

    root: Node
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return written(self.root)


def parse(text: str) -> Query:
    """The query in `text`. Raises BadQuery with the place of the fault, and nothing else."""
    reader = _Reader(tokens(text))
    root = reader.list()
    if reader.token.kind is Kind.CLOSE:
        raise reader.token.wrong(Fault.NOT_OPENED)
    if root is None:
        raise BadQuery(Fault.NOTHING, 1)
    if only_excludes(root):
        raise BadQuery(Fault.ONLY_EXCLUDED, 1, max(len(text), 1))
    return Query(root, text)


def is_on_person(query: Query) -> bool:
    """Whether the query names an account: then it may be about a person, and a person looks at it."""
    return any(isinstance(leaf, From | Handle) for leaf in leaves(query.root))


class _Reader:
    """Reads tokens from left to right, one method for each line of the grammar."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._n_terms = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def list(self) -> Node | None:
        """Everything up to a closing bracket or the end; None when there is nothing."""
        wanted: list[Node] = []
        excluded: list[Node] = []
        while self.token.kind not in (Kind.CLOSE, Kind.END):
            if self.token.kind is Kind.COMMA:
                self._take()
                continue
            part = self._any()
            (excluded if only_excludes(part) else wanted).append(part)
        if wanted:
            return both([either(wanted), *excluded])
        return both(excluded) if excluded else None

    def _any(self) -> Node:
        first, parts = self.token, [self._all()]
        begins = [first]
        while self.token.kind is Kind.OR:
            self._operator()
            begins.append(self.token)
            parts.append(self._all())
        if len(parts) > 1:
            for begin, part in zip(begins, parts, strict=True):
                if only_excludes(part):
                    raise begin.wrong(Fault.EXCLUDED_IN_OR)
        return either(parts)

    def _all(self) -> Node:
        parts = [self._term()]
        while self.token.kind is Kind.AND or self.token.kind in _STARTS:
            if self.token.kind is Kind.AND:
                self._operator()
            parts.append(self._term())
        return both(parts)

    def _operator(self) -> Token:
        """Take an operator that must be followed by a term."""
        token = self._take()
        if self.token.kind not in _STARTS:
            raise token.wrong(Fault.NOTHING_AFTER)
        return token

    def _term(self) -> Node:
        if self.token.kind is not Kind.NOT:
            return self._near()
        self._deeper(self._operator())
        node = without(self._term())
        self._depth -= 1
        return node

    def _near(self) -> Node:
        begins = [self.token]
        parts = [self._one()]
        distances: list[Token] = []
        while self.token.kind is Kind.NEAR:
            distances.append(self._operator())
            begins.append(self.token)
            parts.append(self._one())
        if not distances:
            return parts[0]
        for token in distances:
            if token.distance != distances[0].distance:
                raise token.wrong(Fault.NEAR_MIXED)
        return Near(tuple(map(_near_part, begins, parts)), distances[0].distance)

    def _one(self) -> Node:
        token = self._take()
        if token.kind is Kind.OPEN:
            return self._bracket(token)
        if token.leaf is None:
            raise token.wrong(Fault.NEAR_PARTS if token.kind is Kind.NOT else Fault.NOTHING_BEFORE)
        self._n_terms += len(token.leaf.words) if isinstance(token.leaf, Phrase) else 1
        if self._n_terms > MAX_TERMS:
            raise token.wrong(Fault.TOO_MANY)
        return token.leaf

    def _bracket(self, opening: Token) -> Node:
        self._deeper(opening)
        node = self.list()
        if self.token.kind is not Kind.CLOSE:
            raise opening.wrong(Fault.NOT_CLOSED)
        if node is None:
            raise opening.wrong(Fault.NOTHING_AFTER)
        self._take()
        self._depth -= 1
        return node

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise token.wrong(Fault.TOO_DEEP)


def _near_part(begin: Token, part: Node) -> Word | Phrase | Prefix:
    """A part of NEAR. Raises BadQuery for anything that has no one place in a text."""
    match part:
        case Word(_, False) | Phrase():
            return part
        case Prefix(text) if text[0] not in "#@":
            return part
    raise begin.wrong(Fault.NEAR_PARTS)
