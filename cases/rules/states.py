"""The states a case can be in, and which of them are open."""

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
