"""What waits for approval, what somebody alone let go, and the verbs of both."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import require, response_for
from cases.reads import approvals as approvals_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import approvals
from cases.web.forms import ApproveForm, NoteForm
from cases.web.views.base import back, page, posted, told, valid


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Replies that wait for approval, and those to look at afterwards."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.APPROVE)
    context = {
        "waiting": approvals_read.waiting(officer, now=now),
        "to_review": approvals_read.to_review(),
    }
    return page(request, "cases/approvals.html", context, here="approvals")


@posted
@told
def release_alone(request: HttpRequest, response_id: int) -> HttpResponse:
    """Let one's own words go while nobody else is there to approve them."""
    officer = officer_of(request.user)
    response = response_for(officer, response_id, Need.APPROVE)
    form = valid(ApproveForm(request.POST))
    reason = form.cleaned_data["note"]
    approvals.release_alone(response, reason=reason, by=officer, now=timezone.now(), seen=form.seen)
    messages.success(request, _("It goes. A colleague looks at it on the next working day."))
    return redirect("cases:case", response.case_id)


@posted
@told
def review(request: HttpRequest, response_id: int) -> HttpResponse:
    """Say what one thinks of a reply that somebody alone let go."""
    officer = officer_of(request.user)
    response = response_for(officer, response_id, Need.APPROVE)
    note = valid(NoteForm(request.POST)).cleaned_data["note"]
    approvals.review(response, note=note, by=officer, now=timezone.now())
    messages.success(request, _("Written down. Your colleague reads it."))
    return back(request, "cases:approvals")
