"""Cue words in a post: danger, threat, exposure of a home, a call to gather, insult, complaint."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("cues.toml")
GAP = r"(?:\W+\w+){0,4}?\W+"  # " ... " in a phrase: up to four other words
WORD = re.compile(r"\w+")
HEAD = 4  # letters of a word with a star that must be there
ANYTHING = ""  # the anchor of a phrase without one: every text has it
APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})


class CueKind(StrEnum):
    DANGER = "danger"
    THREAT = "threat"
    DOXXING = "doxxing"
    GATHERING = "gathering"
    INSULT = "insult"
    COMPLAINT = "complaint"


HARD_TRIGGERS = frozenset({CueKind.DANGER, CueKind.THREAT, CueKind.DOXXING, CueKind.GATHERING})


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase found: its kind, and the words of the post (normalised) that matched."""

    kind: CueKind
    found: str


class CuesInvalid(Exception):
    """A cue list that cannot be used; says where."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where, self.why = where, why

    def __str__(self) -> str:
        return f"Cue list, {self.where}: {self.why}."


@dataclass(frozen=True, slots=True)
class CueList:
    """Phrases compiled to one pattern a kind; `anchors` holds one word of every phrase.

    Every post that is heard passes here, and most hold no cue: a kind is only searched when a
    text has one of its anchors (a word, or the first letters of one where the phrase has a star).
    """

    patterns: Mapping[CueKind, re.Pattern[str]]
    anchors: Mapping[CueKind, frozenset[str]]

    def find(self, text: str, kinds: Collection[CueKind] = tuple(CueKind)) -> tuple[Cue, ...]:
        """Every cue of these kinds in a text, kind by kind in order of weight, each phrase found once."""
        words = normalised(text)
        present = set(WORD.findall(words))
        present |= {word[:HEAD] for word in present} | {ANYTHING}
        found = dict.fromkeys(
            Cue(kind, " ".join(match.group().split()))
            for kind, pattern in self.patterns.items()
            if kind in kinds and not present.isdisjoint(self.anchors[kind])
            for match in pattern.finditer(words)
        )
        return tuple(found)


def normalised(text: str) -> str:
    """NFC, case folded, straight apostrophes: so that the same word is the same string."""
    if text.isascii():  # most are, and NFC and folding are slow
        return text.lower().replace("`", "'")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).translate(APOSTROPHES)


def load(toml_text: str) -> CueList:
    """Read an edited list. Raises CuesInvalid with the kind and phrase that is wrong."""
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise CuesInvalid("file", f"not TOML ({error})") from error
    unknown = sorted(set(tables) - set(CueKind))
    if unknown:
        raise CuesInvalid(unknown[0], f"unknown kind; known: {', '.join(CueKind)}")
    patterns, anchors = {}, {}
    for kind in CueKind:
        phrases = _phrases(kind, tables.get(kind, {}))
        if phrases:
            longest_first = sorted((_pattern(kind, phrase) for phrase in phrases), key=len, reverse=True)
            patterns[kind] = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")
            anchors[kind] = frozenset(_anchor(str(phrase)) for phrase in phrases)
    return CueList(patterns, anchors)


def _phrases(kind: CueKind, languages: object) -> list[object]:
    if not isinstance(languages, dict) or not all(isinstance(part, list) for part in languages.values()):
        raise CuesInvalid(kind, "expected a list of phrases per language, such as nl = [...]")
    return [phrase for phrases in languages.values() for phrase in phrases]


def _pattern(kind: CueKind, phrase: object) -> str:
    """One phrase as a regular expression; the words themselves are literal."""
    if not isinstance(phrase, str) or not re.search(r"\w", phrase):
        raise CuesInvalid(kind, f"{phrase!r} is not a phrase")
    parts = [
        r"\W+".join(_word(kind, phrase, word) for word in part.split())
        for part in normalised(phrase).split(" ... ")
    ]
    return GAP.join(parts)


def _anchor(phrase: str) -> str:
    """What a text must hold for the phrase to be in it: its longest word, or the head of one with a star.

    Of words that are as long the last one: the first is often an article or a pronoun.
    """
    whole, heads = [], []
    for run, star in re.findall(r"(\w+)(\*?)", normalised(phrase)):
        if not star:
            whole.append(run)
        elif len(run) >= HEAD:
            heads.append(run[:HEAD])
    return max(heads + whole[::-1], key=len, default=ANYTHING)


def _word(kind: CueKind, phrase: str, word: str) -> str:
    stem = word.removesuffix("*")
    if not stem or "*" in stem:
        raise CuesInvalid(kind, f"in {phrase!r} a star may only end a word")
    return re.escape(stem) + (r"\w*" if stem != word else "")


@cache
def shipped() -> CueList:
    """The list that comes with the product (cues.toml)."""
    return load(SHIPPED.read_text(encoding="utf-8"))


def cues(text: str) -> tuple[Cue, ...]:
    """The shipped list's cues in a text."""
    return shipped().find(text)


def has_hard_trigger(text: str) -> bool:
    """Whether a text holds a cue of the shipped list that raises the level at once."""
    return bool(shipped().find(text, HARD_TRIGGERS))


def is_hard_trigger(found: tuple[Cue, ...]) -> bool:
    """Whether one of these cues raises the level at once."""
    return any(cue.kind in HARD_TRIGGERS for cue in found)
