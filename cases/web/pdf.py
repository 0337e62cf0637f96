"""The file of a case as a tagged PDF."""

from dataclasses import asdict
from pathlib import Path

from cases.sheet.pdf import compiled
from cases.web.casefile import Paper

TEMPLATE = Path(__file__).parent / "casefile.typ"


def pdf_of(file: Paper) -> bytes:
    return compiled(TEMPLATE, asdict(file))
