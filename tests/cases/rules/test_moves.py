"""The table of moves is whole, in both languages, and the pages of the documentation show it as it is."""

from itertools import product
from pathlib import Path

import pytest

from cases.rules import diagrams
from cases.rules.moves import TABLE, Move
from cases.rules.scheme import LANGUAGES, shipped
from cases.rules.workflow import MOVES, OPEN, State

DOCS = Path(__file__).parents[3] / "docs"

PRODUCT = {
    State.NEW: {"assessed", "dismissed", "comms", "merged", "closed"},
    State.ASSESSED: {"new", "closed", "drafting", "watching", "comms", "responded", "merged"},
    State.DRAFTING: {"approval", "sending", "assessed", "responded", "comms", "merged", "closed"},
    State.APPROVAL: {"sending", "drafting", "comms", "merged", "closed"},
    State.SENDING: {"responded", "drafting"},
    State.RESPONDED: {"closed", "drafting", "watching", "new", "comms", "merged"},
    State.WATCHING: {"comms", "new", "closed", "merged"},
    State.COMMS: {"drafting", "watching", "closed", "new", "responded", "merged"},
    State.CLOSED: {"new"},
    State.DISMISSED: {"new"},
    State.MERGED: {"new", "assessed", "drafting", "responded", "watching", "comms"},
}
"""The state table of the product, written down a second time on purpose: a change there is a decision."""


@pytest.mark.parametrize("state", list(State))
def test_the_moves_are_those_of_the_product(state: State) -> None:
    assert {str(to) for to in MOVES[state]} == PRODUCT[state]


@pytest.mark.parametrize("move", TABLE, ids=[move.name["en"] for move in TABLE])
def test_every_move_says_its_name_its_condition_and_its_effect_in_both_languages(move: Move) -> None:
    for texts, lang in product((move.name, move.guard, move.effect), LANGUAGES):
        assert texts[lang].strip()
    assert move.before and move.after
    assert move.needs or move.by_rule, "nobody makes it"


def test_one_pair_of_states_is_said_once_but_for_the_removal_of_a_source() -> None:
    said = [(before, after) for move in TABLE for before in move.before for after in move.after]
    doubled = {pair for pair in said if said.count(pair) > 1}
    assert {after for _before, after in doubled} <= {State.CLOSED}


def test_every_open_case_can_end_and_every_state_is_reached() -> None:
    reached = {State.NEW, State.MERGED}
    while grown := {to for state in reached for to in MOVES[state]} - reached:
        reached |= grown
    assert reached == set(State)
    for state in OPEN:
        ends = {state}
        while more := {to for one in ends for to in MOVES[one]} - ends:
            ends |= more
        assert State.CLOSED in ends


def test_the_documentation_is_drawn_from_the_data() -> None:
    for name, drawings in diagrams.drawings(shipped()).items():
        page = (DOCS / name).read_text(encoding="utf-8")
        again = diagrams.redrawn(page, drawings)
        assert page == again, f"docs/{name} differs: python manage.py scheme diagram --write docs"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_move_stands_in_the_drawing(lang: str) -> None:
    drawn = diagrams.states(lang)
    for state, to in product(State, State):
        assert (f"{state} --> {to}:" in drawn) == (to in MOVES[state])


@pytest.mark.parametrize(("name", "lang"), list(product(["vdmmp-1", "usaf-1"], LANGUAGES)))
def test_every_node_duty_and_choice_of_a_scheme_stands_in_its_drawing(name: str, lang: str) -> None:
    scheme = shipped()[name]
    drawn = diagrams.scheme(scheme, lang)
    unbroken = drawn.replace("<br>", " ")
    for question in scheme.questions:
        assert f"{question.id} " in unbroken
        for choice in question.choices:
            for target in choice.goto:
                assert f"| {diagrams._id(target)}" in drawn
            assert choice.label[lang].replace(":", ",") in unbroken
    for rule in scheme.advices:
        assert all(duty.id in drawn for duty in rule.duties)
    for extension in scheme.extensions:
        assert extension.label[lang] in unbroken


def test_a_page_without_a_place_for_a_drawing_says_which() -> None:
    with pytest.raises(ValueError, match='no place for "states en"'):
        diagrams.redrawn("# a page", {"states en": "x"})
