"""Both shipped schemes are sound: every duty is reachable, and every walk ends in an advice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.scheme import (
    SEPARATOR,
    Advice,
    Question,
    UnknownAnswer,
    extension_advice,
    next_step,
    problems,
    routes,
    shipped,
)
from tests.cases.rules.schemes import main_scheme

DUTIES = [f"A1.{n}" for n in range(1, 5)] + [f"A2.{n}" for n in range(1, 7)]
DUTIES += [f"A3.{n}" for n in range(1, 5)] + [f"A4.{n}" for n in range(1, 5)] + ["P1", "P2", "P3", "P+"]

NODES = ["Q1", "Q2", "Q2b_liked", "A1", "A2", "A3", "A4", "P1", "P2", "P3", "P+"]


@pytest.mark.parametrize("name", ["vdmmp-1", "usaf-1"])
def test_a_shipped_scheme_has_no_problems(name: str) -> None:
    assert problems(shipped()[name]) == []


@pytest.mark.parametrize("duty", DUTIES)
def test_every_duty_is_reachable_in_both_languages(duty: str) -> None:
    ends = [next_step(main_scheme(), answers) for answers in routes(main_scheme())]
    found = [each for end in ends if isinstance(end, Advice) for each in end.duties if each.id == duty]
    assert found
    for texts in (found[0].text, found[0].decided_by, found[0].recorded_as):
        assert texts["nl"].strip() and texts["en"].strip()


def test_no_duty_of_the_source_is_missing_from_the_promises() -> None:
    assert set(main_scheme().promises) >= {*DUTIES, *NODES, "N0", "G0"}


@pytest.mark.parametrize("node", NODES)
def test_every_node_is_on_a_route(node: str) -> None:
    met: set[str] = set()
    for answers in routes(main_scheme()):
        end = next_step(main_scheme(), answers)
        assert isinstance(end, Advice)
        met |= {*answers, *end.nodes}
    assert node in met


def test_the_routes_hold_single_flags_and_pairs_each_once() -> None:
    found = [tuple(answers.items()) for answers in routes(main_scheme())]
    flags = {dict(answers).get("Q2") for answers in found}
    assert len(found) == len(set(found))
    assert flags >= {"none", "untruth", "insult+dissatisfied", "untruth+dissatisfied"}


@pytest.mark.parametrize("name", ["vdmmp-1", "usaf-1"])
@given(data=st.data())
def test_any_sequence_of_offered_answers_ends_in_an_advice(name: str, data: st.DataObject) -> None:
    scheme = shipped()[name]
    answers: dict[str, str] = {}
    flagged: set[str] = set()
    for _ in range(len(scheme.questions)):
        step = next_step(scheme, answers)
        if isinstance(step, Advice):
            break
        free = [choice.id for choice in step.choices if not choice.exclusive]
        most = len(free) if step.kind == "many" else 1
        several = st.lists(st.sampled_from(free), min_size=1, max_size=most, unique=True)
        alone = st.sampled_from([[choice.id] for choice in step.choices])
        chosen = data.draw(st.one_of(several, alone))
        answers[step.id] = SEPARATOR.join(chosen)
        flagged |= {choice.category for choice in step.choices if choice.id in chosen and choice.category}
    end = next_step(scheme, answers)
    assert isinstance(end, Advice)
    assert set(end.categories) == flagged
    assert end.options and end.duties
    assert end.preselected is None or end.preselected in {option.id for option in end.options}


@given(answers=st.dictionaries(st.sampled_from(["Q1", "Q2", "Q2b_liked", "P+"]), st.text(max_size=12)))
def test_any_other_answer_is_refused_and_nothing_else_goes_wrong(answers: dict[str, str]) -> None:
    offered = {c.id for question in main_scheme().questions for c in question.choices}
    try:
        step = next_step(main_scheme(), answers)
    except UnknownAnswer:
        return
    assert isinstance(step, Question | Advice)
    assert all(set(answer.split(SEPARATOR)) <= offered for answer in answers.values())


def test_every_exit_leads_to_an_advice_or_needs_none() -> None:
    behind = {e.id: extension_advice(main_scheme(), e.id) for e in main_scheme().extensions}
    assert {exit_id for exit_id, advice in behind.items() if advice} == {"question", "rumour"}
