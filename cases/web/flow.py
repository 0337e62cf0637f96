"""The scheme as an officer meets it: what was answered, what is asked or advised, and the exits."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import policy, wording
from cases.reads.case import CasePage
from cases.rules.mandate import Covered, NotCovered
from cases.rules.scheme import (
    SEPARATOR,
    Advice,
    Extension,
    Option,
    Question,
    Scheme,
    Texts,
    deviations,
    node_of,
    open_extensions,
    text,
)
from cases.rules.workflow import OPEN, State
from cases.web import routemap
from cases.web.charts import Svg

JUDGED_IN = frozenset({State.NEW, State.ASSESSED})


@dataclass(frozen=True, slots=True)
class Done:
    """A question that was answered, and the answer in words."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The judgement of one case on the screen."""

    scheme: Scheme
    done: list[Done]
    n: int
    question: Question | None
    advice: Advice | None
    toggles_on: list[str]
    deviations: tuple[Option, ...]
    extensions: list[Extension]
    map: Svg

    @property
    def needs_reason(self) -> bool:
        """Whether one of the offered options asks for a reason."""
        return self.advice is not None and any("reason" in option.requires for option in self.advice.options)

    @property
    def offers_watch(self) -> bool:
        return self.advice is not None and any(option.action == "watch" for option in self.advice.options)


def said(texts: Texts) -> str:
    """A text of the scheme in the language of the page."""
    return text(texts, get_language() or "en")


def flow(page: CasePage) -> Flow | None:
    """The scheme for this case, or None when it is judged and acted upon."""
    if State(page.case.state) not in JUDGED_IN:
        return None
    scheme = policy.scheme_of(page.case)
    judged = policy.judgement_by(page.assessment, page.case)
    answers = judged.assessment.answers if judged.assessment else {}
    step, lang = judged.step, get_language() or "en"
    done = _done(scheme, answers)
    route = " → ".join(part.answer for part in done) or _("nothing chosen yet")
    exits = open_extensions(scheme)
    return Flow(
        scheme=scheme,
        done=done,
        n=len(done) + 1,
        question=step if isinstance(step, Question) else None,
        advice=step if isinstance(step, Advice) else None,
        toggles_on=[node for node, answer in answers.items() if answer == "yes"],
        deviations=deviations(scheme, step) if isinstance(step, Advice) else (),
        extensions=[e for e in exits if e.switchable],
        map=routemap.draw(
            scheme,
            answers,
            here=node_of(step),
            lang=lang,
            label=_("Map of the scheme. Your route: %(route)s") % {"route": route},
        ),
    )


def danger(page: CasePage) -> Extension | None:
    """The exit that no scheme can switch off, while the case is open."""
    if State(page.case.state) not in OPEN:
        return None
    return next((e for e in open_extensions(policy.scheme_of(page.case)) if not e.switchable), None)


def mandate_line(found: Covered | NotCovered) -> str:
    """What this person may do in the organisation's name, in one sentence."""
    if isinstance(found, Covered):
        return _("You may answer in the organisation's name.")
    why = wording.why_not(found)
    return _("%(why)s Your reply goes to a colleague for approval.") % {"why": why}


def _done(scheme: Scheme, answers: dict[str, str]) -> list[Done]:
    questions = {question.id: question for question in scheme.questions}
    return [
        Done(said(questions[node].text), _in_words(questions[node], answer))
        for node, answer in answers.items()
        if node in questions
    ]


def _in_words(question: Question, answer: str) -> str:
    chosen = answer.split(SEPARATOR)
    return ", ".join(said(choice.label) for choice in question.choices if choice.id in chosen)
