"""docs/failures.md names a test for every row of the catalogue of failures, and every one of them exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
N_ROWS = 21
SECTION = re.compile(r"^## (\d+)\. .+\n((?:(?!^## ).*\n?)*)", re.MULTILINE)
PROOF = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LINES = [
    (int(number), line)
    for number, body in SECTION.findall(PAGE)
    for line in body.splitlines()
    if line.startswith("| ") and not line.startswith("| What goes wrong")
]


@cache
def functions_of(path: str) -> set[str]:
    """The test functions of a file below `tests/`."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_of_the_catalogue_is_on_the_page() -> None:
    assert [int(number) for number, _ in SECTION.findall(PAGE)] == list(range(1, N_ROWS + 1))
    assert {number for number, _ in LINES} == set(range(1, N_ROWS + 1))


@pytest.mark.parametrize("line", [line for _, line in LINES], ids=lambda line: line[:60])
def test_what_goes_wrong_is_answered_and_proved_by_tests_that_exist(line: str) -> None:
    what, does, proofs = (cell.strip() for cell in line.strip("|").split("|"))
    assert what and does
    named = PROOF.findall(proofs)
    assert named, "no test is named"
    assert len(named) == proofs.count("<br>") + 1, "something else stands among the tests"
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []
