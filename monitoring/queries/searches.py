"""Queries for platforms that search only simply: a wider search, as everything found is matched again.

Exclude on a platform only what it reads as narrowly as we do: a platform that drops more than we
would loses posts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

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
    both,
    either,
    without,
)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Posts with all of `required` and none of `excluded`, by `author` in `language` ("" = any).

    `required` holds words, prefixes, phrases, NEARs, tags and handles; `excluded` any single leaf.
    """

    required: tuple[Leaf, ...] = ()
    excluded: tuple[Leaf, ...] = ()
    author: str = ""
    language: str = ""


def anchors(query: Query) -> tuple[Leaf, ...]:
    """A small set of leaves of which every hit has at least one: the rarest, as far as words tell."""
    return anchors_of(query.root) or ()


def anchors_of(node: Node) -> tuple[Leaf, ...] | None:
    """The anchors of a part of a query; None where a hit need not have anything."""
    match node:
        case Not():
            return None
        case And(parts):
            best = rarest(parts)
            return best and best[1]
        case Or(parts):
            sides = [anchors_of(part) for part in parts]
            return tuple(dict.fromkeys(leaf for side in sides if side is not None for leaf in side))
        case Near(parts):
            return (min(parts, key=lambda part: _commonness((part,))),)
    return (node,)


def rarest(parts: Sequence[Node]) -> tuple[Node, tuple[Leaf, ...]] | None:
    """The part of which the anchors are the rarest, and these; None when no part has any."""
    sought = [(part, found) for part in parts if (found := anchors_of(part)) is not None]
    return min(sought, key=lambda one: _commonness(one[1]), default=None)


def conjunctions(query: Query, *, most: int, platform: str = "") -> tuple[Conjunction, ...]:
    """Simple searches of which every hit satisfies at least one; () when no hit can exist.

    More than `most` only where one leaf of each cannot do with fewer. With `platform`, what asks for
    another one is left out.
    """
    root = on_platform(query.root, platform) if platform else query.root
    if root is None:
        return ()
    found = _searches(pushed_down(root), most)
    return tuple(dict.fromkeys(search for search in map(_conjunction, found) if search is not None))


def on_platform(node: Node, platform: str) -> Node | None:
    """What is left to ask on one platform; None when nothing on it can match."""
    left = _settled(node, platform)
    return None if left is False else node if left is True else left


def _settled(node: Node, platform: str) -> Node | bool:
    """The node without its Platform leaves, or whether it holds for all or nothing there."""
    match node:
        case Platform(name):
            return name == platform
        case Not(part):
            left = _settled(part, platform)
            return not left if isinstance(left, bool) else without(left)
        case And(parts):
            rest = [_settled(part, platform) for part in parts]
            if False in rest:
                return False
            nodes = [part for part in rest if not isinstance(part, bool)]
            return both(nodes) if nodes else True
        case Or(parts):
            rest = [_settled(part, platform) for part in parts]
            if True in rest:
                return True
            nodes = [part for part in rest if not isinstance(part, bool)]
            return either(nodes) if nodes else False
    return node


def pushed_down(node: Node, *, negated: bool = False) -> Node:
    """The same with every Not directly on a leaf."""
    match node:
        case Not(part):
            return pushed_down(part, negated=not negated)
        case And(parts):
            inner = [pushed_down(part, negated=negated) for part in parts]
            return either(inner) if negated else both(inner)
        case Or(parts):
            inner = [pushed_down(part, negated=negated) for part in parts]
            return both(inner) if negated else either(inner)
    return Not(node) if negated else node


Search = tuple[Leaf | Not, ...]


def _searches(node: Node, most: int) -> list[Search]:
    """The node as alternatives, wider than it where they would be more than `most`."""
    match node:
        case Or(parts):
            found = _alternatives(parts, most)
            return found if len(found) <= most else _alternatives(parts, max(1, most // len(parts)))
        case And(parts):
            sides = sorted((_searches(part, most) for part in parts), key=_breadth)
            found = sides[0]
            for side in sides[1:]:
                # Alternatives that only leave out would double the searches and find nothing new.
                if len(side) == 1 or (len(found) * len(side) <= most and not _breadth(side)[0]):
                    found = [(*one, *other) for one, other in product(found, side)]
            return found
        case Not(Near() | Platform()):
            return [()]
    return [(node,)]


def _alternatives(parts: Sequence[Node], most: int) -> list[Search]:
    return list(dict.fromkeys(search for part in parts for search in _searches(part, most)))


def _breadth(side: Sequence[Search]) -> tuple[bool, int]:
    """Sides that look for something come before those that only leave out; few before many."""
    return any(all(isinstance(leaf, Not) for leaf in search) for search in side), len(side)


def _conjunction(search: Search) -> Conjunction | None:
    """One alternative, or None when it asks for what excludes itself."""
    wanted = [leaf for leaf in search if not isinstance(leaf, Not)]
    excluded = [leaf.part for leaf in search if isinstance(leaf, Not)]
    authors = {leaf.handle for leaf in wanted if isinstance(leaf, From)}
    if len({author.casefold() for author in authors}) > 1 or set(wanted) & set(excluded):
        return None
    return Conjunction(
        required=tuple(
            dict.fromkeys(leaf for leaf in wanted if not isinstance(leaf, From | Lang | Platform))
        ),
        excluded=tuple(dict.fromkeys(excluded)),  # type: ignore[arg-type]  # pushed_down leaves only leaves
        author=min(authors, default=""),
        language=max((leaf.code for leaf in wanted if isinstance(leaf, Lang)), key=len, default=""),
    )


COMMON = frozenset(
    "aan al als bij dan dat de deze die dit door een en er geen had heb heeft het hij hoe ik in is je kan "
    "maar me meer met mijn naar niet nog nu of om omdat ook op over te tot uit van veel voor waar was wat "
    "we weer wel wie wij worden zal ze zich zij zijn zo zou "
    "a about all an and are as at be but by can do for from had has have he her his how i if in is it its "
    "just like me my no not of on one or our out she so that the their they this to up us was we what "
    "when who will with would you your".split()
)


def commonness(leaf: Leaf) -> float:
    """How much of everything a leaf finds, as far as its words tell; only good to compare with."""
    match leaf:
        case Lang() | Platform():
            return 1e6
        case From():
            return 2.0
        case Prefix(text):
            return 2000.0 / len(text)
        case Phrase(parts):
            return min(commonness(Word(part)) for part in parts) / 2
        case Near(near_parts):
            return min(map(commonness, near_parts))
        case Word(text) | Tag(text) | Handle(text):
            return 1000.0 if text.casefold() in COMMON else 100.0 / len(text)


def _commonness(found: Sequence[Leaf]) -> float:
    return sum(map(commonness, found))
