"""The duty plan: who is there when, for everybody to read and for the duty lead to plan."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases.access import duty_post_for, require, shift_for
from cases.reads import rota as rota_read
from cases.reads.people import officer_of, one_of
from cases.rules.permissions import Need, may
from cases.rules.shifts import MOST_WEEKS
from cases.services import rota
from cases.services.rota import RotaRefused
from cases.web.team_forms import WEEKDAYS, PostForm, SeenShiftForm, ShiftForm, ShiftsForm
from cases.web.views.base import page, posted, told, valid


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """A week of every post (`?week=`: any day in it), and the forms of who may plan."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE_TEAM)
    found = rota_read.week(_day(request, now), now=now)
    posts = found.posts
    may_plan = may(officer.role, Need.RUN_TEAM)
    context = {
        "week": found,
        "posts": posts,
        "functions": rota_read.FUNCTIONS,
        "may_plan": may_plan,
        "people": rota_read.plannable() if may_plan else [],
        "weekdays": WEEKDAYS,
        "most_weeks": MOST_WEEKS,
        "today": timezone.localdate(now),
        "history": rota_read.history(planned.post.pk for planned in posts),
    }
    return page(request, "cases/duty.html", context, here="duty")


@posted
@told
def add_post(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.RUN_TEAM)
    wanted = valid(PostForm(request.POST)).plan(is_new=True)
    rota.add_post(wanted, by=officer, now=timezone.now())
    messages.success(request, _("The duty post is there. Plan its first shifts."))
    return redirect("cases:duty")


@posted
@told
def change_post(request: HttpRequest, duty_post_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    post = duty_post_for(officer, duty_post_id)
    rota.change_post(
        post.pk, valid(PostForm(request.POST)).plan(is_new=False), by=officer, now=timezone.now()
    )
    messages.success(request, _("Saved."))
    return redirect("cases:duty")


@posted
@told
def plan_shifts(request: HttpRequest, duty_post_id: int) -> HttpResponse:
    """One shift, or those of some weeks at once."""
    officer = officer_of(request.user)
    post = duty_post_for(officer, duty_post_id)
    form = valid(ShiftsForm(request.POST))
    person = _person(form.cleaned_data["person"])
    is_on_call = form.cleaned_data["is_on_call"]
    wanted = form.pattern()
    planned = rota.plan_shifts(post.pk, person, wanted, by=officer, now=timezone.now(), is_on_call=is_on_call)
    n = len(planned)
    said = ngettext("%(n)d shift of %(who)s is planned.", "%(n)d shifts of %(who)s are planned.", n)
    messages.success(request, said % {"n": n, "who": person})
    return redirect("cases:duty")


@posted
@told
def change_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    shift = shift_for(officer, shift_id)
    if request.POST.get("do") == "remove":
        rota.remove_shift(shift.pk, seen=valid(SeenShiftForm(request.POST)).seen(), by=officer, now=now)
        messages.success(request, _("The shift is out of the plan."))
        return redirect("cases:duty")
    form = valid(ShiftForm(request.POST))
    person = _person(form.cleaned_data["person"])
    starts_at = shift.starts_at if shift.starts_at <= now else form.cleaned_data["starts_at"]
    span = starts_at or shift.starts_at, form.cleaned_data["ends_at"]
    is_on_call = form.cleaned_data["is_on_call"]
    rota.change_shift(shift.pk, person, span, seen=form.seen(), by=officer, now=now, is_on_call=is_on_call)
    messages.success(request, _("Saved."))
    return redirect("cases:duty")


def _day(request: HttpRequest, now: datetime) -> date:
    """The day that the address names, or today."""
    try:
        return date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return timezone.localdate(now)


def _person(number: int) -> Any:
    """A colleague who can have a shift. Raises RotaRefused."""
    person = one_of(rota_read.plannable(), number)
    if person is None:
        raise RotaRefused(_("Choose a colleague whose role can have a shift."))
    return person
