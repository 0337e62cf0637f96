"""A sheet as a tagged PDF, for screen readers (PDF/UA) and archives (PDF/A): one page and an annex."""

import json
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import typst

from cases.sheet.bars import bars
from cases.sheet.shapes import Sheet

TEMPLATE = Path(__file__).parent / "picture.typ"

Standards = list[Literal["ua-1", "a-2a"]]

STANDARDS: Standards = ["ua-1", "a-2a"]
NONE: Standards = []

PICTURES = ("So", "Sk", "Cf", "Co", "Cn", "Cs", "Cc")
"""Kinds of characters that are pictures or nothing to see: a font may have none for them."""

KEPT = "\n\u200c\u200d\u200e\u200f"
"""Of those, what letters of some languages need."""


def pdf_of(sheet: Sheet) -> bytes:
    """The PDF. All text goes in as data, so that nothing in it is read as markup.

    A picture that our fonts do not have is written out ("[fire]"). A text in letters that no font here has
    still makes a tagged PDF, that no standard vouches for.
    """
    given = json.dumps(asdict(sheet) | {"bars": bars(sheet.chart)}, ensure_ascii=False)
    for text, standards in ((given, STANDARDS), (spelled(given), STANDARDS), (spelled(given), NONE)):
        try:
            return _compiled(text, standards)
        except typst.TypstError:
            if not standards:
                raise
    raise AssertionError("the last attempt returns or raises")


def _compiled(text: str, standards: Standards) -> bytes:
    words = {"sheet": text}
    return typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=words, pdf_standards=[*standards])


def spelled(text: str) -> str:
    """A text with every picture by its name, and nothing for what cannot be seen; letters as they are."""
    return "".join(_name(each) for each in text)


def _name(each: str) -> str:
    if each in KEPT or unicodedata.category(each) not in PICTURES or each in '"\\':
        return each
    name = unicodedata.name(each, "").lower()
    is_seen = unicodedata.category(each) in ("So", "Sk")
    return f"[{name}]" if name and is_seen else ""
