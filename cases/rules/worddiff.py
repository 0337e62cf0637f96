"""What an approver changed in somebody's words: the words that stayed, went and came, in reading order."""

import re
from difflib import SequenceMatcher

MOST_WORDS = 4000
"""Comparing more takes too long for a page: then the whole text went, and a whole one came."""

SAME, GONE, NEW = "same", "gone", "new"

_WORDS = re.compile(r"\s+|\S+")

Edit = tuple[str, str]


def edits(before: str, after: str) -> list[Edit]:
    """Pieces of text with what became of them; those that are not NEW make up `before`, not GONE `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return _pieces([(GONE, before), (NEW, after)])
    found: list[Edit] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append((SAME, "".join(old[a:b])))
        else:
            found += [(GONE, "".join(old[a:b])), (NEW, "".join(new[c:d]))]
    return _pieces(found)


def _pieces(found: list[Edit]) -> list[Edit]:
    return [piece for piece in found if piece[1]]
