"""What a decision scheme is made of, as immutable values.

A scheme is versioned policy: data read from a TOML file (`scheme_load`), walked by a pure
function (`scheme_walk`) and proved complete by another (`scheme_check`). Map of nodes, duties
and case states: docs/scheme.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Texts = Mapping[str, str]  # language → text

LANGUAGES = ("nl", "en")

SEPARATOR = "+"  # joins the choices of a question that allows several


def text(texts: Texts, lang: str) -> str:
    """The text in this language (`nl` also serves `nl-be`), else English, else nothing."""
    return texts.get(lang) or texts.get(lang.split("-")[0]) or texts.get("en", "")


class SchemeInvalid(Exception):
    """The scheme's data cannot be read: where in the file, and what is wrong there."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where, self.what = where, what

    def __str__(self) -> str:
        return f"The scheme cannot be used. {self.where}: {self.what}."


class UnknownAnswer(Exception):
    """An answer that the question does not offer, or an answer to no question of the scheme.

    `allowed` holds the choices; with `several`, they may be joined, except those in `alone`.
    """

    def __init__(
        self,
        question: str,
        answer: str,
        allowed: tuple[str, ...],
        *,
        several: bool = False,
        alone: tuple[str, ...] = (),
    ) -> None:
        super().__init__(question, answer, allowed)
        self.question, self.answer, self.allowed = question, answer, allowed
        self.several, self.alone = several, alone

    def __str__(self) -> str:
        if not self.allowed:
            return f'This scheme has no question "{self.question}"; leave that answer out.'
        how = f', several joined by "{SEPARATOR}"' if self.several else ""
        alone = f" ({', '.join(self.alone)} only alone)" if self.alone else ""
        return (
            f'"{self.answer}" is not an answer to {self.question};'
            f" choose from: {', '.join(self.allowed)}{how}{alone}."
        )


class Action(StrEnum):
    """What an officer can do with a judged case."""

    LET_STAND = "let_stand"
    REPLY_DIRECT = "reply_direct"
    REPLY_PUBLIC = "reply_public"
    WATCH = "watch"
    USE_IN_OWN = "use_in_own"
    TO_COMMS = "to_comms"


REPLIES = frozenset({Action.REPLY_DIRECT, Action.REPLY_PUBLIC})

REQUIREMENTS = ("reason", "fact_source", "inquiry", "what_we_do")


class Exit(StrEnum):
    """What an extension does: the ways out that the scheme itself does not have."""

    DISMISS = "dismiss"
    CLOSE = "close"
    ANSWER = "answer"
    CORRECT = "correct"
    LATER = "later"
    ESCALATE = "escalate"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question. `goto`: the nodes it opens; `exclusive`: never with another."""

    id: str
    key: str
    label: Texts
    hint: Texts
    category: str = ""
    goto: tuple[str, ...] = ()
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key that answers the question and at once takes an option of the advice behind it."""

    key: str
    choice: str
    option: str
    label: Texts


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the scheme. `kind` is "one" or "many"; choices stand in the scheme's order."""

    id: str
    kind: str
    text: Texts
    help: Texts
    choices: tuple[Choice, ...]
    shortcuts: tuple[Shortcut, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing the scheme asks, who decides on it, and where the record of it is kept."""

    id: str
    text: Texts
    decided_by: Texts
    recorded_as: Texts


@dataclass(frozen=True, slots=True)
class Option:
    """One way to act on the advice; `requires` names what must be filled in with it."""

    id: str
    key: str
    label: Texts
    action: Action
    duty_of: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toggle:
    """A fact about the post that can be switched on beside the advice: its answer is yes or no.

    On, it adds its duties, and asks `reply_requires` of every reply and `stand_requires` of
    letting the post stand.
    """

    id: str
    key: str
    label: Texts
    hint: Texts
    on: str
    duties: tuple[Duty, ...]
    reply_requires: tuple[str, ...]
    stand_requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One piece of advice as written in the scheme; a walk joins one or more into an Advice."""

    id: str
    stage: str
    nodes: tuple[str, ...]
    category: str
    title: Texts
    text: Texts
    duties: tuple[Duty, ...]
    options: tuple[Option, ...]
    preselected: str | None = None
    refer: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """Where a walk ends: the duties of every flagged category, and the options to choose from.

    `primary` is the first category; `preselected` the option for Enter; `refer` sends the case
    to communications; `suggestion` says that P+ is on; `toggles` can be switched here.
    """

    nodes: tuple[str, ...]
    stage: str
    title: Texts
    texts: tuple[Texts, ...]
    duties: tuple[Duty, ...]
    options: tuple[Option, ...]
    categories: tuple[str, ...]
    primary: str
    preselected: str | None
    refer: bool = False
    suggestion: bool = False
    toggles: tuple[Toggle, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """An exit outside the scheme. `advice`: the rule whose duties then apply, if any."""

    id: str
    key: str
    label: Texts
    hint: Texts
    action: Exit
    switchable: bool = True
    enabled: bool = True
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id and a label: a medium, or a question of the gate."""

    id: str
    label: Texts


@dataclass(frozen=True, slots=True)
class Gate:
    """After the advice: do we want to answer, may this person, and through which medium."""

    id: str
    text: Texts
    asks: tuple[Named, ...]
    mediums: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One core element of a response; `hinted` says that the machine can give a hint about it."""

    id: str
    label: Texts
    hint: Texts
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Footnote:
    """A source or a place with more help. `beside`: "help", or "comms" (also at its decisions)."""

    id: str
    text: Texts
    url: str
    beside: str


@dataclass(frozen=True, slots=True)
class Refer:
    """What is advised when a category of `joined` comes together with any other one."""

    joined: tuple[str, ...]
    title: Texts
    text: Texts
    option: Option


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a decision scheme. `checksum`: sha256 over its canonical content."""

    id: str
    version: str
    title: Texts
    checksum: str
    source: Texts
    trigger: Named
    start: str
    questions: tuple[Question, ...]
    advices: tuple[Rule, ...]
    toggles: tuple[Toggle, ...]
    extensions: tuple[Extension, ...]
    gate: Gate
    elements: tuple[Element, ...]
    refer: Refer
    deviations: tuple[Option, ...]
    footnotes: tuple[Footnote, ...]
    promises: tuple[str, ...]
