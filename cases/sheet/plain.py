"""A sheet as plain text: for the mail, and for who cannot open a PDF."""

from collections.abc import Iterator
from textwrap import fill

from cases.sheet.shapes import Part, Sheet

WIDTH = 78


def plain_text(sheet: Sheet) -> str:
    """The whole sheet, advice before the rest."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, "=" * min(len(sheet.title), WIDTH), _wrapped(sheet.summary), sheet.status, "")
    for figure in sheet.figures:
        yield f"{figure.value:>9}  {figure.name}" + (f" ({figure.change})" if figure.change else "")
    yield from ("", _wrapped(sheet.chart.sentence), "", _wrapped(sheet.coverage))
    yield from ("", sheet.words["advice"].upper())
    for advice in sheet.advice:
        carried = f" ({advice.carried})" if advice.carried else ""
        yield from ("", f"{advice.title}{carried}", advice.text or sheet.words["none"])
    for part in sheet.parts:
        yield from _part(part)
    yield from ("", _wrapped(sheet.signature), _wrapped(sheet.foot))


def _part(part: Part) -> Iterator[str]:
    if not part.rows and not part.intro:
        return
    yield from ("", part.title.upper())
    if part.intro:
        yield _wrapped(part.intro)
    for row in part.rows:
        yield _wrapped(f"- {row.text}", "  ")
        for more in (row.meta, row.said):
            if more:
                yield _wrapped(f"  {more}", "  ")


def _wrapped(text: str, hang: str = "") -> str:
    return fill(text, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
