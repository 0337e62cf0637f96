"""The cue list that counts now: the shipped phrases with what this organisation added and switched off."""

import time
from dataclasses import dataclass, field

from cases.models import CuePhrase
from cases.rules.cues import (
    HARD_TRIGGERS,
    Cue,
    CueKind,
    CueList,
    CuesInvalid,
    Phrase,
    compiled,
    shipped,
    shipped_phrases,
    written,
)

KNOWN_FOR_S = 3.0
"""So long a process goes by the list it read: intake asks for it at every post."""

Row = tuple[str, str, str, bool]


@dataclass(slots=True)
class _Known:
    """The list as this process read it last; compiled again only when a row changed."""

    read_at: float = float("-inf")
    rows: tuple[Row, ...] = ()
    found: CueList = field(default_factory=shipped)


_known = _Known()


def current() -> CueList:
    """The phrases in use."""
    if time.monotonic() - _known.read_at > KNOWN_FOR_S:
        rows = tuple(
            CuePhrase.objects.order_by("kind", "phrase").values_list(
                "kind", "language", "phrase", "is_active"
            )
        )
        if rows != _known.rows:
            _known.found = compiled(in_use(rows)) if rows else shipped()
            _known.rows = rows
        _known.read_at = time.monotonic()
    return _known.found


def in_use(rows: tuple[Row, ...]) -> list[Phrase]:
    """The shipped phrases that nobody switched off, and those that were added."""
    off = {(kind, phrase) for kind, _language, phrase, is_active in rows if not is_active}
    kept = [each for each in shipped_phrases() if (each.kind, written(each.words)) not in off]
    known = {(each.kind, written(each.words)) for each in kept}
    added = (
        Phrase(CueKind(kind), phrase, language)
        for kind, language, phrase, is_active in rows
        if is_active and (kind, phrase) not in known
    )
    return kept + [each for each in added if _is_usable(each)]


def cues(text: str) -> tuple[Cue, ...]:
    """The cues in a text, by the list that counts now."""
    return current().find(text)


def has_hard_trigger(text: str) -> bool:
    """Whether a text holds a cue that raises the level at once, by the list that counts now."""
    return current().has(text, HARD_TRIGGERS)


def forget() -> None:
    """Read the list anew at the next question: it has just been changed here."""
    _known.read_at = float("-inf")


def _is_usable(phrase: Phrase) -> bool:
    """A row that no release of ours could read any more must not stop intake."""
    try:
        compiled([phrase])
    except CuesInvalid:
        return False
    return True
