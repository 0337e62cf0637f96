"""Three of the six core elements get a hint of the machine; three stay a person's alone."""

import pytest

from cases.rules.clocks import Pace, TimeLeft
from cases.rules.elements import HINTED, longest_sentence, machine_hint
from cases.rules.scheme import shipped

SIX = ["careful", "open", "timely", "respectful", "sources", "audience"]


def test_the_scheme_has_the_six_core_elements_in_its_order() -> None:
    assert [element.id for element in shipped()["vdmmp-1"].elements] == SIX


def test_the_machine_hints_at_exactly_the_three_that_the_scheme_says() -> None:
    elements = shipped()["vdmmp-1"].elements
    assert tuple(element.id for element in elements if element.hinted) == HINTED
    for element in elements:
        hint = machine_hint(element.id, "Kort.", time_left=TimeLeft(Pace.OK, 60))
        assert (hint is not None) == element.hinted
        assert hint is None or set(hint.text) == {"nl", "en"}


@pytest.mark.parametrize(
    ("time_left", "is_met", "dutch"),
    [
        (TimeLeft(Pace.OK, 300), True, "Nog 5 uur"),
        (TimeLeft(Pace.SOON, 19), True, "Nog 19 min"),
        (TimeLeft(Pace.LATE, 41), False, "41 min te laat"),
    ],
)
def test_timely_tells_the_time_left(time_left: TimeLeft, is_met: bool, dutch: str) -> None:
    hint = machine_hint("timely", "", time_left=time_left)
    assert hint is not None
    assert (hint.is_met, hint.text["nl"]) == (is_met, dutch)


def test_timely_is_silent_when_no_response_is_due() -> None:
    assert machine_hint("timely", "Dank!") is None


@pytest.mark.parametrize(
    ("reply", "is_met"),
    [
        ("Lees meer op https://voorbeeld.example/brand.", True),
        ("Zie WWW.voorbeeld.example", True),
        ("Lees meer op onze site.", False),
        ("", False),
    ],
)
def test_sources_looks_for_a_link(reply: str, is_met: bool) -> None:
    hint = machine_hint("sources", reply)
    assert hint is not None
    assert hint.is_met is is_met


def test_audience_warns_for_a_long_sentence_and_names_its_length() -> None:
    short = machine_hint("audience", "De brand is uit. U kunt de ramen weer openen!")
    long = machine_hint("audience", "woord " * 21 + ".")
    assert short is not None and short.is_met
    assert long is not None and not long.is_met
    assert "21 words" in long.text["en"]


def test_audience_warns_for_what_the_platform_will_not_take() -> None:
    hint = machine_hint("audience", "De brand is uit.", max_chars=10)
    counted = machine_hint("audience", "De brand is uit.", max_chars=10, n_chars=9)
    assert hint is not None and hint.text["en"] == "6 characters too long"
    assert counted is not None and counted.is_met


def test_audience_has_nothing_to_say_of_an_empty_reply() -> None:
    hint = machine_hint("audience", " \n")
    assert hint is not None and not hint.is_met
    assert hint.text["nl"] == "Nog geen tekst"


@pytest.mark.parametrize(
    ("reply", "words"),
    [("", 0), ("Eén. Twee woorden.", 2), ("Zo'n 3,5 km", 4), ("Lees https://a.example/b.c?d=e f", 2)],
)
def test_sentences_are_counted_in_words_without_links(reply: str, words: int) -> None:
    assert longest_sentence(reply) == words
