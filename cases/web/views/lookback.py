"""After the event: how alarms went, and whether they were right."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import escalation_for, require
from cases.reads import lookback as read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.services import lookback
from cases.web.forms import LookBackForm, SpanForm
from cases.web.templatetags.watching import STEPS, sign_label, step_label
from cases.web.views.base import back, page, posted, told, valid
from cases.web.views.imports import CSV_TYPE, defused

SPANS = (7, 30, 90)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_WATCHING)
    found, days, profile = _asked(request)
    context = {
        "found": found,
        "days": days,
        "profile": profile,
        "spans": SPANS,
        "steps": list(STEPS),
        "may_look_back": may(officer.role, Need.LOOK_BACK),
        "may_open_cases": may(officer.role, Need.SEE),
    }
    return page(request, "cases/lookback.html", context, here="lookback")


@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The same for a spreadsheet: no cell of it is a formula."""
    require(officer_of(request.user), Need.SEE_WATCHING)
    found, _days, _profile = _asked(request)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    times = [step_label(name) for name in STEPS]
    writer.writerow(
        [_("About"), _("Level"), _("Profile"), *times, _("Judged"), _("Reason"), _("Signs"), _("Why")]
    )
    for row in found.alarms:
        writer.writerow([defused(cell) for cell in _cells(row)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type=CSV_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="weerwoord-alarms.csv"'
    return answer


@posted
@told
def look_back(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """Say whether an alarm was right; it can be said again."""
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.LOOK_BACK)
    asked = valid(LookBackForm(request.POST)).cleaned_data
    is_false = asked["said"] == "false"
    seen = asked["seen"] if "seen" in request.POST else None
    lookback.say(alarm, is_false=is_false, reason=asked["reason"], by=officer, now=timezone.now(), seen=seen)
    messages.success(request, _("Written down. It counts in the figures of its profile."))
    return back(request, "cases:lookback")


def _asked(request: HttpRequest) -> tuple[read.LookBack, int, int | None]:
    form, now = SpanForm(request.GET), timezone.now()
    form.is_valid()
    days, profile = form.cleaned_data.get("days") or SPANS[1], form.cleaned_data.get("profile")
    since = now - timedelta(days=days)
    return read.look_back(since=since, until=now, profile=profile), days, profile


def _cells(row: read.Looked) -> Iterable[str]:
    return (
        row.about.title,
        str(row.alarm.level),
        str(row.profile or ""),
        *(_moment(step.at) for step in row.steps),
        {"right": _("right"), "false": _("false alarm")}.get(row.said, ""),
        row.reason,
        ", ".join(sign_label(sign) for sign in row.signs),
        row.sentence,
    )


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
