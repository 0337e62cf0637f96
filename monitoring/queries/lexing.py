"""The text of a query as tokens with their places; every term is a leaf of the tree already."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from monitoring.queries.faults import MAX_CHARS, MAX_DISTANCE, MIN_PREFIX, BadQuery, Fault
from monitoring.queries.tree import OPERATORS, From, Handle, Lang, Leaf, Phrase, Platform, Prefix, Tag, Word
from monitoring.queries.words import sign_of, words

_QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)
_TOKEN = re.compile(
    r"""(?P<gap>[^\S\n]+) | (?P<comma>,) | (?P<line>\n) | (?P<open>\() | (?P<close>\))
    | (?P<quoted>"[^"]*"?)
    | (?P<minus>[-–—−])(?=[^\s,)])
    | (?P<word>[^\s,()"]+)""",
    re.VERBOSE,
)
_NEAR = re.compile(r"(?:NEAR|NABIJ)(?:/(.*))?", re.DOTALL)
_FIELD = re.compile(r"(from|van|lang|taal|platform):(.*)", re.IGNORECASE | re.DOTALL)
_LANG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
_PLATFORM = re.compile(r"[a-z][a-z0-9_-]*")
_AROUND = ".;:!?'’…/"  # punctuation that comes along when a tag or name is pasted


class Kind(Enum):
    """What a token is to the grammar."""

    COMMA = auto()  # or the end of a line
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    NEAR = auto()
    TERM = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `position` from 1, `distance` for NEAR, `leaf` for a term."""

    kind: Kind
    position: int
    length: int = 1
    distance: int = 0
    leaf: Leaf | None = None

    def wrong(self, fault: Fault) -> BadQuery:
        return BadQuery(fault, self.position, self.length)


_KINDS = {
    "comma": Kind.COMMA,
    "line": Kind.COMMA,
    "open": Kind.OPEN,
    "close": Kind.CLOSE,
    "minus": Kind.NOT,
    "AND": Kind.AND,
    "EN": Kind.AND,
    "OR": Kind.OR,
    "OF": Kind.OR,
    "NOT": Kind.NOT,
    "NIET": Kind.NOT,
}
_BETWEEN = (Kind.AND, Kind.OR, Kind.NEAR)


def tokens(text: str) -> list[Token]:
    """The tokens of a query, with an END. Raises BadQuery for what is wrong with a single one.

    The end of a line beside an operator or just inside a bracket is only a space: a long query may be
    broken there.
    """
    if len(text) > MAX_CHARS:
        raise BadQuery(Fault.TOO_LONG, MAX_CHARS + 1, len(text) - MAX_CHARS)
    found: list[Token] = []
    n_lines = 0  # at the end of `found`
    for match in _TOKEN.finditer(text.translate(_QUOTES)):
        if match["gap"]:
            continue
        token = _token(match)
        if n_lines and (token.kind in _BETWEEN or token.kind is Kind.CLOSE):
            del found[-n_lines:]
        if match["line"] and found and found[-1].kind in (*_BETWEEN, Kind.NOT, Kind.OPEN):
            continue
        n_lines = n_lines + 1 if match["line"] else 0
        found.append(token)
    return [*found, Token(Kind.END, len(text) + 1)]


def _token(match: re.Match[str]) -> Token:
    """The token that was matched. Raises BadQuery."""
    text, position = match[0], match.start() + 1
    kind = _KINDS.get(text if text in OPERATORS else str(match.lastgroup))
    if kind is not None:
        return Token(kind, position, len(text))
    try:
        if match["quoted"]:
            return Token(Kind.TERM, position, len(text), leaf=_quotation(text))
        near = _NEAR.fullmatch(text)
        if near:
            return Token(Kind.NEAR, position, len(text), distance=_distance(near[1]))
        return Token(Kind.TERM, position, len(text), leaf=_term(text))
    except _Wrong as wrong:
        raise BadQuery(wrong.fault, position, len(text)) from None


class _Wrong(Exception):
    """A term with a fault; where it stands is known to who asked."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _distance(number: str | None) -> int:
    if not number or not re.fullmatch("[0-9]{1,3}", number) or not 1 <= int(number) <= MAX_DISTANCE:
        raise _Wrong(Fault.NEAR_DISTANCE)
    return int(number)


def _quotation(text: str) -> Word | Phrase:
    """The words between quotation marks."""
    if len(text) < 2 or text[-1] != '"':
        raise _Wrong(Fault.UNCLOSED)
    parts = tuple(unicodedata.normalize("NFC", text[1:-1]).split())
    if not any(map(words, parts)):
        raise _Wrong(Fault.NO_LETTERS)
    return Phrase(parts) if len(parts) > 1 else Word(parts[0])


def _term(text: str) -> Leaf:
    """The leaf for a term without spaces or quotation marks."""
    text = unicodedata.normalize("NFC", text)
    field = _FIELD.fullmatch(text)
    if field:
        return _field(field[1].lower(), field[2])
    if "*" in text:
        return _prefix(text)
    if text[0] == "=":
        return _exact(text[1:])
    if text[0] in "#@＃＠":
        return _sign("#" if text[0] in "#＃" else "@", text[1:])
    if not words(text):
        raise _Wrong(Fault.NO_LETTERS)
    return Word(text)


def _field(name: str, value: str) -> Leaf:
    """The leaf for `from:`, `lang:` or `platform:`, in either language."""
    if name in ("from", "van"):
        handle = _sign("@", value.removeprefix("@"), fault=Fault.FIELD)
        return From(handle.text)
    code = value.casefold()
    if name == "platform":
        if _PLATFORM.fullmatch(code):
            return Platform(code)
    elif _LANG.fullmatch(code):
        return Lang(code)
    raise _Wrong(Fault.FIELD)


def _prefix(text: str) -> Prefix:
    start, sign = text[:-1], text[:1] if text[:1] in "#@" else ""
    folded = words(start[len(sign) :])
    plain = start[len(sign) :].replace("_", "a")
    if text[-1] != "*" or len(folded) != 1 or len(folded[0]) < MIN_PREFIX or not _is_one_word(plain):
        raise _Wrong(Fault.PREFIX)
    return Prefix(start)


def _is_one_word(text: str) -> bool:
    """Whether there is nothing but letters, digits and the marks on them."""
    return all(unicodedata.category(character)[0] in "LNM" for character in text)


def _exact(text: str) -> Word:
    if not text or text[0] in "=#@＃＠" or not words(text):
        raise _Wrong(Fault.EXACT)
    return Word(text, exact=True)


def _sign(sign: str, text: str, *, fault: Fault = Fault.SIGN) -> Tag | Handle:
    """The leaf for a tag or a handle."""
    text = text.strip(_AROUND)
    if not sign_of(sign, text):
        raise _Wrong(Fault.NO_LETTERS if not text and fault is Fault.SIGN else fault)
    return Tag(text) if sign == "#" else Handle(text)
