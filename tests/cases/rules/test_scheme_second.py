"""A scheme of another shape runs on the same walk: yes or no, one question after another."""

import pytest

from cases.rules.scheme import Advice, Question, next_step, shipped


def test_the_second_scheme_asks_one_thing_after_another() -> None:
    scheme = shipped()["usaf-1"]
    answers: dict[str, str] = {}
    asked = []
    while isinstance(step := next_step(scheme, answers), Question):
        asked.append(step.id)
        answers[step.id] = "no"
    assert asked == ["Q1", "Q2", "Q3", "Q4", "Q5"]
    assert step.nodes == ("EVALUATE",)
    assert len(scheme.elements) == 5


@pytest.mark.parametrize(
    ("yes_at", "nodes", "preselected"),
    [
        ("Q1", ("CONCUR",), None),
        ("Q2", ("TROLL",), "watch"),
        ("Q3", ("RAGER",), "watch"),
        ("Q4", ("FIX",), "reply_public"),
        ("Q5", ("RESTORE",), "reply_public"),
    ],
)
def test_the_second_scheme_ends_where_the_first_yes_is(
    yes_at: str, nodes: tuple[str, ...], preselected: str | None
) -> None:
    before = [f"Q{n}" for n in range(1, int(yes_at[1]))]
    found = next_step(shipped()["usaf-1"], dict.fromkeys(before, "no") | {yes_at: "yes"})
    assert isinstance(found, Advice)
    assert (found.nodes, found.preselected) == (nodes, preselected)
