"""Every sentence an officer sees is there in Dutch."""

from pathlib import Path

import polib
import pytest

from config.catalogues import LOCALE, catalogues, gaps, sources


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue with one of everything."""
    path = tmp_path / "nl" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    po = polib.POFile()
    po.append(polib.POEntry(msgid="Close", msgstr="Sluiten"))
    po.append(polib.POEntry(msgid="Watch", msgstr=""))
    po.append(polib.POEntry(msgid="Answer", msgstr="Antwoord", flags=["fuzzy"]))
    po.append(polib.POEntry(msgid="Gone", msgstr="", obsolete=True))
    po.append(polib.POEntry(msgid="%(n)d case", msgid_plural="%(n)d cases", msgstr_plural={0: "x", 1: ""}))
    po.save(str(path))
    return path


def test_an_untranslated_a_half_translated_and_a_fuzzy_entry_are_found(catalogue: Path) -> None:
    assert list(gaps(catalogue)) == [
        "nl: untranslated: 'Watch'",
        "nl: fuzzy: 'Answer'",
        "nl: untranslated: '%(n)d case'",
    ]
    assert (None, "Gone") not in sources(catalogue)


def test_the_dutch_catalogue_is_complete() -> None:
    assert LOCALE / "nl" / "LC_MESSAGES" / "django.po" in catalogues()
    assert [gap for path in catalogues() for gap in gaps(path)] == []
