"""Near-copies: letting one go, and merging a case into another by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cases.access import case_for
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import copies
from cases.web.forms import MergeForm, SeenForm
from cases.web.views.base import back, posted, told, valid


@posted
@told
def detach(request: HttpRequest, case_id: int) -> HttpResponse:
    """A copy stands on its own from now on; back to where the button was."""
    officer = officer_of(request.user)
    copy = case_for(officer, case_id, Need.JUDGE)
    copies.detach(copy, by=officer, now=timezone.now(), seen=valid(SeenForm(request.POST)).seen_state)
    return back(request, "cases:case", case_id)


@posted
@told
def merge(request: HttpRequest, case_id: int) -> HttpResponse:
    """The case becomes a copy of the one whose number was given."""
    officer = officer_of(request.user)
    merged = case_for(officer, case_id, Need.JUDGE)
    form = valid(MergeForm(request.POST))
    into = case_for(officer, form.cleaned_data["into"], Need.JUDGE)
    copies.merge(merged, into, by=officer, now=timezone.now(), seen=form.seen_state)
    return redirect("cases:case", into.pk)
