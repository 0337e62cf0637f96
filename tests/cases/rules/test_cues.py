"""Cue words: what they catch, and above all what they leave alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.cues import CueKind, CuesInvalid, cues, is_hard_trigger, load

HARD = [
    ("Mijn oma zit nog binnen, doe iets!", CueKind.DANGER),
    ("Er zijn denk ik mensen boven nog binnen", CueKind.DANGER),
    ("Overal rook, ik krijg geen lucht", CueKind.DANGER),
    ("We are trapped on the third floor", CueKind.DANGER),
    ("Pas maar op, ik weet waar je woont", CueKind.THREAT),
    ("Say that again and I'll kill you", CueKind.THREAT),
    ("Die wethouder? Zijn adres is bekend hoor", CueKind.DOXXING),
    ("Vanavond met z’n allen naar het stadhuis", CueKind.GATHERING),
    ("Bring torches, eight o'clock", CueKind.GATHERING),
]


@pytest.mark.parametrize(("text", "kind"), HARD)
def test_danger_threat_exposure_and_a_call_to_gather_trigger_at_once(text, kind):
    found = cues(text)
    assert kind in {cue.kind for cue in found}
    assert is_hard_trigger(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Wat een prutsers daar", CueKind.INSULT),
        ("you absolute morons", CueKind.INSULT),
        ("Al drie uur geen informatie gekregen", CueKind.COMPLAINT),
        ("This is unacceptable.", CueKind.COMPLAINT),
    ],
)
def test_insults_and_complaints_count_as_negative_without_triggering(text, kind):
    found = cues(text)
    assert {cue.kind for cue in found} == {kind}
    assert not is_hard_trigger(found)


@pytest.mark.parametrize(
    "text",
    [
        "Dank aan alle brandweerlieden, topwerk vannacht",
        "Help ons de speeltuin op te knappen, zaterdag om tien uur",
        "Is de brug morgen weer open?",
        "We zaten vast in de file bij de afslag",
        "De aanvraag is nog binnen de termijn",
        "He lives for football",
        "The fire is out, well done",
        "Lullo is een restaurant in de Kneuzestraat",
        "",
    ],
)
def test_thanks_questions_and_look_alikes_are_left_alone(text):
    assert cues(text) == ()


def test_a_phrase_matches_whole_words_only():
    shipped_word = "tuig"
    assert cues(f"wat een {shipped_word}!")
    assert not cues(f"het {shipped_word}huis van de molen")


def test_case_accents_and_apostrophes_are_written_in_many_ways_and_found_in_all():
    plain = "PRIVÉADRES"
    for form in ("NFC", "NFD", "NFKC"):
        assert cues(unicodedata.normalize(form, f"Hier zijn {plain}"))
    assert cues("I can\u2019t breathe") == cues("I can't breathe") != ()


def test_words_may_be_parted_by_punctuation_and_line_ends():
    assert cues("ik krijg… geen\nlucht")[0].kind is CueKind.DANGER


def test_a_gap_allows_four_words_and_not_five():
    found = load('[danger]\nnl = ["moeder ... nog binnen"]').find
    assert found("moeder nog binnen")
    assert found("moeder is daar boven zeker nog binnen")
    assert not found("moeder is daar boven heel zeker nog binnen")


def test_each_phrase_is_reported_once_with_the_words_that_matched():
    found = cues("Idioten! Allemaal idioten, en veel te laat")
    assert [(cue.kind, cue.found) for cue in found] == [
        (CueKind.INSULT, "idioten"),
        (CueKind.COMPLAINT, "te laat"),
    ]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[danger", "Cue list, file: not TOML"),
        ("[rumour]\nnl = []", "Cue list, rumour: unknown kind; known: danger, threat"),
        ('[threat]\nnl = "kort"', "Cue list, threat: expected a list of phrases per language"),
        ('[threat]\nnl = ["a*b c"]', "Cue list, threat: in 'a\\*b c' a star may only end a word"),
        ('[threat]\nnl = ["..."]', "Cue list, threat: '...' is not a phrase"),
        ("[threat]\nnl = [3]", "Cue list, threat: 3 is not a phrase"),
    ],
)
def test_a_broken_list_is_refused_with_the_place(toml, message):
    with pytest.raises(CuesInvalid, match=message):
        load(toml)


def test_an_empty_list_finds_nothing():
    assert load("").find("we stikken") == ()


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_reads_the_same_in_capitals(text):
    found = cues(text)
    assert all(cue.found for cue in found)
    if text.isascii():
        assert cues(text.upper()) == found
