"""How near the words of a post come to a claim: pure, for who asked which claim a post makes.

Two measures, the better one counts. The words of the statement: how many of those that carry meaning stand
in the text, in any order, with whatever ending. The posts that carry the claim: how many words and runs of
words the texts share. A denial and its opposite are about the same claim, but they are less near.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cases.suggestions.stories import NEGATIONS, Story, similarity, story_of

NEAR = 0.5
"""From here on a post is shown as one that may make the claim: a person says whether it does."""

STEM, FEWEST = 6, 2
"""Letters by which two words are the same whatever their ending, and how many words must be the same."""

OPPOSITE = 0.8
"""What is left of nearness when one denies and the other does not."""

_STOP = frozenset(
    (
        "de het een en of in op aan van voor met bij uit over onder naar tot om te er is zijn was waren "
        "wordt worden werd heeft hebben had ik je jij u we wij ze zij hij hun hen ons onze mijn dat die dit "
        "deze daar hier nu al nog ook maar dan dus als want wel zo wat wie waar hoe kan kunnen moet moeten "
        "zal zou zullen mag door rond tegen the a an and or in on at of for with by from over under to is "
        "are was were be been has have had i you we they he she it its our your their my this that these "
        "those there here now also but then so if as what who where how can could must should will would "
        "may not "
    ).split()
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_ADDRESS = re.compile(r"https?:\S*|www\.\S+|@[\w.-]+")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it is compared with claims."""

    stems: frozenset[str]
    story: Story
    denies: bool


def words_of(text: str) -> Words:
    told = _ADDRESS.sub(" ", text.casefold())
    words = _WORD.findall(told)
    stems = frozenset(word[:STEM] for word in words if len(word) > 2 and word not in _STOP | NEGATIONS)
    return Words(stems, story_of(text), any(word in NEGATIONS for word in words))


def nearness(post: Words, statement: Words, carriers: Iterable[Words] = ()) -> float:
    """How near a post comes to a claim and to posts that carry it, 0 to 1."""
    best = _covered(post, statement)
    for each in carriers:
        best = max(best, similarity(post.story, each.story), _shared(post, each))
    return best


def nearest(post: Words, claims: Sequence[tuple[int, Words, Collection[Words]]]) -> list[tuple[float, int]]:
    """The claims (number, statement, posts that carry it) that a post may make, nearest first."""
    found = ((nearness(post, statement, carriers), number) for number, statement, carriers in claims)
    return sorted((each for each in found if each[0] >= NEAR), key=lambda each: (-each[0], each[1]))


def _covered(post: Words, statement: Words) -> float:
    """The share of the words of the statement that the post has."""
    common = post.stems & statement.stems
    if len(common) < min(FEWEST, len(statement.stems)) or not common:
        return 0.0
    return len(common) / len(statement.stems) * (1 if post.denies == statement.denies else OPPOSITE)


def _shared(one: Words, other: Words) -> float:
    """What two posts have in common: the share of the shorter one, less for what they do not share."""
    common = one.stems & other.stems
    if len(common) <= FEWEST:
        return 0.0
    shorter, together = min(len(one.stems), len(other.stems)), len(one.stems | other.stems)
    both = (len(common) / shorter + len(common) / together) / 2
    return both * (1 if one.denies == other.denies else OPPOSITE)
