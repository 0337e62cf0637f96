"""Buttons for a case that was answered or rests: only watch it, or say what is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cases.access import case_for
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import afterwards
from cases.web.forms import NoteForm, PlanForm
from cases.web.plans import plan_from
from cases.web.views.base import posted, told, valid


@posted
@told
def only_watch(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let an answered case rest while somebody watches."""
    officer, now = officer_of(request.user), timezone.now()
    answered = case_for(officer, case_id, Need.JUDGE)
    form = valid(PlanForm(request.POST))
    plan = plan_from(form.cleaned_data, officer=officer, now=now)
    afterwards.only_watch(answered, by=officer, now=now, plan=plan, seen=form.seen_state)
    return redirect("cases:case", case_id)


@posted
@told
def tell_new(request: HttpRequest, case_id: int) -> HttpResponse:
    """Judge a watched case again, because something new is known."""
    officer = officer_of(request.user)
    watched = case_for(officer, case_id, Need.JUDGE)
    form = valid(NoteForm(request.POST))
    note, seen = form.cleaned_data["note"], form.seen_state
    afterwards.tell_new(watched, what=note, by=officer, now=timezone.now(), seen=seen)
    return redirect("cases:case", case_id)
