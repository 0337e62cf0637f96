"""The moves of a case as one table: what each is called, who makes it, on what condition, what it does.

The words are data (moves.toml). `workflow.MOVES` is derived from the table, and docs/states.md and the
page of the states are drawn from it (`manage.py scheme diagram`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.rules.permissions import Need
from cases.rules.scheme_types import Texts
from cases.rules.states import State

RULE = "rule"
"""A move that no person makes: the machine does it, by a rule that people set."""

MOVES_FILE = Path(__file__).parent / "moves.toml"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: from each state of `before` to each of `after`.

    `needs` of those who may make it, one is enough; `by_rule`: the machine makes it too. `guard` says
    what must hold, `effect` what else happens in the same transaction.
    """

    before: tuple[State, ...]
    after: tuple[State, ...]
    needs: tuple[Need, ...]
    by_rule: bool
    name: Texts
    guard: Texts
    effect: Texts


def read(table: Mapping[str, Any]) -> tuple[Move, ...]:
    """The table in a parsed document. Raises ValueError or KeyError for what it does not know."""
    return tuple(_move(row) for row in table["moves"])


def _move(row: Mapping[str, Any]) -> Move:
    return Move(
        before=tuple(State(name) for name in row["before"]),
        after=tuple(State(name) for name in row["after"]),
        needs=tuple(Need[name.upper()] for name in row["by"] if name != RULE),
        by_rule=RULE in row["by"],
        name=row["name"],
        guard=row["guard"],
        effect=row["effect"],
    )


TABLE = read(tomllib.loads(MOVES_FILE.read_text(encoding="utf-8")))
