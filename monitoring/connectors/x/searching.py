"""Our queries as X searches: wider where X lacks something, as all that is found is matched again. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.connectors.errors import Refused
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.searches import on_platform, pushed_down
from monitoring.queries.tree import And, From, Handle, Lang, Leaf, Near, Node, Not, Or, Phrase, Tag, Word

MAX_QUERY_CHARS = 512
_OPERATORS = frozenset({"or", "and"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A part of a search: `stands` when X takes it by itself, `brackets` when it needs them beside others."""

    text: str
    stands: bool = True
    brackets: bool = False

    def beside(self) -> str:
        return f"({self.text})" if self.brackets else self.text


def search_query(texts: Sequence[str]) -> str:
    """One query of X for the texts of all queries; "" when none of them asks for anything on X.

    Raises Refused for terms that cannot be used, that X cannot search by, or that make a query longer
    than X takes.
    """
    try:
        roots = [parse(text).root for text in texts]
    except BadQuery as error:
        raise Refused(f"its terms cannot be used ({error})") from error
    groups = [_group(left) for root in roots if (left := on_platform(root, "x")) is not None]
    query = groups[0] if len(groups) == 1 else " OR ".join(f"({group})" for group in groups)
    if len(query) > MAX_QUERY_CHARS:
        raise Refused(f"its terms make a query of {len(query)} characters and X takes {MAX_QUERY_CHARS}")
    return query


def _group(root: Node) -> str:
    """The search for one query."""
    asked = _asked(pushed_down(root))
    if asked is None or not asked.stands:
        raise Refused("X cannot search by the beginning of a word, or by language alone; add a whole word")
    return asked.text


def _asked(node: Node) -> _Asked | None:
    """What X can be asked for a part of a query; None where that would be everything."""
    match node:
        case And(parts) | Near(parts):
            found = [part for part in map(_asked, parts) if part is not None]
            if not found:
                return None
            text = " ".join(part.beside() for part in found) if len(found) > 1 else found[0].text
            return _Asked(text, any(part.stands for part in found), len(found) == 1 and found[0].brackets)
        case Or(parts):
            sides = [part for part in map(_asked, parts) if part is not None]
            if len(sides) < len(parts) or any(side.text.startswith("-") for side in sides):
                return None
            return _Asked(
                " OR ".join(side.text for side in sides), all(s.stands for s in sides), brackets=True
            )
        case Not(part):
            return _left_out(part)
    text = _operand(node)
    return _Asked(text, stands=not isinstance(node, Lang)) if text else None


def _left_out(part: Node) -> _Asked | None:
    """Only what X leaves out as narrowly as we do: without accents or region it would take others along."""
    if isinstance(part, And | Or | Not | Near) or (isinstance(part, Word) and part.exact):
        return None
    if isinstance(part, Lang) and "-" in part.code:
        return None
    text = _operand(part)
    return _Asked(f"-{text}", stands=False) if text else None


def _operand(leaf: Leaf) -> str:
    """A leaf as X has it, in quotes what X could read as an operator; "" when X has no such thing."""
    match leaf:
        case Word(text):
            return text if re.fullmatch(r"\w+", text) and text.lower() not in _OPERATORS else f'"{text}"'
        case Phrase(words):
            return f'"{" ".join(words)}"'
        case Tag(text):
            return f"#{text}"
        case Handle(text):
            return f"@{text}" if re.fullmatch(r"\w+", text) else f'"{text}"'
        case From(handle) if re.fullmatch(r"\w+", handle):
            return f"from:{handle}"
        case Lang(code):
            return f"lang:{code.partition('-')[0]}"
    return ""
