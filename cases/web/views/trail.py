"""The audit trail for who may see it: a list to search, and a head to publish outside."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import require
from cases.reads.case import current_scheme
from cases.reads.pages import Span
from cases.reads.people import officer_of
from cases.reads.trail import EventsWanted, events_page
from cases.rules.permissions import Need
from cases.services import audit
from cases.web.events import told_briefly
from cases.web.forms import DayField
from cases.web.views.base import page, whole_number

DAY = "%Y-%m-%d"


class TrailForm(forms.Form):
    """What to look for in the trail; everything may stay empty."""

    subject = forms.CharField(required=False, max_length=60, label=gettext_lazy("Object, as in case:7 or 7"))
    actor = forms.CharField(required=False, max_length=200, label=gettext_lazy("Person"))
    action = forms.CharField(required=False, max_length=40, label=gettext_lazy("Action"))
    since = DayField(required=False, input_formats=[DAY], label=gettext_lazy("From"))
    until = DayField(required=False, input_formats=[DAY], label=gettext_lazy("Up to and including"))


@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """The events that were asked for, newest first."""
    require(officer_of(request.user), Need.SEE_AUDIT)
    form = TrailForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = events_page(_wanted(asked), Span(whole_number(request.GET.get("before", ""))))
    query = request.GET.copy()
    query["before"] = str(found.before)
    scheme = current_scheme()
    context = {
        "form": form,
        "events": [(event, told_briefly(event, scheme)) for event in found.rows],
        "older": f"?{query.urlencode()}" if found.before else "",
        "is_filtered": any(asked.values()),
    }
    return page(request, "cases/trail.html", context, here="trail")


@require_http_methods(["GET", "POST"])
def head(request: HttpRequest) -> HttpResponse:
    """The line to publish; the button seals everything up to now first."""
    require(officer_of(request.user), Need.SEE_AUDIT)
    if request.method == "POST":
        if audit.head(now=timezone.now()) is None:
            messages.error(request, _("The audit trail is empty; there is nothing to publish yet."))
        return redirect("cases:audit_head")
    return page(request, "cases/trail_head.html", {"head": audit.newest_head()}, here="trail")


def _wanted(asked: dict[str, Any]) -> EventsWanted:
    words = {name: asked.get(name, "") for name in ("subject", "actor", "action")}
    until = _midnight(asked.get("until"))
    return EventsWanted(
        **words, since=_midnight(asked.get("since")), until=until + timedelta(days=1) if until else None
    )


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) if day else None
