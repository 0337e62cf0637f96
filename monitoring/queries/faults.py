"""What can be wrong with a query, and how much of it is taken."""

from enum import StrEnum

MAX_CHARS = 2000
MAX_TERMS = 100
MAX_DEPTH = 20
MAX_DISTANCE = 50
MIN_PREFIX = 2


class Fault(StrEnum):
    """Why a query cannot be used, as a sentence."""

    NOTHING = "There is nothing to look for; give at least one word."
    ONLY_EXCLUDED = "There are only words to leave out; give at least one word to look for."
    EXCLUDED_IN_OR = "One side of an OR only leaves words out; say in brackets what to look for beside them."
    UNCLOSED = "A quotation mark is opened and not closed."
    NOT_CLOSED = "A bracket is opened and not closed."
    NOT_OPENED = "A bracket is closed and was not opened."
    NO_LETTERS = "A term needs at least one letter, digit or symbol to look for."
    NOTHING_BEFORE = "Something to look for is missing before this."
    NOTHING_AFTER = "Something to look for is missing after this."
    NEAR_PARTS = "NEAR stands only between two words or phrases."
    NEAR_DISTANCE = "NEAR needs a number of words from 1 to 50, as in NEAR/5."
    NEAR_MIXED = "Several NEARs in a row need the same number."
    PREFIX = "An asterisk stands at the end of one word, behind at least two letters."
    EXACT = "An equals sign stands directly before one word, and nothing else stands with it."
    SIGN = "A #tag or @name is one word, with nothing but letters, digits and _ in it."
    FIELD = "Behind the colon comes a name or a code, without a space."
    TOO_LONG = "A query has at most 2,000 characters; make two queries of it."
    TOO_MANY = "A query has at most 100 terms; make two queries of it."
    TOO_DEEP = "Brackets and exclusions go at most 20 deep."


class BadQuery(ValueError):
    """A query that cannot be used; `position` is that of the first wrong character, from 1."""

    def __init__(self, fault: Fault, position: int, length: int = 1) -> None:
        super().__init__(fault, position, length)
        self.fault = fault
        self.position = position
        self.length = length

    def __str__(self) -> str:
        return f"{self.fault} (character {self.position})"
