"""From signs to a level, and how a level rises, rests and falls (docs/watching.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    CALM = 0
    ATTENTION = 1
    WORSENING = 2
    SERIOUS = 3
    CRISIS = 4


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign ("S1" volume, "S2" negative volume, "S6" replies, …), 0 to 3, with its stored reason."""

    id: str
    level: int
    facts: Mapping[str, Any] = field(default_factory=dict)


REPLIES_60 = (10, 25, 60)
WORSENING_ALONE = frozenset({"S1", "S2", "S3", "S5", "S6"})  # S4, S7 and S8 only support another sign
SUPPORTS_VOLUME = frozenset({"S2", "S3", "S4", "S5", "S6", "S7"})
SPREADS = frozenset({"S3", "S4", "S5"})  # reach, a new platform, someone of influence
VOLUME = frozenset({"S1", "S2"})


def reply_sign(n_60: int, *, thresholds: tuple[int, int, int] = REPLIES_60) -> Sign:
    """S6: replies in the tree during the last 60 minutes."""
    level = sum(n_60 >= threshold for threshold in thresholds)
    return Sign("S6", level, {"n_60": n_60, "thresholds": list(thresholds)})


def level_of(
    signs: Iterable[Sign], *, hard_trigger: bool = False, blind: bool = False, floor: Level = Level.CALM
) -> Level:
    """The level that the signs ask for, never below `floor`, which a person set.

    `hard_trigger`: danger to life, a threat, doxxing or a call to gather, by a person's key or the
    cue list, as long as it stands. `blind`: the source has been out of sight for too long. CRISIS
    comes only from a person.
    """
    strongest: dict[str, int] = {}
    for sign in signs:
        strongest[sign.id] = max(sign.level, strongest.get(sign.id, 0))
    if hard_trigger or _is_serious(strongest):
        return max(Level.SERIOUS, floor)
    if blind or _is_worsening(strongest):
        return max(Level.WORSENING, floor)
    if any(strongest.values()):
        return max(Level.ATTENTION, floor)
    return floor


def crisis_is_proposed(level: Level | int, *, rang_at: datetime, is_taken: bool, now: datetime) -> bool:
    """Whether to propose a crisis to a person: a serious alarm rang two hours ago and nobody took it.

    `rang_at`: when the alarm reached this level, or rang again because taking it had run out. It stays a
    proposal: CRISIS itself comes from a person only.
    """
    return level == Level.SERIOUS and not is_taken and now - rang_at >= CRISIS_AFTER


def _at_least(signs: Mapping[str, int], ids: Iterable[str], level: int) -> bool:
    return any(signs.get(sign, 0) >= level for sign in ids)


def _is_serious(signs: Mapping[str, int]) -> bool:
    return any(level >= 3 for level in signs.values()) or (
        _at_least(signs, VOLUME, 2) and _at_least(signs, SPREADS, 1)
    )


def _is_worsening(signs: Mapping[str, int]) -> bool:
    return _at_least(signs, WORSENING_ALONE, 2) or (
        _at_least(signs, ("S1",), 1) and _at_least(signs, SUPPORTS_VOLUME, 1)
    )


# ── hysteresis ──────────────────────────────────────────────────────────────
REST = timedelta(minutes=30)  # at least this long in a level before going down
QUIET = {
    Level.ATTENTION: timedelta(minutes=60),
    Level.WORSENING: timedelta(minutes=60),
    Level.SERIOUS: timedelta(hours=3),
    Level.CRISIS: timedelta(hours=3),
}
AGAIN = timedelta(hours=24)
CRISIS_AFTER = timedelta(hours=2)  # so long a serious level may ring without anybody taking it
AGAIN_FACTOR = 1.5
MAX_TURNS = 4  # so many turns up and down within FLAP: hold the highest
FLAP = timedelta(hours=24)
FREEZE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Told:
    """When a level was last notified, and the highest 60-minute count since."""

    at: datetime
    peak_n: int


