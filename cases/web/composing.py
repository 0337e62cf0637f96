"""What stands around a reply on the page of a case: what is promised, texts to begin with, what is new."""

from typing import Any

from django.http import HttpRequest

from cases.reads import promised
from cases.reads.case import CasePage
from cases.reads.people import officer_of, who_may
from cases.rules.permissions import Need, may


def around_reply(request: HttpRequest, opened: CasePage) -> dict[str, Any]:
    """The context of the boxes beside and above the words of a reply."""
    officer = officer_of(request.user)
    may_promise = may(officer.role, Need.PROMISE)
    return {
        "promised": promised.on_case(opened.case),
        "may_promise": may_promise,
        "promisers": who_may(Need.PROMISE) if may_promise else [],
    }
