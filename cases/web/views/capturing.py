"""Posts that people bring: an address, a text, or what somebody said by phone."""

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import require
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import capturing
from cases.web.forms import CaptureForm
from cases.web.views.base import page
from cases.web.words import NOT_RESOLVED, word
from monitoring.connectors.base import Mention
from monitoring.connectors.manual import Capture, NothingCaptured, Via, normalise
from monitoring.connectors.plain import BadUrl
from monitoring.resolving import NotResolved, Resolved, WhyNot
from monitoring.webpage import Described

REFUSED = 422


@require_http_methods(["GET", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """Report a post. Its platform is asked for the post itself; else a person says what it says."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.CAPTURE)
    form = CaptureForm(request.POST or None, initial={"key": uuid4().hex})
    failed: NotResolved | None = None
    if request.method == "POST" and form.is_valid():
        try:
            mention = _mention(form, now=now)  # also says whether the address is one
            found = _asked(form, now=now)
            failed = found if isinstance(found, NotResolved) else None
            if isinstance(found, Resolved):
                return _opened(request, *capturing.capture_resolved(found, mention, by=officer, now=now))
            if form.cleaned_data["text"].strip() or form.cleaned_data["channel"] == "phone":
                if failed and failed.why is not WhyNot.NO_PLATFORM:
                    messages.info(request, _("The platform did not give the post; what you typed is used."))
                return _opened(request, *capturing.capture(mention, by=officer, now=now))
        except (BadUrl, NothingCaptured) as wrong:
            form.add_error("url", str(wrong))
        else:
            form.add_error("text", _("Type what the post says."))
    return _form_page(request, form, failed)


def _form_page(request: HttpRequest, form: CaptureForm, failed: NotResolved | None) -> HttpResponse:
    """The form, with everything that was typed, and why there is no post yet."""
    proposal: Described | None = None
    if failed and failed.why is WhyNot.NO_PLATFORM:
        proposal = capturing.proposal(form.cleaned_data["url"])
    context = {
        "form": form,
        "asked": form.cleaned_data["url"] if failed else form["asked"].value(),
        "why_not": word(NOT_RESOLVED, failed.why) if failed else "",
        "proposal": "\n\n".join(filter(None, (proposal.title, proposal.text))) if proposal else "",
    }
    status = REFUSED if form.errors else 200
    return page(request, "cases/capture.html", context, here="capture", status=status)


def _asked(form: CaptureForm, *, now: datetime) -> Resolved | NotResolved | None:
    """What the platform says of the address; None without one, or when it was asked before."""
    data = form.cleaned_data
    if data["channel"] == "phone" or not data["url"] or data["url"] == data["asked"]:
        return None
    return capturing.ask(data["url"], now=now)


def _opened(request: HttpRequest, case_id: int, is_new: bool) -> HttpResponse:
    if not is_new:
        messages.info(request, _("This post was known already; this is its case."))
    return redirect("cases:case", case_id)


def _mention(form: CaptureForm, *, now: datetime) -> Mention:
    """What was typed, as a post of no platform. Raises BadUrl, NothingCaptured."""
    data = form.cleaned_data
    via = Via.PHONE if data["channel"] == "phone" else Via.URL if data["url"] else Via.TEXT
    key = data["key"] or uuid4().hex
    typed = Capture(key=key, via=via, text=data["text"], url=data["url"], author=data["author"])
    return normalise(typed, now=now)
