"""When words are those of a vetted answer, and when what they hold is no answer any more. Pure.

Two questions with two measures. A vetted answer passes a lock because nothing was changed in it: so every
character counts, spaces apart. An answer that is over may not leave: so only its words count, wherever in the
text they stand, and a comma or a greeting does not make it another one.
"""

import re
from collections.abc import Iterable

from cases.rules import placeholders

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\{\s*([^{}\n]{0,40}?)\s*\}")

MOST_IN_A_GAP = 60
"""Words that may stand where an answer has a gap: a name, a time, an address."""

_ANYTHING = rf"(?:\S+ ){{0,{MOST_IN_A_GAP}}}?"


def is_same(text: str, answer: str) -> bool:
    """Whether a text is an answer, its gaps filled, as it was vetted; how lines break does not matter."""
    return bool(answer.strip()) and _plain(text) == _plain(answer)


def holds(text: str, answer: str) -> bool:
    """Whether all words of an answer stand in a text one after the other, with anything in its gaps."""
    return bool(_without(_words(text), [answer])[1])


def holds_stale(text: str, stale: Iterable[str], in_force: Iterable[str]) -> bool:
    """Whether a text holds an answer that is over, other than as a part of one that holds now."""
    rest, _n = _without(_words(text), sorted(in_force, key=len, reverse=True))
    return bool(_without(rest, stale)[1])


def _without(words: str, answers: Iterable[str]) -> tuple[str, int]:
    """The words without those of the answers, and how many answers were found."""
    n_found = 0
    for answer in answers:
        pattern = _pattern(answer)
        if pattern:
            words, n = pattern.subn(" | ", words)
            n_found += n
    return words, n_found


def _pattern(answer: str) -> re.Pattern[str] | None:
    """The words of an answer as they would stand in a text; None for one without words of its own."""
    parts: list[str] = []
    at = 0
    for gap in [*_GAP.finditer(answer), None]:
        said = _words(answer[at : gap.start()] if gap else answer[at:]).strip()
        parts += [re.escape(f"{said} ")] if said else []
        if gap and gap[1].lower() in placeholders.PLACEHOLDERS:
            parts.append(_ANYTHING)
        at = gap.end() if gap else at
    own = [part for part in parts if part != _ANYTHING]
    return re.compile(r"(?<!\S)" + "".join(parts)) if own else None


def _words(text: str) -> str:
    """Words in small letters with a space after each, so that a word is found whole."""
    return "".join(f"{word} " for word in _WORD.findall(text.casefold().replace("’", "'")))


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
