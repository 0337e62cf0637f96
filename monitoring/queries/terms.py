"""Simple query terms: words and phrases to look for, words to leave out. Pure.

`brand, "grote brand", #loswal, @vr_loswal, -oefening` finds posts with any of the first four and
without the last. Terms are separated by commas or new lines; several words in a row are a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# Part of a word: letters, digits, underscore, and marks that NFC could not join to their letter.
_WORD = r"\w\u0300-\u036f"
_QUOTES = str.maketrans("“”„‟«»‘’", '""""""\'\'')
_TOKEN = re.compile(
    r"""(?P<gap>[^\S\n]+) | (?P<end>[,\n])
    | (?P<minus>-)? (?: "(?P<quoted>[^"]*)(?P<close>")? | (?P<word>[^\s,"]+) )""",
    re.VERBOSE,
)


class Fault(StrEnum):
    """Why terms cannot be used, as a sentence."""

    NOTHING = "There is nothing to look for; give at least one word."
    ONLY_EXCLUDED = "There are only words to leave out; give at least one word to look for."
    UNCLOSED = "A quotation mark is opened and not closed."
    NO_LETTERS = "A term needs at least one letter, digit or symbol to look for."
    NO_COMMA = "Put a comma or a new line between two terms."


class BadTerms(ValueError):
    """Terms that cannot be used; `position` is that of the first wrong character, from 1."""

    def __init__(self, fault: Fault, position: int) -> None:
        super().__init__(fault, position)
        self.fault = fault
        self.position = position

    def __str__(self) -> str:
        return f"{self.fault} (character {self.position})"


@dataclass(frozen=True, slots=True)
class Term:
    """One word, phrase, #tag or @handle as written, with single spaces."""

    text: str

    @property
    def is_phrase(self) -> bool:
        return " " in self.text


@dataclass(frozen=True, slots=True)
class Terms:
    """A post matches when it has any of `wanted` and none of `excluded`."""

    wanted: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()


@dataclass(slots=True)
class _Piece:
    """A term under construction."""

    text: str
    position: int
    excluded: bool
    quoted: bool

    def join(self, other: "_Piece") -> None:
        """Make `other` the next word of this phrase. Raises BadTerms when it is a term of its own."""
        if self.quoted or self.excluded or other.quoted:
            raise BadTerms(Fault.NO_COMMA, other.position)
        self.text += f" {other.text}"


def parse(text: str) -> Terms:
    """The terms in `text`; doubles are dropped, order is kept.

    Raises BadTerms with the position of the fault.
    """
    pieces = list(_pieces(unicodedata.normalize("NFC", text).translate(_QUOTES)))
    for piece in pieces:
        if not any(unicodedata.category(c)[0] in "LNS" for c in piece.text):
            raise BadTerms(Fault.NO_LETTERS, piece.position)
    wanted = tuple(dict.fromkeys(Term(p.text) for p in pieces if not p.excluded))
    excluded = tuple(dict.fromkeys(Term(p.text) for p in pieces if p.excluded))
    if not wanted:
        raise BadTerms(Fault.ONLY_EXCLUDED if excluded else Fault.NOTHING, 1)
    return Terms(wanted, excluded)


def matches(terms: Terms, text: str) -> bool:
    """Whether `text` has a wanted term and no excluded one, on whole words, whatever the case."""
    folded = fold(text)
    if not _pattern(terms.wanted).search(folded):
        return False
    return not (terms.excluded and _pattern(terms.excluded).search(folded))


def fold(text: str) -> str:
    """The form in which texts and terms are compared: NFC, case folded, quotes made plain."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).translate(_QUOTES)


def _pieces(text: str) -> Iterator[_Piece]:
    """Split on commas and new lines; words in a row are joined into one phrase."""
    open_piece: _Piece | None = None
    for piece in _tokens(text):
        if open_piece and piece and not piece.excluded:
            open_piece.join(piece)
            continue
        if open_piece:
            yield open_piece
        open_piece = piece
    if open_piece:
        yield open_piece


def _tokens(text: str) -> Iterator[_Piece | None]:
    """Every word or quotation, and None for a comma or the end of a line."""
    for token in _TOKEN.finditer(text):
        if token["end"]:
            yield None
        elif not token["gap"]:
            yield _piece(token)


def _piece(token: re.Match[str]) -> _Piece:
    """The term that one token stands for."""
    position = token.start() + 1
    quoted = token["quoted"]
    if quoted is not None and token["close"] is None:
        raise BadTerms(Fault.UNCLOSED, position)
    text = token["word"] or "" if quoted is None else " ".join(quoted.split())
    return _Piece(text, position, token["minus"] is not None, quoted is not None)


@lru_cache(maxsize=512)
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """One expression that finds any of the terms in folded text."""
    return re.compile("|".join(_expression(fold(term.text)) for term in terms))


def _expression(folded: str) -> str:
    """A term on word boundaries: `brand` is in `#brand` and not in `brandweer`."""
    before = after = ""
    if folded[0] in "#@":
        before = f"(?<![{_WORD}{folded[0]}])"
    elif re.match(f"[{_WORD}]", folded):
        before = f"(?<![{_WORD}])"
    if re.match(f"[{_WORD}]", folded[-1]):
        after = f"(?![{_WORD}])"
    return before + r"\s+".join(re.escape(word) for word in folded.split(" ")) + after
