"""Cue words in a post: danger, threat, exposure of a home, a call to gather, insult, complaint."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("cues.toml")
GAP = r"(?:\W+\w+){0,4}?\W+"  # " ... " in a phrase: up to four other words
WORD = re.compile(r"\w+")
HEAD = 4  # letters of a word with a star that must be there
ANYTHING = ""  # the anchor of a phrase without one: every text has it
APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
LONGEST = 100
SHORTEST_STEM = 3
LETTERS_THAT_TRIGGER = 6


class CueKind(StrEnum):
    DANGER = "danger"
    THREAT = "threat"
    DOXXING = "doxxing"
    GATHERING = "gathering"
    INSULT = "insult"
    COMPLAINT = "complaint"


HARD_TRIGGERS = frozenset({CueKind.DANGER, CueKind.THREAT, CueKind.DOXXING, CueKind.GATHERING})
WEIGHT: Mapping[CueKind, int] = {kind: place for place, kind in enumerate(CueKind)}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of a list, as somebody wrote it."""

    kind: CueKind
    words: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase found: its kind, the words of the post (normalised) that matched, and the phrase."""

    kind: CueKind
    found: str
    phrase: str = field(default="", compare=False)


class Unfit(StrEnum):
    """Why a phrase cannot be used; the service makes the sentence."""

    NO_WORDS = "is not a phrase"
    STAR = "a star may only end a word"
    STEM = "a star needs three letters before it"
    LONG = "is too long"
    SHORT = "is too short for a kind that triggers at once"


class CuesInvalid(Exception):
    """A cue list that cannot be used; says where, and of a phrase why (`unfit`)."""

    def __init__(self, where: str, why: str, *, unfit: Unfit | None = None) -> None:
        super().__init__(where, why)
        self.where, self.why, self.unfit = where, why, unfit

    def __str__(self) -> str:
        return f"Cue list, {self.where}: {self.why}."


@dataclass(frozen=True, slots=True)
class _Entry:
    phrase: Phrase
    pattern: str
    needs: frozenset[str]  # words, and heads of words with a star, that a text must have


@dataclass(frozen=True, slots=True)
class CueList:
    """Phrases compiled, each kept under one of its words: its anchor.

    Every post that is heard passes here, and most hold no cue: a phrase is only searched for when its
    anchor is a word of the text (or the first letters of one, where the phrase has a star).
    """

    by_anchor: Mapping[str, tuple[_Entry, ...]]
    languages: frozenset[str] = frozenset()

    def find(self, text: str, kinds: Collection[CueKind] = tuple(CueKind)) -> tuple[Cue, ...]:
        """Every phrase of these kinds in a text, once: by weight of its kind, then in order of the text."""
        words = normalised(text)
        found = [
            (
                WEIGHT[phrase.kind],
                match.start(),
                Cue(phrase.kind, " ".join(match.group().split()), phrase.words),
            )
            for phrase, match in self._matches(words, kinds)
        ]
        return tuple(dict.fromkeys(cue for *_place, cue in sorted(found, key=lambda each: each[:2])))

    def has(self, text: str, kinds: Collection[CueKind]) -> bool:
        """Whether any phrase of these kinds is in a text."""
        return next(self._matches(normalised(text), kinds), None) is not None

    def phrases_in(self, text: str) -> tuple[Phrase, ...]:
        """Every phrase that is in a text, also those of which another found the same words."""
        return tuple(phrase for phrase, _match in self._matches(normalised(text), tuple(CueKind)))

    def _matches(self, words: str, kinds: Collection[CueKind]) -> Iterator[tuple[Phrase, re.Match[str]]]:
        present = set(WORD.findall(words))
        present |= {word[:HEAD] for word in present}
        present.add(ANYTHING)
        for anchor in present & self.by_anchor.keys():
            for entry in self.by_anchor[anchor]:
                if entry.needs <= present and entry.phrase.kind in kinds:
                    match = _searched(entry.pattern).search(words)
                    if match:
                        yield entry.phrase, match


def normalised(text: str) -> str:
    """NFC, case folded, straight apostrophes: so that the same word is the same string."""
    if text.isascii():  # most are, and NFC and folding are slow
        return text.lower().replace("`", "'")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).translate(APOSTROPHES)


def compiled(phrases: Iterable[Phrase]) -> CueList:
    """Phrases as a list that finds them. Raises CuesInvalid with the kind and phrase that is wrong."""
    by_anchor: dict[str, list[_Entry]] = {}
    languages = set()
    for phrase in phrases:
        pattern = rf"(?<!\w){_pattern(phrase.kind, phrase.words)}(?!\w)"
        needs = _needs(phrase.words)
        by_anchor.setdefault(_anchor(needs), []).append(_Entry(phrase, pattern, needs))
        languages.add(phrase.language)
    return CueList({anchor: tuple(each) for anchor, each in by_anchor.items()}, frozenset(languages))


@cache
def _searched(pattern: str) -> re.Pattern[str]:
    """Compiled when a text may hold it for the first time: most phrases are never met."""
    return re.compile(pattern)


def written(words: str) -> str:
    """A phrase as it is kept: small letters, single spaces, straight apostrophes."""
    return " ".join(normalised(words).split())


def check(kind: CueKind, words: str) -> None:
    """Refuse a phrase that somebody wants to add. Raises CuesInvalid with `unfit`.

    Stricter than the compiler: a phrase that triggers at once must not be one short word.
    """
    if len(words) > LONGEST:
        raise CuesInvalid(kind, f"{words[:20]!r}… {Unfit.LONG}", unfit=Unfit.LONG)
    compiled([Phrase(kind, words)])
    letters = max(len(run) for run in WORD.findall(words))
    if kind in HARD_TRIGGERS and " " not in written(words) and letters < LETTERS_THAT_TRIGGER:
        raise CuesInvalid(kind, f"{words!r} {Unfit.SHORT}", unfit=Unfit.SHORT)


def load(toml_text: str) -> CueList:
    """Read an edited list. Raises CuesInvalid with the kind and phrase that is wrong."""
    return compiled(phrases_of(toml_text))


def phrases_of(toml_text: str) -> tuple[Phrase, ...]:
    """The phrases of a list as text, in its order. Raises CuesInvalid."""
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise CuesInvalid("file", f"not TOML ({error})") from error
    unknown = sorted(set(tables) - set(CueKind))
    if unknown:
        raise CuesInvalid(unknown[0], f"unknown kind; known: {', '.join(CueKind)}")
    return tuple(phrase for kind in CueKind for phrase in _phrases(kind, tables.get(kind, {})))


def _phrases(kind: CueKind, languages: object) -> Iterable[Phrase]:
    if not isinstance(languages, dict) or not all(isinstance(part, list) for part in languages.values()):
        raise CuesInvalid(kind, "expected a list of phrases per language, such as nl = [...]")
    for language, phrases in languages.items():
        for phrase in phrases:
            if not isinstance(phrase, str):
                raise CuesInvalid(kind, f"{phrase!r} is not a phrase", unfit=Unfit.NO_WORDS)
            yield Phrase(kind, phrase, language)


def _pattern(kind: CueKind, phrase: str) -> str:
    """One phrase as a regular expression; the words themselves are literal."""
    if not WORD.search(phrase):
        raise CuesInvalid(kind, f"{phrase!r} is not a phrase", unfit=Unfit.NO_WORDS)
    parts = [
        r"\W+".join(_word(kind, phrase, word) for word in part.split())
        for part in normalised(phrase).split(" ... ")
    ]
    if not all(parts):
        raise CuesInvalid(kind, f"{phrase!r} is not a phrase", unfit=Unfit.NO_WORDS)
    return GAP.join(parts)


def _needs(phrase: str) -> frozenset[str]:
    """The words that a text must hold to hold the phrase, and the first letters of those with a star."""
    runs = re.findall(r"(\w+)(\*?)", normalised(phrase))
    return frozenset(run[:HEAD] if star else run for run, star in runs if not star or len(run) >= HEAD)


def _anchor(needs: frozenset[str]) -> str:
    """The word to keep a phrase under: its longest, for long words are rare."""
    return max(sorted(needs), key=len, default=ANYTHING)


def _word(kind: CueKind, phrase: str, word: str) -> str:
    stem = word.removesuffix("*")
    if not stem or "*" in stem:
        raise CuesInvalid(kind, f"in {phrase!r} {Unfit.STAR}", unfit=Unfit.STAR)
    if stem != word and len(stem) < SHORTEST_STEM:
        raise CuesInvalid(kind, f"in {phrase!r} {Unfit.STEM}", unfit=Unfit.STEM)
    return re.escape(stem) + (r"\w*" if stem != word else "")


@cache
def shipped_phrases() -> tuple[Phrase, ...]:
    return phrases_of(SHIPPED.read_text(encoding="utf-8"))


@cache
def shipped() -> CueList:
    """The list that comes with the product (cues.toml)."""
    return compiled(shipped_phrases())


def cues(text: str) -> tuple[Cue, ...]:
    """The shipped list's cues in a text."""
    return shipped().find(text)


def has_hard_trigger(text: str) -> bool:
    """Whether a text holds a cue of the shipped list that raises the level at once."""
    return shipped().has(text, HARD_TRIGGERS)


def is_hard_trigger(found: tuple[Cue, ...]) -> bool:
    """Whether one of these cues raises the level at once."""
    return any(cue.kind in HARD_TRIGGERS for cue in found)
