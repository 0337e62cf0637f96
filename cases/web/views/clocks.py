"""Targets and calendars: for the team to read, for the duty lead and administrators to change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import calendar_for, require, target_for
from cases.reads import clocks as clocks_read
from cases.reads.people import officer_of
from cases.rules.calendars import countries
from cases.rules.permissions import Need, may
from cases.services import calendars
from cases.web.clock_forms import CalendarForm, DayForm, TargetForm
from cases.web.team_forms import WEEKDAYS
from cases.web.views.base import page, posted, told, valid


@require_GET
def clocks(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE_TEAM)
    context = {
        "clocks": clocks_read.clocks(now=now),
        "may_change": may(officer.role, Need.RUN_TEAM),
        "kinds": clocks_read.KINDS,
        "categories": clocks_read.CATEGORIES,
        "countries": sorted(countries()),
        "weekdays": [label for _n, label in WEEKDAYS],
    }
    return page(request, "cases/clocks.html", context, here="clocks")


@posted
@told
def set_target(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.RUN_TEAM)
    form = valid(TargetForm(request.POST))
    seen = form.cleaned_data["seen"]
    calendars.set_target(form.plan(), seen=seen, by=officer, now=timezone.now())
    messages.success(request, _("Saved. It counts for clocks that are set from now on."))
    return redirect("cases:clocks")


@posted
@told
def drop_target(request: HttpRequest, target_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    target_id = target_for(officer, target_id).pk
    calendars.drop_target(target_id, seen=request.POST.get("seen", ""), by=officer, now=timezone.now())
    messages.success(request, _("The target is removed. The one for all others counts instead."))
    return redirect("cases:clocks")


@posted
@told
def begin_clocks(request: HttpRequest) -> HttpResponse:
    """Office hours and first targets, in one click."""
    officer = officer_of(request.user)
    require(officer, Need.RUN_TEAM)
    calendars.begin(country=request.POST.get("country", "NL"), by=officer, now=timezone.now())
    messages.success(request, _("Office hours and targets are there. Change what is different with you."))
    return redirect("cases:clocks")


@posted
@told
def add_calendar(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.RUN_TEAM)
    calendars.add_calendar(valid(CalendarForm(request.POST)).plan(), by=officer, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("cases:clocks")


@posted
@told
def change_calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Change a calendar, or remove it."""
    officer, now = officer_of(request.user), timezone.now()
    calendar_id = calendar_for(officer, calendar_id).pk
    if request.POST.get("do") == "remove":
        calendars.remove_calendar(calendar_id, by=officer, now=now)
        messages.success(request, _("The calendar is removed."))
        return redirect("cases:clocks")
    form = valid(CalendarForm(request.POST))
    calendars.change_calendar(calendar_id, form.plan(), seen=form.cleaned_data["seen"], by=officer, now=now)
    messages.success(request, _("Saved. It counts for clocks that are set from now on."))
    return redirect("cases:clocks")


@posted
@told
def set_day(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Give a day hours of its own, or let it be as any other again."""
    officer, now = officer_of(request.user), timezone.now()
    calendar_id = calendar_for(officer, calendar_id).pk
    data = valid(DayForm(request.POST)).cleaned_data
    if request.POST.get("do") == "drop":
        calendars.drop_day(calendar_id, data["day"], by=officer, now=now)
    else:
        said = {"name": data["name"], "hours": data["hours"]}
        calendars.set_day(calendar_id, data["day"], **said, by=officer, now=now)
    messages.success(request, _("Saved."))
    return redirect("cases:clocks")
