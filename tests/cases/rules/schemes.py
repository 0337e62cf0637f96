"""The shipped schemes as tables that a test may spoil, and small steps through them."""

import copy
import tomllib
from typing import Any

from cases.rules.scheme import Advice, Question, Scheme, next_step, shipped
from cases.rules.scheme_load import SCHEMES

MAIN = "vdmmp-1"


def main_scheme() -> Scheme:
    return shipped()[MAIN]


def table(name: str = MAIN) -> dict[str, Any]:
    return copy.deepcopy(tomllib.loads((SCHEMES / f"{name}.toml").read_text(encoding="utf-8")))


def part(rows: list[dict[str, Any]], part_id: str) -> dict[str, Any]:
    return next(row for row in rows if row["id"] == part_id)


def question(**answers: str) -> Question:
    step = next_step(main_scheme(), answers)
    assert isinstance(step, Question), step
    return step


def advice(answers: dict[str, str]) -> Advice:
    step = next_step(main_scheme(), answers)
    assert isinstance(step, Advice), step
    return step


def negative(categories: str, **more: str) -> Advice:
    return advice({"Q1": "negative", "Q2": categories, **more})


def mixed(categories: str, **more: str) -> Advice:
    return advice({"Q1": "mixed", "Q2": categories, **more})


def needs(found: Advice) -> dict[str, tuple[str, ...]]:
    return {option.id: option.requires for option in found.options}
