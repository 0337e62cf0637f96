"""The states of a case and the moves between them, as one table (docs/scheme.md maps nodes to states)."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    ASSESSED = "assessed"
    DRAFTING = "drafting"
    APPROVAL = "approval"
    SENDING = "sending"
    RESPONDED = "responded"
    WATCHING = "watching"
    COMMS = "comms"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"


OPEN = frozenset(
    {
        State.NEW,
        State.ASSESSED,
        State.DRAFTING,
        State.APPROVAL,
        State.SENDING,
        State.RESPONDED,
        State.WATCHING,
        State.COMMS,
    }
)
"""Somebody still has something to do, or may have."""

_MOVES: dict[State, set[State]] = {
    State.NEW: {State.ASSESSED, State.DISMISSED, State.COMMS, State.MERGED, State.CLOSED},
    State.ASSESSED: {
        State.NEW,
        State.CLOSED,
        State.DRAFTING,
        State.WATCHING,
        State.COMMS,
        State.RESPONDED,
        State.MERGED,
    },
    State.DRAFTING: {
        State.ASSESSED,
        State.APPROVAL,
        State.SENDING,
        State.COMMS,
        State.RESPONDED,
        State.CLOSED,
        State.MERGED,
    },
    State.APPROVAL: {State.DRAFTING, State.SENDING, State.COMMS, State.CLOSED, State.MERGED},
    State.SENDING: {State.RESPONDED, State.DRAFTING},
    State.RESPONDED: {State.CLOSED, State.DRAFTING, State.WATCHING, State.NEW, State.COMMS, State.MERGED},
    State.WATCHING: {State.COMMS, State.NEW, State.CLOSED, State.MERGED},
    State.COMMS: {
        State.DRAFTING,
        State.WATCHING,
        State.CLOSED,
        State.NEW,
        State.RESPONDED,
        State.MERGED,
    },
    State.CLOSED: {State.NEW},
    State.DISMISSED: {State.NEW},
    State.MERGED: {State.NEW, State.ASSESSED, State.DRAFTING, State.WATCHING, State.COMMS, State.RESPONDED},
}

MOVES: Mapping[State, frozenset[State]] = {state: frozenset(to) for state, to in _MOVES.items()}
