"""Words as a tagged PDF, for screen readers (PDF/UA) and archives (PDF/A)."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings

from cases.sheet.bars import bars
from cases.sheet.shapes import Sheet

TEMPLATE = Path(__file__).parent / "picture.typ"

Standards = list[Literal["ua-1", "a-2a"]]

STANDARDS: Standards = ["ua-1", "a-2a"]
NONE: Standards = []

MARK = "OEFENING – EXERCISE"
"""Stands on every page that comes out of the space of an exercise."""

PICTURES = ("So", "Sk", "Cf", "Co", "Cn", "Cs", "Cc")
"""Kinds of characters that are pictures or nothing to see: a font may have none for them."""

KEPT = "\n\u200c\u200d\u200e\u200f"
"""Of those, what letters of some languages need."""


def pdf_of(sheet: Sheet) -> bytes:
    return compiled(TEMPLATE, asdict(sheet) | {"bars": bars(sheet.chart)})


def compiled(template: Path, words: Mapping[str, Any]) -> bytes:
    """The PDF of a template. All text goes in as data, so that nothing in it is read as markup.

    A picture that our fonts do not have is written out ("[fire]"), as a screen reader says it. A text in
    letters that no font here has still makes a tagged PDF, that no standard vouches for.
    """
    given = json.dumps(words, ensure_ascii=False)
    for text, standards in ((given, STANDARDS), (spelled(given), STANDARDS), (spelled(given), NONE)):
        try:
            return _compiled(template, text, standards)
        except typst.TypstError:
            if not standards:
                raise
    raise AssertionError("the last attempt returns or raises")


def _compiled(template: Path, text: str, standards: Standards) -> bytes:
    inputs = {"words": text, "mark": MARK if settings.SPACE else ""}
    return typst.compile(template.read_bytes(), format="pdf", sys_inputs=inputs, pdf_standards=[*standards])


def spelled(text: str) -> str:
    """A text with every picture by its name, and nothing for what cannot be seen; letters as they are."""
    return "".join(_name(each) for each in text)


def _name(each: str) -> str:
    if each in KEPT or unicodedata.category(each) not in PICTURES or each in '"\\':
        return each
    name = unicodedata.name(each, "").lower()
    is_seen = unicodedata.category(each) in ("So", "Sk")
    return f"[{name}]" if name and is_seen else ""
