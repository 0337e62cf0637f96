"""The reading level on texts that everybody would place the same way."""

import pytest

from cases.rules.elements import machine_hint
from cases.rules.reading import PLAIN, ease, syllables

EASY_NL = (
    "We horen dat er rook is bij de haven. De brandweer is er nu. "
    "Doe de ramen dicht en blijf weg. Om vier uur weten we meer."
)
HARD_NL = (
    "Naar aanleiding van binnengekomen meldingen omtrent rookontwikkeling in de havenomgeving adviseren "
    "veiligheidsfunctionarissen omwonenden nadrukkelijk ventilatievoorzieningen gesloten te houden "
    "gedurende onderzoeksactiviteiten van verantwoordelijke toezichthoudende overheidsorganisaties."
)
EASY_EN = (
    "We hear that there is smoke at the port. The crew is there now. "
    "Shut your windows and stay away. We will know more at four."
)
HARD_EN = (
    "Following notification of atmospheric contamination, municipal representatives recommend immediate "
    "discontinuation of mechanical ventilation throughout residential accommodation until investigation "
    "activities are satisfactorily completed."
)


@pytest.mark.parametrize(("text", "language"), [(EASY_NL, "nl"), (EASY_EN, "en")])
def test_short_words_in_short_sentences_read_easily(text: str, language: str) -> None:
    found = ease(text, language)
    assert found is not None
    assert found > PLAIN


@pytest.mark.parametrize(("text", "language"), [(HARD_NL, "nl"), (HARD_EN, "en")])
def test_long_words_in_one_sentence_do_not(text: str, language: str) -> None:
    found = ease(text, language)
    assert found is not None
    assert found < 30


def test_a_short_text_and_a_language_without_a_formula_have_no_level() -> None:
    assert ease("Dank je wel.", "nl") is None
    assert ease(EASY_NL, "tr") is None


def test_an_address_and_an_account_are_no_words() -> None:
    assert ease(f"{EASY_NL} https://verantwoordelijkheidsorganisatie.nl @veiligheidsregio", "nl") == (
        pytest.approx(ease(EASY_NL, "nl"))
    )


@pytest.mark.parametrize(
    ("word", "language", "n"),
    [("brandweer", "nl", 2), ("nieuw", "nl", 1), ("reëel", "nl", 2), ("fire", "en", 1), ("rhythm", "en", 1)],
)
def test_syllables_are_groups_of_vowels(word: str, language: str, n: int) -> None:
    assert syllables(word, language) == n


def test_the_hint_on_the_audience_names_the_level() -> None:
    easy, hard = (machine_hint("audience", text, language="nl") for text in (EASY_NL, HARD_NL))
    assert easy and hard
    assert (easy.is_met, hard.is_met) == (True, False)
    assert "B1" in easy.text["nl"]
    assert "B1" in hard.text["en"]
