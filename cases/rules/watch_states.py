"""In which state a watch is, for everybody who shows or counts watches: one function, used everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ATTENTION = 1


class WatchState(StrEnum):
    """In the order in which they ask for somebody's eyes."""

    WORSENED = "worsened"
    BLIND = "blind"
    DUE = "due"
    RISING = "rising"
    ACKNOWLEDGED = "acknowledged"
    PAUSED = "paused"
    ACTIVE = "active"
    ENDED = "ended"


ORDER = tuple(WatchState)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a watch. `rings`: its alarm is open and nobody has it; `is_taken`: somebody has."""

    level: int
    next_check_at: datetime
    ended_at: datetime | None = None
    paused_until: datetime | None = None
    blind_since: datetime | None = None
    rings: bool = False
    is_taken: bool = False


def state_of(facts: Facts, *, now: datetime) -> WatchState:
    """The one state that says most; see `conditions` for all that hold.

    An alarm goes before everything, for it rings; then what cannot be seen, so that nobody takes silence for
    calm, also in a pause. A pause goes before a check that is due: that is told apart from it.
    """
    found = conditions(facts, now=now)
    return next(state for state in _FIRST if state in found)


def conditions(facts: Facts, *, now: datetime) -> frozenset[WatchState]:
    """Every state that holds at this moment: a paused watch can be blind, and a taken one due."""
    if facts.ended_at is not None and facts.ended_at <= now:
        return frozenset({WatchState.ENDED})
    held = {
        WatchState.WORSENED: facts.rings,
        WatchState.BLIND: facts.blind_since is not None,
        WatchState.ACKNOWLEDGED: facts.is_taken and not facts.rings,
        WatchState.PAUSED: facts.paused_until is not None and facts.paused_until > now,
        WatchState.DUE: facts.next_check_at <= now,
        WatchState.RISING: facts.level >= ATTENTION,
        WatchState.ACTIVE: True,
    }
    return frozenset(state for state, holds in held.items() if holds)


_FIRST = (
    WatchState.ENDED,
    WatchState.WORSENED,
    WatchState.BLIND,
    WatchState.ACKNOWLEDGED,
    WatchState.PAUSED,
    WatchState.DUE,
    WatchState.RISING,
    WatchState.ACTIVE,
)
