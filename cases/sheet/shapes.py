"""The sheet of a picture as it is read: parts with rows of whole sentences, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name, and in words what it was."""

    name: str
    value: str
    change: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on the sheet. `said`: words of the public; `case` where it comes from (0: no case)."""

    text: str
    meta: str = ""
    said: str = ""
    case: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the sheet. `more[n]` is the sentence for n rows that stand in the annex only."""

    title: str
    intro: str
    rows: Sequence[Row]
    more: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """Posts over time: the sentence that says the same, and the columns."""

    sentence: str
    labels: Sequence[str]
    counts: Sequence[int]
    heads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person advises. `carried`: since which picture the text stands unchanged, "" = it is new."""

    name: str
    title: str
    text: str
    carried: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """An environment picture in one language. `words` are the fixed ones of the layout."""

    lang: str
    title: str
    summary: str
    status: str
    is_signed: bool
    figures: Sequence[Figure]
    chart: Chart
    facts: Part
    rumours: Part
    emotions: Part
    topics: Part
    answered: Part
    alarms: Part
    duties: Part
    sources: Part
    changes: Part
    advice: Sequence[Advice]
    coverage: str
    signature: str
    foot: str
    words: dict[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> Sequence[Part]:
        """All parts in reading order."""
        return (
            *(self.changes, self.facts, self.rumours, self.emotions, self.topics),
            *(self.answered, self.alarms, self.duties, self.sources),
        )
