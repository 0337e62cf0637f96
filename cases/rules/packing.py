"""Numbers as short text: what a series remembers must fit in a small row."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import expm1, log1p
from operator import add

DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"\\')
"""92 signs that JSON writes as they are."""

PLACE = {digit: place for place, digit in enumerate(DIGITS)}
BASE = len(DIGITS)
LARGEST = BASE**3 - 1  # of three signs
MAX_CODE = BASE**2 - 1  # of two signs
UNIT, STEP = 0.05, 0.00226  # two signs hold counts to ten million, 0.2 % apart, and closer below one
HOUR_PARTS = 100


def pack(numbers: Iterable[int], width: int) -> str:
    """Whole numbers as text, `width` signs each; what does not fit becomes the largest that does."""
    text: list[str] = []
    for number in numbers:
        left = min(max(number, 0), BASE**width - 1)
        digits = []
        for _place in range(width):
            left, digit = divmod(left, BASE)
            digits.append(DIGITS[digit])
        text.extend(reversed(digits))
    return "".join(text)


def unpack(text: str, width: int) -> list[int]:
    """What `pack` was given."""
    numbers = []
    for start in range(0, len(text), width):
        number = 0
        for digit in text[start : start + width]:
            number = number * BASE + PLACE[digit]
        numbers.append(number)
    return numbers


def counts_in(text: str) -> tuple[float, ...]:
    """The counts of a text of codes, two signs each."""
    return tuple(map(_count_in, map(add, text[::2], text[1::2])))


def hours_in(text: str) -> tuple[float, ...]:
    """The hours of a text of codes, two signs each."""
    return tuple(map(_hours_in, map(add, text[::2], text[1::2])))


@cache  # at most one for each of the 8,464 codes, and a sweep reads millions
def _count_in(pair: str) -> float:
    return count_of(unpack(pair, 2)[0])


@cache
def _hours_in(pair: str) -> float:
    return hours_of(unpack(pair, 2)[0])


def count_code(count: float) -> int:
    """The code of a count, on a scale of logarithms."""
    return min(MAX_CODE, round(log1p(count / UNIT) / STEP))


def count_of(code: int) -> float:
    """The count of a code."""
    return UNIT * expm1(code * STEP)


def as_count(count: float) -> float:
    """The nearest count that has a code."""
    return count_of(count_code(count))


def hours_code(hours: float) -> int:
    """The code of a number of hours, below 84."""
    return min(MAX_CODE, round(hours * HOUR_PARTS))


def hours_of(code: int) -> float:
    """The hours of a code."""
    return code / HOUR_PARTS


def as_hours(hours: float) -> float:
    """The nearest number of hours that has a code."""
    return hours_of(hours_code(hours))
