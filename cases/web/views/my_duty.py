"""Somebody's own shifts: asking a colleague to take one, taking one over, and being away."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import absence_for, planned_shift_for, require, swap_for
from cases.reads import feeds as feeds_read
from cases.reads import my_duty as my_duty_read
from cases.reads import rota as rota_read
from cases.reads.people import officer_of, one_of
from cases.rules.permissions import Need, may
from cases.services import absences, feeds, swaps
from cases.services.rota import RotaRefused
from cases.services.swaps import SwapPlan, SwapRefused
from cases.web.rota_forms import AbsenceForm, SwapForm
from cases.web.views.base import page, posted, told, valid


@require_GET
def my_duty(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE_TEAM)
    may_plan = may(officer.role, Need.RUN_TEAM)
    mine = my_duty_read.my_duty(officer, now=now)
    context = {
        "mine": mine,
        "feed": _address(request, officer, mine.feed_version),
        "may_swap": may(officer.role, Need.SWAP),
        "may_plan": may_plan,
        "people": rota_read.plannable() if may_plan else [],
        "reasons": my_duty_read.REASONS,
    }
    return page(request, "cases/my_duty.html", context, here="duty")


@login_not_required
@require_GET
def feed(request: HttpRequest, feed_token: str) -> HttpResponse:
    """Somebody's shifts for the calendar of their phone, which signs in nowhere: the address is signed."""
    person = feeds_read.whose(feed_token)
    if person is None:
        raise Http404
    with translation.override(person.language):
        text = feeds_read.duties(person, now=timezone.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


@posted
@told
def renew_feed(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SWAP)
    feeds.renew(by=officer, now=timezone.now())
    messages.success(request, _("The address is there. One that you made earlier stops working."))
    return redirect("cases:my_duty")


@posted
@told
def ask_swap(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Ask a colleague, or anybody who can, to take a shift over."""
    officer, now = officer_of(request.user), timezone.now()
    shift = planned_shift_for(officer, shift_id)
    form = valid(SwapForm(request.POST))
    against, to = form.chosen("shift"), form.chosen("person")
    if against is not None:
        to = planned_shift_for(officer, against).person_id
    person = one_of(rota_read.plannable(), to)
    if to is not None and person is None:
        raise SwapRefused(_("Choose a colleague whose role can have a shift."))
    swaps.ask(
        SwapPlan(shift.pk, form.seen(), person, against, form.cleaned_data["note"]), by=officer, now=now
    )
    messages.success(request, _("Asked. The shift stays yours until somebody takes it over."))
    return redirect("cases:my_duty")


@posted
@told
def decide_swap(request: HttpRequest, swap_id: int) -> HttpResponse:
    """Take a shift over, say no, or take one's question back."""
    officer, now = officer_of(request.user), timezone.now()
    swap = swap_for(officer, swap_id)
    what = request.POST.get("do", "")
    if what == "take":
        swaps.take(swap.pk, by=officer, now=now)
        messages.success(request, _("The shift is yours now."))
    elif what == "refuse":
        swaps.refuse(swap.pk, by=officer, now=now)
        messages.success(request, _("You said no. The shift stays where it was."))
    else:
        swaps.withdraw(swap.pk, by=officer, now=now)
        messages.success(request, _("Taken back. The shift stays where it was."))
    return redirect("cases:my_duty")


@posted
@told
def add_absence(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SWAP)
    data = valid(AbsenceForm(request.POST)).cleaned_data
    person: Any = one_of(rota_read.plannable(), data["person"]) if data["person"] else officer
    if person is None:
        raise RotaRefused(_("Choose a colleague whose role can have a shift."))
    span = data["starts_at"], data["ends_at"]
    absences.add_absence(person, span, data["reason"], by=officer, now=now)
    messages.success(request, _("Written down. Shifts in that time show as gaps to fill."))
    return redirect("cases:my_duty")


@posted
@told
def remove_absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = absence_for(officer, absence_id)
    absences.remove_absence(found.pk, by=officer, now=timezone.now())
    messages.success(request, _("Removed. The shifts in that time count again."))
    return redirect("cases:my_duty")


def _address(request: HttpRequest, officer: Any, version: int) -> str:
    """Where a calendar reads this person's shifts; "" while no address was made."""
    if not version:
        return ""
    token = feeds_read.token_of(officer, version)
    return request.build_absolute_uri(reverse("cases:duty_feed", args=[token]))
