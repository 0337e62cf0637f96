"""A scheme is read strictly, and its checksum follows its content and nothing else."""

import re
from typing import Any

import pytest

from cases.rules.scheme import SchemeInvalid, load, shipped, text
from cases.rules.scheme_load import SCHEMES, read
from tests.cases.rules.schemes import MAIN, main_scheme, part, table

TOML = (SCHEMES / f"{MAIN}.toml").read_text(encoding="utf-8")


def test_the_two_schemes_are_shipped_under_the_name_of_their_file() -> None:
    assert sorted(shipped()) == ["usaf-1", MAIN]
    assert sorted(path.stem for path in SCHEMES.glob("*.toml")) == ["usaf-1", MAIN]


def test_layout_and_comments_do_not_change_the_checksum() -> None:
    airy = TOML.replace(" = ", "   =   ").replace("\n[[", "\n# another remark\n\n[[")
    windows = TOML.replace("\n", "\r\n")
    assert load(airy).checksum == load(windows).checksum == main_scheme().checksum
    assert re.fullmatch("[0-9a-f]{64}", main_scheme().checksum)


def test_one_other_word_changes_the_checksum() -> None:
    assert load(TOML.replace("Geef geen antwoord.", "Geef antwoord.", 1)).checksum != main_scheme().checksum


def test_text_that_is_no_toml_is_refused_in_our_words() -> None:
    with pytest.raises(SchemeInvalid, match=r"^The scheme cannot be used\. The file: this is not TOML"):
        load("id = ")


def missing(found: dict[str, Any]) -> None:
    del found["version"]


def misspelt(found: dict[str, Any]) -> None:
    part(found["questions"], "Q1")["choices"][0]["labels"] = {"nl": "Ja"}


def wrong_type(found: dict[str, Any]) -> None:
    part(found["advices"], "A1")["duties"][0]["id"] = 1


def unknown_action(found: dict[str, Any]) -> None:
    part(found["advices"], "A1")["options"][0]["action"] = "shout"


def unknown_exit(found: dict[str, Any]) -> None:
    found["extensions"][0]["action"] = "forget"


def unknown_requirement(found: dict[str, Any]) -> None:
    part(found["advices"], "A3")["options"][0]["requires"] = ["luck"]


def unknown_decider(found: dict[str, Any]) -> None:
    part(found["advices"], "A1")["duties"][0]["decided_by"] = "nobody"


def unknown_kind(found: dict[str, Any]) -> None:
    part(found["questions"], "Q2")["kind"] = "some"


def number_for_text(found: dict[str, Any]) -> None:
    found["title"]["en"] = 3


def number_in_list(found: dict[str, Any]) -> None:
    found["promises"].append(3)


def no_table(found: dict[str, Any]) -> None:
    found["questions"].append("Q3")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (missing, 'top: the field "version" is missing.'),
        (misspelt, 'top, questions[0], choices[0]: unknown field "labels".'),
        (wrong_type, 'advices[0], duties[0]: the field "id" has the wrong type.'),
        (unknown_action, 'advices[0], options[0]: "shout" is no action; known: let_stand, reply_direct'),
        (unknown_exit, 'extensions[0]: "forget" is no action; known: dismiss'),
        (unknown_requirement, '"luck" cannot be required; known: reason'),
        (unknown_decider, '"nobody" decides nothing; known: front_line'),
        (unknown_kind, 'questions[1]: "some" is no kind; known: one, many.'),
        (number_for_text, 'the field "title" must hold one text per language.'),
        (number_in_list, 'the field "promises" must hold texts only.'),
        (no_table, "questions[3]: a table is expected."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(spoil: Any, sentence: str) -> None:
    spoiled = table()
    spoil(spoiled)
    with pytest.raises(SchemeInvalid) as refused:
        read(spoiled)
    assert sentence in str(refused.value)


def test_a_text_falls_back_to_english() -> None:
    both = {"nl": "ja", "en": "yes"}
    assert [text(both, lang) for lang in ("nl", "nl-be", "en-gb", "fr")] == ["ja", "ja", "yes", "yes"]
    assert text({"nl": "ja"}, "fr") == ""
