"""What open cases of a situation wait for, and which ways they can go when it is closed. Pure."""

from enum import StrEnum

from cases.rules.states import State


class Group(StrEnum):
    """Open cases that are asked about together, in the order in which the page asks."""

    ALARMED = "alarmed"
    DANGER = "danger"
    PROMISED = "promised"
    WRITING = "writing"
    WATCHED = "watched"
    COMMS = "comms"
    JUDGED = "judged"
    ANSWERED = "answered"
    UNREAD = "unread"


class Way(StrEnum):
    """Where they go: closed with the reason, or back to the inbox with their ordinary clock."""

    CLOSE = "close"
    INBOX = "inbox"


CLOSABLE = frozenset({Group.UNREAD, Group.JUDGED, Group.ANSWERED})
"""The others are looked at one by one: they go on as they are, outside the situation."""

_BY_STATE = {
    State.NEW: Group.UNREAD,
    State.ASSESSED: Group.JUDGED,
    State.DRAFTING: Group.WRITING,
    State.APPROVAL: Group.WRITING,
    State.SENDING: Group.WRITING,
    State.RESPONDED: Group.ANSWERED,
    State.WATCHING: Group.WATCHED,
    State.COMMS: Group.COMMS,
}


def group_of(state: State, *, is_urgent: bool) -> Group:
    """The group of an open case that nothing holds back; what is urgent is never closed with others."""
    return Group.DANGER if is_urgent else _BY_STATE[state]
