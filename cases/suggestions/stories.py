"""Which posts tell the same story in nearly the same words: what a copy is, and a quick way to find one.

Pure and in memory: `leads.py` keeps an index in step with the database, which has the last word.
Source: docs/decisions/0006-how-copies-are-found.md
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rensa import RMinHash, RMinHashLSH

SIMILAR = 0.6
"""The share of shingles that two texts must have in common (Jaccard)."""

SHINGLE, SHORT = 3, 5
"""Words in a shingle, and the number of words below which only equal texts are copies."""

N_PERMUTATIONS, N_BANDS, SEED = 45, 15, 20260301
"""Bands of three: two texts that share 60 % meet in one of the bands 97 times in 100, equal ones always."""

NEAREST = 10
"""How many candidates are compared for real, the oldest first."""

MOST = 12_000
"""Stories kept in an index, about 1 KB each: the oldest make room."""

NEGATIONS = frozenset(
    "niet geen nooit niemand nergens niks niets nep onwaar onzin hoax no not never none nobody nothing fake "
    "false untrue cannot can't don't won't isn't aren't wasn't didn't doesn't".split()
)

_BY_WHOM = re.compile(
    r"https?:\S*|www\.\S+"  # an address; platforms shorten them, so a copy seldom has the same one
    r"|\b(?:rt|mt|via)\b\W{0,3}(?=@)"  # "RT @somebody:"
    r"|@[\w.-]+:?"
    r"|\bht{0,2}p?s?:?/{0,2}\s*(?:\.\.\.|…)\s*$",  # an address that was cut off
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Story:
    """A text as it is compared.

    `key`: what equal texts share; "" = nothing to compare. `claims`: what a copy may not change, its
    numbers, its denials and whether it asks: "the dike did not break" is no copy of "the dike broke".
    """

    key: str
    shingles: frozenset[str]
    claims: frozenset[str]


def story_of(text: str, *, conversation: str = "") -> Story:
    """What a post says, without who said it: case, addresses, names of accounts and points dropped.

    A short text is a copy of an equal text only, addresses included; `conversation` is the thread
    of a reply, since "Yes, thanks!" in two conversations says two things.
    """
    told = _BY_WHOM.sub(" ", text)
    words = _WORD.findall(told.casefold().replace("’", "'"))
    if len(words) < SHORT:
        plain = _SPACE.sub(" ", text).strip().casefold() if words else ""
        return Story(f"{conversation} {plain}" if plain else "", frozenset(), frozenset())
    shingles = frozenset(
        map(" ".join, zip(words, islice(words, 1, None), islice(words, 2, None), strict=False))
    )
    claims = {word for word in words if word in NEGATIONS or word.isdecimal()}
    if "?" in told:
        claims.add("?")
    return Story(" ".join(words), shingles, frozenset(claims))


def similarity(one: Story, other: Story) -> float:
    """The share of shingles in common, 0 to 1; 0 when one claims what the other does not."""
    if one.claims != other.claims or not one.key or not other.key:
        return 0.0
    if one.key == other.key:
        return 1.0
    common = len(one.shingles & other.shingles)
    return common / (len(one.shingles) + len(other.shingles) - common) if common else 0.0


def is_copy(one: Story, other: Story) -> bool:
    return similarity(one, other) >= SIMILAR


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an index keeps of a story: enough to find candidates, not to compare them."""

    key: int
    minhash: RMinHash | None


def sketches(stories: Sequence[Story]) -> list[Sketch]:
    """The sketches of many stories, made at once. A short story has no MinHash."""
    long = [story for story in stories if story.shingles]
    made = iter(RMinHash.from_token_sets([list(story.shingles) for story in long], N_PERMUTATIONS, SEED))
    return [
        Sketch(hash(story.key) if story.key else 0, next(made) if story.shingles else None)
        for story in stories
    ]


class StoryIndex:
    """Finds stories that may be nearly the same; the oldest make room. Not for several threads at once."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._bands = RMinHashLSH(SIMILAR, N_PERMUTATIONS, N_BANDS)
        self._by_key: dict[int, int] = {}
        self._known: dict[int, int] = {}  # the key of a short story, 0 for one in the bands

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, number: object) -> bool:
        return number in self._known

    def add(self, number: int, sketch: Sketch) -> None:
        """Know a story under a number; what cannot be compared is only counted as known."""
        self.remove(number)
        self._known[number] = sketch.key if sketch.minhash is None else 0
        if sketch.minhash is not None:
            self._bands.insert(number, sketch.minhash)
        elif sketch.key:
            self._by_key[sketch.key] = number
        if len(self._known) > self.most:
            self.remove(next(iter(self._known)))

    def remove(self, number: int) -> None:
        key = self._known.pop(number, None)
        if key is None:
            return
        if not key:
            self._bands.remove(number)
        elif self._by_key.get(key) == number:
            del self._by_key[key]

    def near(self, sketch: Sketch) -> list[int]:
        """Numbers of stories that may be nearly this one, at most NEAREST; the caller compares them."""
        if sketch.minhash is None:
            return [self._by_key[sketch.key]] if sketch.key in self._by_key else []
        return sorted(self._bands.query(sketch.minhash))[:NEAREST]
