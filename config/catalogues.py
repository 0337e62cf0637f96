"""The translations: compiled without gettext, and found complete or not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "cases" / "locale"


def catalogues() -> list[Path]:
    """Every catalogue of the house, in a fixed order."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def compile_catalogues() -> int:
    """Write the .mo file beside every catalogue; the answer is how many."""
    paths = catalogues()
    for path in paths:
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return len(paths)


def gaps(path: Path) -> Iterator[str]:
    """One line per entry of a catalogue that an officer would see in English."""
    for entry in polib.pofile(str(path)):
        if entry.obsolete:
            continue
        if entry.fuzzy:
            yield f"{path.parts[-3]}: fuzzy: {entry.msgid!r}"
        elif not entry.translated():
            yield f"{path.parts[-3]}: untranslated: {entry.msgid!r}"


def sources(path: Path) -> set[tuple[str | None, str]]:
    """Context and source text of every living entry: two catalogues with the same set are as complete."""
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}


if __name__ == "__main__" and sys.argv[1:] == ["compile"]:
    compile_catalogues()
