"""How soon posts of a situation are answered: its own targets, and what one does before it is set."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from cases.access import situation_for
from cases.reads import haste as haste_read
from cases.reads.people import officer_of
from cases.rules.mandate import PRIORITIES
from cases.rules.permissions import Need, may
from cases.services import haste
from cases.web.views.base import page, told, valid

LONGEST = 1440


class HasteForm(forms.Form):
    """Minutes, for all its posts or those of one priority; without minutes: as everywhere else."""

    minutes = forms.IntegerField(
        min_value=1, max_value=LONGEST, required=False, label=gettext_lazy("Minutes")
    )
    priority = forms.ChoiceField(choices=[("", ""), *((name, name) for name in PRIORITIES)], required=False)


@told
def targets(request: HttpRequest, situation_id: int) -> HttpResponse:
    """The targets of a situation; one that is asked for is shown with what it does, one posted is set."""
    officer, now = officer_of(request.user), timezone.now()
    if request.method == "POST":
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = valid(HasteForm(request.POST)).cleaned_data
        n = haste.set_target(found, sent["minutes"], priority=sent["priority"], by=officer, now=now)
        done = ngettext(
            "Saved. %(n)s case that waits has its time by it.",
            "Saved. %(n)s cases that wait have their time by it.",
            n,
        )
        messages.success(request, done % {"n": n})
        return redirect("cases:situation_targets", situation_id)
    found = situation_for(officer, situation_id)
    form = HasteForm(request.GET)
    asked = form.cleaned_data if request.GET and form.is_valid() else None
    context = {
        "situation": found,
        "own": haste_read.own_targets(found),
        "asked": asked,
        "wrong": form.errors.get("minutes") if request.GET else None,
        "effect": haste_read.effect(found, asked["minutes"], priority=asked["priority"], now=now)
        if asked
        else None,
        "may_change": may(officer.role, Need.RUN_SITUATION) and found.status == "open",
    }
    return page(request, "cases/situation_targets.html", context, here="situations")
