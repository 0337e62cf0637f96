"""What stands around a reply on the page of a case: what is promised, texts to begin with, what is new."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from cases.reads import promised
from cases.reads import templates as templates_read
from cases.reads.case import CasePage, changes, measured
from cases.reads.people import officer_of, who_may
from cases.rules.permissions import Need, may
from cases.services import responses, templates


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


def put_in(template_id: int | None) -> Callable[..., None]:
    """Put the chosen text into the reply; without a choice the draft is only kept."""
    template = templates_read.template_numbered(template_id)
    if template is None:
        return responses.save_draft
    return lambda response, draft, **how: templates.put_in(response, template, draft, **how)
