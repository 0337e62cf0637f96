"""The queue: the next best case, a post back in sight, and what is known of the account behind it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.access import case_for, require
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import assignment, triage
from cases.web.views.base import back, posted, told


@posted
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the best case that nobody is at, and show it; when there is none, the inbox says so."""
    officer = officer_of(request.user)
    require(officer, Need.JUDGE)
    try:
        case = assignment.take_next(by=officer, now=timezone.now())
    except assignment.NothingWaits as nothing:
        messages.info(request, str(nothing))
        return redirect("cases:inbox")
    return redirect(f"{reverse('cases:inbox')}?{urlencode({'view': 'new', 'case': case.pk})}")


@posted
@told
def wake(request: HttpRequest, case_id: int) -> HttpResponse:
    """A post that was put aside is back in sight before its time."""
    officer = officer_of(request.user)
    triage.wake(case_for(officer, case_id, Need.JUDGE), by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)


@posted
@told
def press(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say what is known of the account behind the post: press, an authority …, or take that back."""
    officer = officer_of(request.user)
    case = case_for(officer, case_id, Need.JUDGE)
    triage.set_standing(case, request.POST.get("standing", ""), by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)
