"""What somebody chose for a judged case: found among what is offered, with its reasons, and recorded."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from cases import policy
from cases.models import Assessment, Case, User
from cases.rules.mandate import Covered
from cases.rules.scheme import REPLIES, Action, Advice, Option, deviations
from cases.rules.workflow import State
from cases.services import audit
from cases.services.triage import ReasonMissing
from cases.services.watching import Plan


class NotOffered(Exception):
    """An option that neither the advice nor the list of deviations holds."""

    def __init__(self, option: str, offered: list[str]) -> None:
        super().__init__(option, offered)
        self.option, self.offered = option, offered

    def __str__(self) -> str:
        return _("'%(option)s' is not offered here; choose from: %(offered)s.") % {
            "option": self.option,
            "offered": ", ".join(self.offered),
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an officer chose, with what the scheme asks beside it."""

    option: str
    reason: str = ""
    what_we_do: str = ""
    medium: str = ""
    plan: Plan | None = None
    seen: State | None = field(default=None)


def option_of(case: Case, advice: Advice, option_id: str) -> tuple[Option, bool]:
    """The option, and whether the advice holds it (else it is a deviation)."""
    for option in advice.options:
        if option.id == option_id:
            return option, True
    others = deviations(policy.scheme_of(case), advice)
    for option in others:
        if option.id == option_id:
            return option, False
    raise NotOffered(option_id, [o.id for o in (*advice.options, *others)])


def require_reasons(option: Option, chosen: Chosen, *, follows: bool) -> None:
    if not follows and not chosen.reason.strip():
        raise ReasonMissing(_("why you deviate from the advice"))
    if "reason" in option.requires and not chosen.reason.strip():
        raise ReasonMissing(_("why nothing is said about this post"))


def record_choice(
    assessment: Assessment, option: Option, chosen: Chosen, *, follows: bool, by: User, now: datetime
) -> None:
    """The three answers of the gate (want to, may, through which medium) and the choice itself."""
    assessment.option, assessment.follows_advice, assessment.reason = option.id, follows, chosen.reason
    assessment.what_we_do = chosen.what_we_do
    assessment.medium = chosen.medium or _medium(option)
    assessment.chosen_at = now
    _pass_gate(assessment, option, by=by, now=now)


def record_exit(case: Case, option: Option, advice: Advice, *, by: User, now: datetime) -> None:
    """The assessment of a post that left the scheme to be answered: no answers, its advice, its gate."""
    assessment = Assessment(
        case=case,
        n=case.assessments.count() + 1,
        categories=list(advice.categories),
        advice_nodes=list(advice.nodes),
        option=option.id,
        follows_advice=True,
        medium=_medium(option),
        by=by,
        started_at=now,
        completed_at=now,
        chosen_at=now,
    )
    _pass_gate(assessment, option, by=by, now=now)


def _pass_gate(assessment: Assessment, option: Option, *, by: User, now: datetime) -> None:
    """Store the choice with the answers of the gate, and write down that it was made."""
    asked = policy.ask_about(assessment.case, option.action if option.action in REPLIES else "")
    found = policy.mandate_of(by, list(assessment.categories), now=now, ask=asked)
    mandated = isinstance(found, Covered)
    assessment.wants_answer, assessment.is_mandated = option.action in REPLIES, mandated
    assessment.save()
    facts = {
        "option": option.id,
        "follows advice": assessment.follows_advice,
        "reason": assessment.reason,
        "wants to answer": assessment.wants_answer,
        "has mandate": mandated,
        "medium": assessment.medium,
    }
    audit.append(audit.subject_of(assessment.case_id), "chose", by=by, now=now, facts=facts)


def _medium(option: Option) -> str:
    return {Action.REPLY_PUBLIC: "public reply", Action.REPLY_DIRECT: "direct message"}.get(option.action, "")
