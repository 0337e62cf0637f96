"""Cue words: what they catch, and above all what they leave alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.cues import (
    HARD_TRIGGERS,
    CueKind,
    CuesInvalid,
    Phrase,
    Unfit,
    check,
    compiled,
    cues,
    has_hard_trigger,
    is_hard_trigger,
    load,
    shipped,
    shipped_phrases,
    written,
)

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
        "Help us please, the booking page gives an error",
        "God save us from this council meeting",
        "Shots fired in that debate! Brilliant",
        "I am drowning in paperwork here",
        "Mijn auto zit ingesloten door een busje van de gemeente",
        "Oma kan niet naar buiten want de lift staat stil",
        "Ik verdrink in de formulieren",
        "Mijn nummer is 06 12345678, kunt u mij bellen?",
        "Mijn adres is Dorpsstraat 1, de bak staat er nog",
        "We verzamelen handtekeningen voor een zebrapad",
        "Dit wachten wordt mijn dood niet",
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


def test_the_shipped_list_has_many_phrases_of_every_kind_in_both_languages_and_none_twice():
    phrases = shipped_phrases()
    for kind in CueKind:
        for language in ("nl", "en"):
            assert sum(each.kind is kind and each.language == language for each in phrases) >= 40
    keys = [(each.kind, each.language, written(each.words)) for each in phrases]
    assert [key for key in keys if keys.count(key) > 1] == []


def test_every_shipped_phrase_finds_itself_and_is_one_that_a_lead_might_have_added():
    for phrase in shipped_phrases():
        said = phrase.words.replace("* ", " ").removesuffix("*").replace(" ... ", " x ")
        assert phrase in shipped().phrases_in(f"zeg, {said}!")
        check(phrase.kind, phrase.words)


def test_no_phrase_that_triggers_at_once_is_one_short_word():
    for phrase in shipped_phrases():
        if phrase.kind in HARD_TRIGGERS:
            assert " " in phrase.words or len(phrase.words) >= 6


@pytest.mark.parametrize(
    ("kind", "words", "unfit"),
    [
        (CueKind.INSULT, "...", Unfit.NO_WORDS),
        (CueKind.INSULT, "a ...  ... b", Unfit.NO_WORDS),
        (CueKind.INSULT, "*", Unfit.NO_WORDS),
        (CueKind.INSULT, "pru*er", Unfit.STAR),
        (CueKind.INSULT, "pr*", Unfit.STEM),
        (CueKind.INSULT, "woord " * 30, Unfit.LONG),
        (CueKind.THREAT, "bom", Unfit.SHORT),
    ],
)
def test_a_phrase_that_cannot_be_used_says_why(kind, words, unfit):
    with pytest.raises(CuesInvalid) as refused:
        check(kind, words)
    assert refused.value.unfit is unfit


def test_a_phrase_says_which_one_it_was():
    (cue,) = compiled([Phrase(CueKind.THREAT, "steek* je neer")]).find("Ik steek je neer.")
    assert (cue.found, cue.phrase) == ("steek je neer", "steek* je neer")


@given(st.lists(st.sampled_from([phrase.words for phrase in shipped_phrases()]), max_size=4), st.text())
def test_asking_whether_it_triggers_is_asking_what_was_found(phrases, between):
    text = between.join(phrases)
    assert has_hard_trigger(text) == is_hard_trigger(cues(text))
