"""What a query asks, as a tree of frozen values; `written` prints it so that it parses to the same tree."""

import re
from dataclasses import dataclass

OPERATORS = frozenset({"AND", "EN", "OR", "OF", "NOT", "NIET"})
_PLAIN = re.compile(r"[^\s,\"()*=#@＃＠“”„‟«»＂–—−-][^\s,\"()*“”„‟«»＂]*")
_FIELD = re.compile(r"(?:from|van|lang|taal|platform):", re.IGNORECASE)
_NEAR = re.compile(r"(?:NEAR|NABIJ)(?:/.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written; `exact` keeps its accents. One with punctuation in it (`nl-alert`) is a phrase."""

    text: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so (`#` in front: every such tag)."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two or more words, one after the other."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """A #tag, without its sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Handle:
    """An account named in the text, without its first @; `name`, `name.server` or `name@server`."""

    text: str


@dataclass(frozen=True, slots=True)
class From:
    """Who wrote it, without @."""

    handle: str


@dataclass(frozen=True, slots=True)
class Lang:
    """The language of the post; `nl` is also every `nl-…`."""

    code: str


@dataclass(frozen=True, slots=True)
class Platform:
    """Where it was written, by the name of the platform."""

    name: str


@dataclass(frozen=True, slots=True)
class Near:
    """All parts close together, in any order: at most `distance` words before the last of them begins."""

    parts: "tuple[Word | Phrase | Prefix, ...]"
    distance: int


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Any part."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Anything without this part."""

    part: "Node"


Leaf = Word | Prefix | Phrase | Near | Tag | Handle | From | Lang | Platform
Node = Leaf | And | Or | Not


def both(parts: "list[Node]") -> Node:
    """All of these parts, without doubles and without an And directly in an And; at least one part."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else And(unique)


def either(parts: "list[Node]") -> Node:
    """Any of these parts, without doubles and without an Or directly in an Or; at least one part."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else Or(unique)


def without(part: Node) -> Node:
    """What lacks this part; twice is not at all."""
    return part.part if isinstance(part, Not) else Not(part)


def only_excludes(node: Node) -> bool:
    """Whether a post can match without having anything that the query names."""
    match node:
        case Not():
            return True
        case And(parts):
            return all(map(only_excludes, parts))
        case Or(parts):
            return any(map(only_excludes, parts))
    return False


def leaves(node: Node) -> tuple[Leaf, ...]:
    """Every leaf, from left to right."""
    match node:
        case And(parts) | Or(parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
        case Not(part):
            return leaves(part)
    return (node,)


def written(node: Node) -> str:
    """The query in its own language, with English operators."""
    match node:
        case And(parts):
            return " AND ".join(_bracketed(part, Or) for part in parts)
        case Or(parts):
            return " OR ".join(_bracketed(part, And) for part in parts)
        case Not(part):
            return f"NOT {_bracketed(part, (And, Or))}"
        case Near(parts, distance):
            return f" NEAR/{distance} ".join(map(_leaf, parts))
    return _leaf(node)


def _bracketed(part: Node, kinds: type | tuple[type, ...]) -> str:
    return f"({written(part)})" if isinstance(part, kinds) else written(part)


_BEFORE = {Tag: "#", Handle: "@"}


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Word(text, exact):
            return f"={text}" if exact else _quoted(text)
        case Phrase(words):
            return f'"{" ".join(words)}"'
        case Prefix(text):
            return f"{text}*"
        case Tag(text) | Handle(text):
            return f"{_BEFORE[type(leaf)]}{text}"
        case From(value) | Lang(value) | Platform(value):
            return f"{type(leaf).__name__.lower()}:{value}"
        case Near():
            return written(leaf)


def _quoted(text: str) -> str:
    """A word as it is, or in quotes where the language would read something else in it."""
    is_special = text in OPERATORS or _FIELD.match(text) or _NEAR.fullmatch(text)
    return text if _PLAIN.fullmatch(text) and not is_special else f'"{text}"'
