"""What stands around a reply on the page of a case: what is promised, texts to begin with, what is new."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from cases import carried
from cases.reads import claims as claims_read
from cases.reads import promised
from cases.reads import templates as templates_read
from cases.reads.case import CasePage, changes, measured
from cases.reads.people import officer_of, who_may
from cases.rules.permissions import Need, may
from cases.services import answers, responses, templates


def around_reply(request: HttpRequest, opened: CasePage) -> dict[str, Any]:
    """The context of the boxes beside and above the words of a reply."""
    officer = officer_of(request.user)
    may_promise = may(officer.role, Need.PROMISE)
    response = opened.response
    return {
        "changes": changes(opened),
        "measured": measured(response, response.text) if response else None,
        "promised": promised.on_case(opened.case),
        "may_promise": may_promise,
        "promisers": who_may(Need.PROMISE) if may_promise else [],
        "templates": templates_read.fitting(opened.case) if opened.response else [],
    }


def around_claims(opened: CasePage, *, now: datetime) -> dict[str, Any]:
    """What is known of the claims of a case, what changed since its reply was begun, and the answers."""
    response, cards = opened.response, claims_read.cards(opened.case, now=now)
    over = carried.answer_is_over(response, now=now) if response else []
    return {
        "claim_cards": cards,
        "claims_seen": carried.standing([card.claim for card in cards]),
        "claims_changed": [*carried.changed(response), *over] if response else [],
        "answers_at_hand": [answer for card in cards for answer in card.answers],
    }


def use_answer(answer_id: int | None, *, now: datetime) -> Callable[..., None]:
    """Put the chosen vetted answer into the reply; without one in force the draft is only kept."""
    answer = claims_read.answer_numbered(answer_id, now=now)
    if answer is None:
        return responses.save_draft
    return lambda response, draft, **how: answers.use(response, answer, draft, **how)


def put_in(template_id: int | None) -> Callable[..., None]:
    """Put the chosen text into the reply; without a choice the draft is only kept."""
    template = templates_read.template_numbered(template_id)
    if template is None:
        return responses.save_draft
    return lambda response, draft, **how: templates.put_in(response, template, draft, **how)
