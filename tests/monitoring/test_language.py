"""A post whose platform says no language gets one, or none when nobody could tell."""

from dataclasses import replace
from datetime import datetime

import pytest

from monitoring import language
from monitoring.language import language_of, spoken
from tests.world import mention

SENTENCES = [
    # Ten from XED (Helsinki-NLP, CC BY 4.0): film subtitles.
    ("nl", "Zou je de rest van je leven met mij willen doorbrengen ?"),
    ("nl", "We onderzoeken Christines vriend nog."),
    ("nl", "Ik veronderstel dat dit geen lamsvlees is dan."),
    ("nl", "Hij laat zich niet omkopen of intimideren."),
    ("nl", "Kloot niet met me, weet je?"),
    ("nl", "Dit is vreselijk."),
    ("nl", "- Oh, hij maakte alleen maar een grapje."),
    ("nl", "- Ik heb gefaald."),
    ("nl", "Toch niet meteen, dat is niet eerlijk."),
    ("nl", "Veel van jullie lopen kans jullie plek te verliezen."),
    # Ours.
    ("nl", "RT @buurvrouw: Strooiwagens rijden niet vannacht https://t.example/x"),
    ("nl", "Wat een rook!"),
    ("en", "RT @neighbour: is this about the fire in the harbour? https://t.example/x"),
    ("en", "Huge thanks to our firefighters"),
    ("en", "I would have called 112 but they are not answering"),
    ("fr", "Les pompiers sont arrivés très vite, merci beaucoup"),
    ("de", "Feuerwehr war schnell da, danke"),
    ("tr", "Yangın çok büyük, itfaiye geldi"),
    ("uk", "Велика пожежа біля порту"),
    ("ar", "حريق كبير في الميناء"),
    ("ja", "火事が大きい"),
]


@pytest.mark.parametrize(("code", "text"), SENTENCES)
def test_a_sentence_is_known_by_its_language(code: str, text: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "lol", "Nee.", "Top brandweer!", "@gemeente https://t.example/the/of/and", "🙏🙏", "112!!!", "\x00"],
)
def test_of_what_is_too_short_to_tell_nothing_is_said(text: str) -> None:
    assert language_of(text) == ""


def test_no_word_votes_for_both_languages() -> None:
    assert not language.DUTCH & language.ENGLISH


def test_what_the_platform_said_is_left_alone(noon: datetime) -> None:
    said = replace(mention(1, "De brandweer is er niet", at=noon), language="fy")
    assert spoken(said) is said
    assert spoken(replace(said, language="")).language == "nl"
