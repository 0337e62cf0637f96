"""What an exercise comes to: what people did, held against what the writer of the incident had in mind.

Pure: it gets lines and gives figures. Seconds are those of the people, not of the story. A near-copy is
not counted: it follows the post that it repeats.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from typing import Any

KEPT_AS = "score.json"
FORMAT = 1

EXITS = frozenset({"neutral", "question", "not_relevant", "rumour"})
LATER = "later"
DANGER = "danger"
ANSWERED = frozenset({"untruth", "dissatisfied"})
"""Categories whose posts call for a reply."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that left, or was given elsewhere."""

    at: datetime
    has_fact_source: bool = False
    has_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One post of the incident: what its writer meant, and what became of it.

    `q1`, `categories`, `exit`: as meant; `judged_…`: as it was judged, empty when it was not.
    `alarm_at`, `taken_at`: the first alarm on its case, and when somebody took it.
    """

    id: str
    case: int
    text: str
    came_at: datetime
    q1: str = ""
    categories: tuple[str, ...] = ()
    exit: str = ""
    has_suggestion: bool = False
    triaged_at: datetime | None = None
    judged_q1: str = ""
    judged_categories: tuple[str, ...] = ()
    judged_exit: str = ""
    notes_suggestion: bool = False
    answers: tuple[Answer, ...] = ()
    is_watched: bool = False
    is_liked: bool = False
    alarm_at: datetime | None = None
    taken_at: datetime | None = None

    @property
    def first(self) -> str:
        """The category that weighs most."""
        return self.categories[0] if self.categories and self.exit != DANGER else ""

    @property
    def is_right(self) -> bool | None:
        """Whether it was judged as its writer meant; None: not judged, or nothing to hold it against."""
        if self.exit == DANGER:
            return self.alarm_at is not None
        if self.triaged_at is None or self.exit == LATER:
            return None
        if self.exit:
            return self.judged_exit == self.exit
        same = set(self.judged_categories) == set(self.categories)
        return not self.judged_exit and self.judged_q1 == self.q1 and same


@dataclass(frozen=True, slots=True)
class Happened:
    """An inject: when it was told, and when somebody had dealt with it."""

    told_at: datetime
    done_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: of `n` there are `n_done`; half of those within the median."""

    n: int
    n_done: int
    median_s: float | None = None
    p90_s: float | None = None


@dataclass(frozen=True, slots=True)
class Danger:
    """One cry for help: seconds from the post to the alarm, and from the alarm until somebody took it."""

    id: str
    case: int
    text: str
    alarm_s: float | None
    taken_s: float | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of the scheme: on how many cases it was due, how often done, and where it was forgotten."""

    id: str
    n: int
    n_done: int
    forgotten: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What an exercise comes to. `answered_s`: from the first post that called for a reply to a right one."""

    n_posts: int
    triage: Times
    answered_s: float | None
    answered_case: int | None
    replies: Times
    dangers: tuple[Danger, ...]
    duties: tuple[Duty, ...]
    n_judged: int
    n_right: int
    injects: Times
    format: int = FORMAT

    def kept(self) -> dict[str, Any]:
        """As it stands in a file."""
        return asdict(self)


def score(lines: Sequence[Line], injects: Iterable[Happened] = ()) -> Score:
    """The figures of an exercise."""
    verdicts = [line.is_right for line in lines]
    calling = [line for line in lines if line.first in ANSWERED or line.exit == "question"]
    answered_s, answered_case = _first_right(calling)
    happened = list(injects)
    return Score(
        n_posts=len(lines),
        triage=_times((line.came_at, line.triaged_at) for line in lines),
        answered_s=answered_s,
        answered_case=answered_case,
        replies=_times((line.came_at, _answered_at(line)) for line in calling),
        dangers=tuple(_danger(line) for line in lines if line.exit == DANGER),
        duties=tuple(duty for duty in (_duty(rule, lines) for rule in DUTIES) if duty.n),
        n_judged=sum(verdict is not None for verdict in verdicts),
        n_right=sum(verdict is True for verdict in verdicts),
        injects=_times((each.told_at, each.done_at) for each in happened),
    )


