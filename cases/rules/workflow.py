"""From which state a case may go to which: derived from the table of moves, never written twice."""

from collections.abc import Mapping

from cases.rules.moves import TABLE
from cases.rules.states import OPEN as OPEN
from cases.rules.states import State as State

MOVES: Mapping[State, frozenset[State]] = {
    state: frozenset(to for move in TABLE if state in move.before for to in move.after) for state in State
}
