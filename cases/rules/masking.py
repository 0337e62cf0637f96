"""Texts of the public as they may be shown to others: without what says who wrote or who is meant. Pure.

What has a form is found: handles, links, addresses, numbers. A name that is written out in plain words has
none and stays; docs/environment-picture.md says so, and the page that shows such texts does too.
"""

import re

HANDLE, OUT = "@…", "[…]"
"""What stands in their place: signs, for a picture is frozen and read in any language."""

_MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63})+", re.I)
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w\-]+(?:\.[\w\-]+)*\.(?:nl|com|org|net|be|eu|social|app|me|io)/\S*",
    re.I,
)
_HANDLE = re.compile(r"(?<![\w.])@[\w.\-]+(?:@[\w.\-]+)?|(?<![\w/])/?u/[\w\-]{3,}", re.I)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_PHONE = re.compile(r"(?<![\w.,])(?:\+\d|\(?0)(?:[\s().\-/]{0,2}\d){8,13}(?!\w)")
_SHORT_PHONE = re.compile(r"(?<!\w)0\d{2,3}[\s\-]\d{6,7}(?!\w)")
_PLATE = re.compile(
    r"(?<![\w-])(?=[A-Z0-9\-]*\d)(?=[A-Z0-9\-]*[A-Z])"
    r"(?:[A-Z]{1,3}|\d{1,3})-(?:[A-Z]{2,3}|\d{2,3})-(?:[A-Z]{1,2}|\d{1,2})(?![\w-])",
    re.I,
)
_DAY = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2})?$")
_SPACE = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def masked(text: str) -> str:
    """A text on one line without handles, links, e-mail addresses, phone and account numbers, plates."""
    line = plain(text)
    for pattern, word in ((_HANDLE, HANDLE), (_MAIL, OUT), (_LINK, OUT), (_IBAN, OUT)):
        line = pattern.sub(word, line)
    for pattern in (_PHONE, _SHORT_PHONE):
        line = pattern.sub(lambda found: found[0] if _DAY.match(found[0].strip()) else OUT, line)
    return _PLATE.sub(OUT, line)


def plain(text: str) -> str:
    """A text on one line, without signs that no paper shows or that turn its direction."""
    return _SPACE.sub(" ", _CONTROLS.sub(" ", text)).strip()


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, cut at a word where that is possible."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head, _space, tail = cut.rpartition(" ")
    return f"{head if head and len(tail) < most // 3 else cut}…"
