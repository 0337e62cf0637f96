"""A file in words as a tagged PDF, for screen readers (PDF/UA) and for archives (PDF/A)."""

import json
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import typst
from django.conf import settings

from cases.web.casefile import Paper

TEMPLATE = Path(__file__).parent / "casefile.typ"

Standards = list[Literal["ua-1", "a-2a"]]

STANDARDS: Standards = ["ua-1", "a-2a"]
NONE: Standards = []

MARK = "OEFENING – EXERCISE"
"""Stands on every sheet that comes out of the space of an exercise."""

PICTURES = ("So", "Sk", "Cf", "Co", "Cn", "Cs", "Cc")
"""Kinds of characters that are pictures or nothing to see: a font may have none for them."""

KEPT = "\n\u200c\u200d\u200e\u200f"
"""Of those, what letters of some languages need."""


def pdf_of(file: Paper) -> bytes:
    """The PDF. All text goes in as data, so that nothing in it is read as markup.

    A picture that our fonts do not have is written out ("[fire]"), as a screen reader says it. A text
    in letters that no font here has still makes a tagged PDF, that no standard vouches for.
    """
    given = json.dumps(asdict(file), ensure_ascii=False)
    for text, standards in ((given, STANDARDS), (_spelled(given), STANDARDS), (_spelled(given), NONE)):
        try:
            return _compiled(text, standards)
        except typst.TypstError:
            if not standards:
                raise
    raise AssertionError("the last attempt returns or raises")


def _compiled(text: str, standards: Standards) -> bytes:
    template, words = TEMPLATE.read_bytes(), {"file": text, "mark": MARK if settings.SPACE else ""}
    return typst.compile(template, format="pdf", sys_inputs=words, pdf_standards=[*standards])


def _spelled(text: str) -> str:
    return "".join(_name(each) for each in text)


def _name(each: str) -> str:
    """A picture by its name, and nothing for what cannot be seen; letters as they are."""
    if each in KEPT or unicodedata.category(each) not in PICTURES or each in '"\\':
        return each
    name = unicodedata.name(each, "").lower()
    is_seen = unicodedata.category(each) in ("So", "Sk")
    return f"[{name}]" if name and is_seen else ""