@dataclass(frozen=True, slots=True)
class LevelState:
    """Where one watch stands. Bounded: at most four of everything."""

    level: Level = Level.CALM
    since: datetime | None = None
    peak_n: int = 0  # highest 60-minute count of this alarm; below WORSENING: since the watch was last calm
    below_since: Mapping[Level, datetime] = field(default_factory=dict)  # rule of that level false since
    told: Mapping[Level, Told] = field(default_factory=dict)
    turns: tuple[datetime, ...] = ()  # changes of direction within FLAP: at most four
    rising: bool = False  # the last change was upward
    held: bool = False  # flapping: the highest level is held

    def to_json(self) -> dict[str, Any]:
        return {
            "level": int(self.level),
            "since": self.since and self.since.isoformat(),
            "peak_n": self.peak_n,
            "below_since": {str(int(level)): at.isoformat() for level, at in self.below_since.items()},
            "told": {
                str(int(level)): [told.at.isoformat(), told.peak_n] for level, told in self.told.items()
            },
            "turns": [at.isoformat() for at in self.turns],
            "rising": self.rising,
            "held": self.held,
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> LevelState:
        """Read what `to_json` wrote; {} is a calm new watch."""
        if not stored:
            return LevelState()
        read = datetime.fromisoformat
        return LevelState(
            level=Level(stored["level"]),
            since=read(stored["since"]) if stored["since"] else None,
            peak_n=stored["peak_n"],
            below_since={Level(int(level)): read(at) for level, at in stored["below_since"].items()},
            told={Level(int(level)): Told(read(at), n) for level, (at, n) in stored["told"].items()},
            turns=tuple(read(at) for at in stored["turns"]),
            rising=stored["rising"],
            held=stored["held"],
        )


def step(state: LevelState, wanted: Level, *, n_60: int, now: datetime) -> tuple[LevelState, bool]:
    """The next state, and whether to notify: up at once, down one level at a time and late.

    `wanted` is what `level_of` says now (it holds a person's floor, so no level falls below it);
    `n_60` the posts of the last 60 minutes. Call it at every post and every closing bucket. Only
    WORSENING and higher notify.
    """
    state = _seen(state, wanted, n_60=n_60, now=now)
    if wanted > state.level:
        return _rise(state, wanted, n_60=n_60, now=now)
    if wanted < state.level and _may_fall(state, n_60=n_60, now=now):
        return _fall(state, now=now)
    return state, False


def _seen(state: LevelState, wanted: Level, *, n_60: int, now: datetime) -> LevelState:
    """Bring peaks, quiet clocks and the window of turns up to date."""
    told = {
        level: replace(told, peak_n=max(told.peak_n, n_60)) if level <= state.level else told
        for level, told in state.told.items()
    }
    turns = tuple(at for at in state.turns if now - at < FLAP)
    return replace(
        state,
        peak_n=n_60 if state.level is Level.CALM else max(state.peak_n, n_60),
        below_since={level: state.below_since.get(level, now) for level in QUIET if level > wanted},
        told=told,
        turns=turns,
        held=state.held and len(turns) >= MAX_TURNS - 1,
    )


def _rise(state: LevelState, wanted: Level, *, n_60: int, now: datetime) -> tuple[LevelState, bool]:
    turns = state.turns if state.rising else (*state.turns, now)[-MAX_TURNS:]
    is_alarm = state.level < Level.WORSENING <= wanted  # an earlier alarm's peak says nothing of this one
    peak_n = n_60 if is_alarm else state.peak_n
    state = replace(state, level=wanted, since=now, peak_n=peak_n, rising=True, turns=turns)
    if wanted < Level.WORSENING or not _is_news(state.told.get(wanted), n_60=n_60, now=now):
        return state, False
    told = dict(state.told)
    for level in Level:
        if Level.WORSENING <= level <= wanted:  # who was told of the higher level knows of the lower
            told[level] = Told(now, n_60)
    return replace(state, told=told), True


def _is_news(told: Told | None, *, n_60: int, now: datetime) -> bool:
    return told is None or now - told.at >= AGAIN or n_60 >= AGAIN_FACTOR * max(told.peak_n, 1)


def _may_fall(state: LevelState, *, n_60: int, now: datetime) -> bool:
    quiet_since = state.below_since.get(state.level)
    if quiet_since is None or now - quiet_since < QUIET[state.level]:
        return False
    if state.since is not None and now - state.since < REST:
        return False
    # Attention rang nowhere: there is no alarm of which half must be over.
    return state.level < Level.WORSENING or n_60 == 0 or 2 * n_60 < state.peak_n


def _fall(state: LevelState, *, now: datetime) -> tuple[LevelState, bool]:
    turns = (*state.turns, now) if state.rising else state.turns
    if state.held or len(turns) >= MAX_TURNS:
        return replace(state, held=True), False
    return replace(state, level=Level(state.level - 1), since=now, rising=False, turns=turns), False


def is_frozen(state: LevelState, *, now: datetime) -> bool:
    """Whether the baseline may not learn: a level is up, for at most a day.

    After that day it learns again, clipped, so that a lasting change becomes usual in time.
    """
    if state.level < Level.WORSENING or not state.since:
        return False
    return now - state.since < FREEZE
