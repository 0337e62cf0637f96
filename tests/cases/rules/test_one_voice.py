"""When words are a vetted answer as it was, and when they still hold one that is over."""

import pytest

from cases.rules.one_voice import holds, holds_stale, is_same

ANSWER = "Het water is veilig. Drink gerust."


@pytest.mark.parametrize("text", [ANSWER, f"  {ANSWER}\n", ANSWER.replace(" ", "\n")])
def test_how_lines_break_changes_nothing(text: str) -> None:
    assert is_same(text, ANSWER)


@pytest.mark.parametrize("text", [ANSWER.lower(), ANSWER + "!", "Dag. " + ANSWER, ""])
def test_any_other_character_does(text: str) -> None:
    assert not is_same(text, ANSWER)


def test_no_text_is_no_answer() -> None:
    assert not is_same("", "")


@pytest.mark.parametrize(
    "text", [ANSWER.upper(), f"Beste Jan,\n{ANSWER} Groet", "het water is veilig, drink gerust!"]
)
def test_the_words_are_found_wherever_they_stand(text: str) -> None:
    assert holds(text, ANSWER)


@pytest.mark.parametrize("text", ["Het water is onveilig. Drink gerust.", "Het water is veilig", ""])
def test_other_words_are_not(text: str) -> None:
    assert not holds(text, ANSWER)


def test_anything_may_stand_in_a_gap() -> None:
    assert holds(
        "Dag Jan de Vries, het water is veilig tot 14:30.", "Dag {author}, het water is veilig tot {time}."
    )


def test_an_answer_that_is_part_of_one_that_holds_is_not_stale() -> None:
    newer = f"{ANSWER} Ook na vannacht."
    assert not holds_stale(newer, [ANSWER], [newer])
    assert holds_stale(ANSWER, [ANSWER], [newer])
    assert holds_stale(f"{newer} Ramen dicht.", ["Ramen dicht."], [newer])
