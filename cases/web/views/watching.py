"""The watch board, its checks, and the alarms."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import case_for, escalation_for, notification_for, require, watch_for
from cases.reads import board as board_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.services import escalation, notifications, watching
from cases.web.forms import NoteForm, PauseForm, PlanForm
from cases.web.plans import plan_from
from cases.web.views.base import back, page, posted, told, valid


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    shown = board_read.board(now=timezone.now())
    worse = [row for row in shown.watches if row.state in ("worsened", "acknowledged", "rising")]
    only = request.GET.get("show", "")
    context = {
        "board": shown,
        "rows": worse if only == "worse" else shown.watches,
        "only": only,
        "n_worse": len(worse),
        "may_watch": may(officer.role, Need.WATCH),
        "may_acknowledge": may(officer.role, Need.ACKNOWLEDGE),
    }
    return page(request, "cases/watch_board.html", context, here="watching")


@posted
@told
def start(request: HttpRequest, case_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.WATCH)
    plan = plan_from(valid(PlanForm(request.POST)).cleaned_data, officer=officer, now=now)
    watching.start(case, plan, by=officer, now=now)
    return back(request, "cases:case", case_id)


@posted
@told
def check(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Log that somebody looked; the other button says that it got worse."""
    officer, now = officer_of(request.user), timezone.now()
    watch = watch_for(officer, watch_id)
    note = valid(NoteForm(request.POST)).cleaned_data["note"]
    if request.POST.get("do") == "worse":
        if watching.say_worse(watch, by=officer, now=now, note=note):
            messages.warning(request, _("Communications is alarmed."))
        else:
            messages.info(request, _("Communications is being called already; your word was added."))
    else:
        watching.log_check(watch, by=officer, now=now, note=note)
        messages.success(request, _("Check written down. The next one is due later."))
    return back(request, "cases:watch_board")


@posted
@told
def pause(request: HttpRequest, watch_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    watch = watch_for(officer, watch_id)
    hours = valid(PauseForm(request.POST)).cleaned_data["hours"]
    watching.pause(watch, until=now + timedelta(hours=hours), by=officer, now=now)
    return back(request, "cases:watch_board")


@posted
@told
def end(request: HttpRequest, watch_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    reason = valid(NoteForm(request.POST)).cleaned_data["note"]
    watching.end(watch, by=officer, now=timezone.now(), reason=reason or _("nothing more happens"))
    return back(request, "cases:watch_board")


@require_http_methods(["GET", "POST"])
def acknowledge(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """Take an alarm. The link in a message opens a page that asks to confirm."""
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
    if request.method == "GET":
        context = {"alarm": alarm, "sentence": board_read.alarm_sentence(alarm.pk)}
        return page(request, "cases/acknowledge.html", context, here="watching")
    if escalation.acknowledge(alarm, by=officer, now=timezone.now()):
        messages.success(request, _("You have this alarm. Nobody else is called for it now."))
    else:
        messages.info(request, _("This alarm was taken or over already; nothing was changed."))
    return redirect("cases:case", alarm.case_id)


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    context = {
        "notices": board_read.notices(officer),
        "may_see_sources": may(officer.role, Need.SEE_SOURCES),
    }
    return page(request, "cases/notifications.html", context, here="notices")


@posted
def read_notice(request: HttpRequest, notification_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    notice = notification_for(officer, notification_id)
    notifications.mark_read(notice, now=timezone.now())
    return back(request, "cases:notifications")
