"""Alarms: the open ones, taking one, handing it over, ending it; and the ladders they climb."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases import naming
from cases.access import escalation_for, require
from cases.reads import alarms as alarms_read
from cases.reads import ladders as ladders_read
from cases.reads.people import officer_of, one_of
from cases.rules.ladders import SHIPPED
from cases.rules.permissions import Need, may
from cases.services import escalation, ladders, taking
from cases.services.escalation import AlarmRose
from cases.web.ladder_forms import LadderForm, NoteForm, OfferForm
from cases.web.views.base import page, posted, told, valid, whole_number


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every open alarm; taking one is one press."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE)
    context = {
        "alarms": alarms_read.open_alarms(now=now),
        "may_acknowledge": may(officer.role, Need.ACKNOWLEDGE),
        "may_see_ladders": may(officer.role, Need.SEE_WATCHING),
    }
    return page(request, "cases/alarms.html", context, here="alarms")


@require_http_methods(["GET", "POST"])
def acknowledge(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """Take an alarm. The link in a message opens a page that asks to confirm."""
    officer, now = officer_of(request.user), timezone.now()
    alarm = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
    if request.method == "GET":
        context = {
            "shown": alarms_read.alarm(alarm, now=now),
            "colleagues": alarms_read.colleagues(officer) if alarm.acknowledged_by_id == officer.pk else [],
            "may_decide": may(officer.role, Need.DECIDE),
        }
        return page(request, "cases/acknowledge.html", context, here="alarms")
    try:
        is_taken = escalation.acknowledge(
            alarm, by=officer, now=now, seen=whole_number(request.POST.get("seen", ""))
        )
    except AlarmRose as rose:
        messages.error(request, str(rose))
        return redirect("cases:acknowledge", escalation_id)
    if is_taken:
        messages.success(request, _("You have this alarm. Nobody else is called for it now."))
    else:
        messages.info(request, _("This alarm was taken or over already; nothing was changed."))
    return redirect(naming.path_of(alarm.subject))


@posted
@told
def offer(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """Ask a colleague to take it over."""
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
    to = one_of(alarms_read.colleagues(officer), valid(OfferForm(request.POST)).cleaned_data["to"])
    if to is None:
        raise taking.TakingRefused(_("Choose a colleague who may take alarms."))
    taking.offer(alarm, to, by=officer, now=timezone.now())
    messages.success(request, _("%(who)s is asked. You have the alarm until they accept.") % {"who": to})
    return redirect("cases:acknowledge", escalation_id)


@posted
@told
def accept(request: HttpRequest, escalation_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.ACKNOWLEDGE)
    taking.accept(alarm, by=officer, now=timezone.now())
    messages.success(request, _("You have this alarm now."))
    return redirect(naming.path_of(alarm.subject))


@posted
@told
def finish(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """End an alarm with a reason."""
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.DECIDE)
    reason = valid(NoteForm(request.POST)).cleaned_data["note"]
    taking.finish(alarm, reason=reason, by=officer, now=timezone.now())
    messages.success(request, _("The alarm is over."))
    return redirect(naming.path_of(alarm.subject))


@posted
@told
def declare_crisis(request: HttpRequest, escalation_id: int) -> HttpResponse:
    """A person says that it is a crisis."""
    officer = officer_of(request.user)
    alarm = escalation_for(officer, escalation_id, Need.DECIDE)
    reason = valid(NoteForm(request.POST)).cleaned_data["note"]
    taking.declare_crisis(alarm, reason=reason, by=officer, now=timezone.now())
    messages.warning(request, _("This is a crisis now. Everybody on its ladder is being called."))
    return redirect("cases:acknowledge", escalation_id)


@require_GET
def show_ladders(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE_WATCHING)
    context = {
        "shown": ladders_read.all_ladders(now=now),
        "may_change": may(officer.role, Need.SET_WATCHING),
        "opened": whole_number(request.GET.get("open", "")),
    }
    return page(request, "cases/ladders.html", context, here="ladders")


@posted
@told
def change_ladder(request: HttpRequest, level: int) -> HttpResponse:
    """Save a ladder as it was typed, with a step added, moved up or removed."""
    officer = officer_of(request.user)
    require(officer, Need.SET_WATCHING)
    if level not in SHIPPED:
        raise Http404
    form = valid(LadderForm(request.POST))
    plan = form.plan(request.POST.get("do", ""))
    ladders.change(level, plan, seen=form.cleaned_data["seen"], by=officer, now=timezone.now())
    messages.success(request, _("Saved. It holds for alarms that ring from now on."))
    return redirect(f"{reverse('cases:ladders')}?open={level}#h-{level}")
