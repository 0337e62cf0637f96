"""Which posts count as negative: by what a person judged, or else by the words of the cue list."""

from __future__ import annotations

from dataclasses import dataclass

NOT_NEGATIVE = frozenset({"positive", "neutral", "question", "not_relevant"})
"""What a judged post can be without being negative; every other category says what is wrong."""

READABLE = frozenset({"nl", "en"})
"""Languages of the shipped cue list: of a post in another one, silence of the list says nothing."""


@dataclass(frozen=True, slots=True)
class Tone:
    """What is known of one post."""

    is_judged: bool
    is_cued: bool  # not judged, and the list found something
    is_negative: bool
    is_readable: bool


def tone_of(category: str, *, cue: str, is_readable: bool) -> Tone:
    """The tone of a post judged as `category` ("" = not yet) in which the list found `cue` ("" = nothing).

    What a person judged goes before what the list found.
    """
    is_judged, has_cue = bool(category), bool(cue)
    is_negative = category not in NOT_NEGATIVE if is_judged else has_cue
    return Tone(is_judged, has_cue and not is_judged, is_negative, is_judged or has_cue or is_readable)


def is_readable(language: str) -> bool:
    return language.partition("-")[0].lower() in READABLE
