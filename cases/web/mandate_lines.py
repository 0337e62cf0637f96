"""The mandate of who is looking, in words: from the first question on, and for every way of answering."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases import duty, policy
from cases.reads.case import CasePage
from cases.reads.people import officer_of
from cases.rules.mandate import ALL, Covered, Grant, NotCovered, answerable, covers_all
from cases.rules.permissions import Need, may
from cases.rules.scheme import REPLIES, Advice, Option, deviations
from cases.rules.workflow import State
from cases.services import approvals
from cases.services.drafts import ask_of
from cases.web.flow import mandate_line
from cases.web.words import CATEGORIES, word


def mandate_context(signed_in: object, opened: CasePage, *, now: datetime) -> dict[str, Any]:
    """What the pages show of the mandate: a sentence, whether it holds, and which options are proposals."""
    officer, case = officer_of(signed_in), opened.case
    grants = policy.grants_of(officer)
    if opened.response:
        asked, categories = ask_of(opened.response, case), policy.answered_categories(opened.assessment)
        return _shown(covers_all(grants, categories=categories, on=now, ask=asked))
    if opened.assessment is None or opened.assessment.completed_at is None or case.state == State.NEW:
        return _before_judging(grants, opened, now=now)
    found = _options(opened)
    held = {
        option.id: covers_all(
            grants, categories=opened.assessment.categories, on=now, ask=policy.ask_about(case, option.action)
        )
        for option in found
    }
    proposals = [option for option, covered in held.items() if isinstance(covered, NotCovered)]
    general = policy.ask_about(case)
    line = covers_all(grants, categories=opened.assessment.categories, on=now, ask=general)
    if held and len(proposals) == len(held):
        line = held[proposals[0]]
    return _shown(line) | {"proposals": proposals}


def _before_judging(grants: list[Grant], opened: CasePage, *, now: datetime) -> dict[str, Any]:
    """Nobody has said yet what kind of post it is: for which kinds this person may answer."""
    asked = policy.ask_about(opened.case)
    held = answerable(grants, on=now, ask=asked)
    if not held:
        return _shown(covers_all(grants, categories=[], on=now, ask=asked))
    if ALL in held:
        return {"mandate_line": _("You may answer every kind of post in the organisation's name."), **_YES}
    kinds = ", ".join(sorted(word(CATEGORIES, name) for name in held))
    sentence = _("You may answer in the organisation's name: %(kinds)s. Other replies go to a colleague.")
    return {"mandate_line": sentence % {"kinds": kinds}, **_YES}


_YES = {"has_mandate": True}


def _shown(found: Covered | NotCovered) -> dict[str, Any]:
    return {"mandate_line": mandate_line(found), "has_mandate": isinstance(found, Covered)}


def _options(opened: CasePage) -> Iterable[Option]:
    """The ways of answering that the advice offers, and those that deviate from it."""
    try:
        scheme, step = policy.scheme_of(opened.case), policy.judgement(opened.case).step
    except policy.UnknownSchemeVersion:
        return []
    if not isinstance(step, Advice):
        return []
    return [option for option in (*step.options, *deviations(scheme, step)) if option.action in REPLIES]


def approval_context(signed_in: object, opened: CasePage, *, now: datetime) -> dict[str, Any]:
    """Whom a draft can be handed to, and whether who looks is alone with their own words."""
    officer, response = officer_of(signed_in), opened.response
    if response is None or response.status not in ("draft", "submitted"):
        return {}
    if response.status == "draft":
        able = [person for person in approvals.able(response, now=now) if person.pk != officer.pk]
        return {"approvers": able}
    is_own = officer.pk in response.writers
    return {"may_release": is_own and may(officer.role, Need.APPROVE) and duty.is_alone(officer, now=now)}