def read(kept: dict[str, Any]) -> Score:
    """A score from its file. Raises KeyError, TypeError or ValueError for what is none."""
    if kept["format"] != FORMAT:
        raise ValueError(kept["format"])
    return Score(
        **{
            **kept,
            "triage": Times(**kept["triage"]),
            "replies": Times(**kept["replies"]),
            "injects": Times(**kept["injects"]),
            "dangers": tuple(Danger(**each) for each in kept["dangers"]),
            "duties": tuple(
                Duty(**{**each, "forgotten": tuple(each["forgotten"])}) for each in kept["duties"]
            ),
        }
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """When a duty is due, and when it was done."""

    id: str
    is_due: Callable[[Line], bool]
    is_done: Callable[[Line], bool]


DUTIES = (
    Rule("A1", lambda line: line.first == "insult" and _is_judged(line), lambda line: line.is_watched),
    Rule(
        "A2",
        lambda line: line.first == "joke" and _is_judged(line),
        lambda line: line.is_watched or line.is_liked,
    ),
    Rule("A3", lambda line: line.first == "untruth" and _is_judged(line), lambda line: bool(line.answers)),
    Rule(
        "A3.3",
        lambda line: line.first == "untruth" and bool(line.answers),
        lambda line: all(answer.has_fact_source for answer in line.answers),
    ),
    Rule(
        "A4", lambda line: line.first == "dissatisfied" and _is_judged(line), lambda line: bool(line.answers)
    ),
    Rule(
        "A4.4",
        lambda line: line.first == "dissatisfied" and bool(line.answers),
        lambda line: any(answer.has_follow_up for answer in line.answers),
    ),
    Rule("P+", lambda line: line.has_suggestion and _is_judged(line), lambda line: line.notes_suggestion),
)
"""The duties of the scheme that leave a trace: a case that nobody came to is late, not forgotten."""


def _is_judged(line: Line) -> bool:
    return line.triaged_at is not None


def _duty(rule: Rule, lines: Sequence[Line]) -> Duty:
    due = [line for line in lines if rule.is_due(line)]
    forgotten = tuple(line.case for line in due if not rule.is_done(line))
    return Duty(rule.id, len(due), len(due) - len(forgotten), forgotten)


def _danger(line: Line) -> Danger:
    alarm_s = _seconds(line.came_at, line.alarm_at)
    taken_s = _seconds(line.alarm_at, line.taken_at) if line.alarm_at else None
    return Danger(line.id, line.case, line.text, alarm_s, taken_s)


def _answered_at(line: Line) -> datetime | None:
    return min((answer.at for answer in line.answers), default=None)


def _first_right(calling: Sequence[Line]) -> tuple[float | None, int | None]:
    """Seconds from the first post that called for an answer to the first right one, and its case.

    Right: the post was judged as meant, and what is not true was answered with a source.
    """
    right = [
        (answer.at, line.case)
        for line in calling
        for answer in line.answers
        if line.is_right and (line.first != "untruth" or answer.has_fact_source)
    ]
    if not right:
        return None, None
    at, case = min(right)
    return _seconds(min(line.came_at for line in calling), at), case


def _times(spans: Iterable[tuple[datetime, datetime | None]]) -> Times:
    pairs = list(spans)
    took = sorted((end - begin).total_seconds() for begin, end in pairs if end is not None)
    return Times(len(pairs), len(took), _share(took, 0.5), _share(took, 0.9))


def _share(took: Sequence[float], share: float) -> float | None:
    """So long took this share of them at most."""
    return took[max(0, ceil(share * len(took)) - 1)] if took else None


def _seconds(begin: datetime, end: datetime | None) -> float | None:
    return max(0.0, (end - begin).total_seconds()) if end else None
