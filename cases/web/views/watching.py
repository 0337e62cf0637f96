"""The watch board, its checks, and the alarms."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases import policy
from cases.access import case_for, notification_for, query_for, require, watch_for
from cases.reads import board as board_read
from cases.reads import watches
from cases.reads.people import officer_of, one_of, who_may
from cases.reads.watches import LOUDEST_FIRST
from cases.rules.permissions import Need, may
from cases.services import notifications, profiles, watching
from cases.web.events import told as told_event
from cases.web.forms import BoardForm, FloorForm, HandForm, NoteForm, PauseForm, PlanForm
from cases.web.plans import plan_from
from cases.web.templatetags.weerwoord import clock
from cases.web.views.base import back, page, posted, told, valid, whole_number
from cases.web.words import LEVELS


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    form = BoardForm(request.GET)
    form.is_valid()
    asked, only = form.cleaned_data, request.GET.get("show", "")
    sieve = board_read.Sieve(
        mine=officer if asked.get("mine") else None,
        post=asked.get("post"),
        level=asked.get("level") or 0,
        only_worse=only == "worse",
        kind=board_read.KINDS.get(request.GET.get("on", "")),
        page=asked.get("page") or 1,
    )
    context = {
        "board": board_read.board(now=timezone.now(), sieve=sieve),
        "states": LOUDEST_FIRST,
        "sieve": sieve,
        "is_filtered": sieve != board_read.Sieve(page=sieve.page),
        "levels": LEVELS,
        "may_watch": may(officer.role, Need.WATCH),
        "may_acknowledge": may(officer.role, Need.ACKNOWLEDGE),
    }
    return page(request, "cases/watch_board.html", context, here="watching")


@require_GET
def watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    """One watch: why, how it went, and everything that can be done with it."""
    officer, now = officer_of(request.user), timezone.now()
    shown = watches.watch_page(watch_for(officer, watch_id, Need.SEE), now=now)
    case = shown.row.watch.case
    scheme = policy.scheme_of(case) if case else policy.scheme_from(policy.current_version())
    context = {
        "shown": shown,
        "row": shown.row,
        "watch": shown.row.watch,
        "alarm": shown.row.escalation,
        "history": [(event, told_event(event, scheme)) for event in shown.history],
        "levels": [(n, label) for n, label in LEVELS.items() if n],
        "may_watch": may(officer.role, Need.WATCH),
        "may_acknowledge": may(officer.role, Need.ACKNOWLEDGE),
        "may_see_watching": may(officer.role, Need.SEE_WATCHING),
    }
    return page(request, "cases/watch.html", context, here="watching")


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
def start_on_query(request: HttpRequest, query_id: int) -> HttpResponse:
    """Watch all that a query hears."""
    officer, now = officer_of(request.user), timezone.now()
    query = query_for(officer, query_id, Need.WATCH)
    plan = plan_from(valid(PlanForm(request.POST)).cleaned_data, officer=officer, now=now)
    watching.start_on_query(query, plan, by=officer, now=now)
    messages.success(request, _("This query is watched from now on."))
    return back(request, "cases:query", query_id)


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
    """No alarms for a while: half an hour, some hours, or until a moment; never without an end."""
    officer, now = officer_of(request.user), timezone.now()
    watch = watch_for(officer, watch_id)
    asked = valid(PauseForm(request.POST)).cleaned_data
    until = asked["until"] or now + timedelta(minutes=asked["minutes"] or 60)
    watching.pause(watch, until=until, by=officer, now=now, reason=asked["reason"])
    messages.success(request, _("No alarms until %(time)s.") % {"time": clock(until)})
    return back(request, "cases:watch_board")


@posted
@told
def resume(request: HttpRequest, watch_id: int) -> HttpResponse:
    """End a pause before its time."""
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    if watching.resume(watch, by=officer, now=timezone.now()):
        messages.success(request, _("This watch rings again."))
    return back(request, "cases:watch_board")


@posted
@told
def hand(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Give a watch to another person or duty post."""
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    asked = valid(HandForm(request.POST)).cleaned_data
    person = one_of(who_may(Need.WATCH), asked["watcher"])
    post = watches.duty_post_of(asked["post"])
    watching.hand(watch, by=officer, now=timezone.now(), watcher=person, post=post, note=asked["note"])
    messages.success(request, _("The watch is handed on."))
    return back(request, "cases:watch_page", watch_id)


@posted
@told
def set_floor(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Set the level below which a watch does not fall by itself."""
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    asked = valid(FloorForm(request.POST)).cleaned_data
    if watching.set_floor(watch, asked["level"], by=officer, now=timezone.now(), reason=asked["reason"]):
        messages.success(request, _("The lowest level of this watch is set."))
    return back(request, "cases:watch_page", watch_id)


@posted
@told
def choose_profile(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Judge a watch by another profile; without one it is judged by the default."""
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    number = whole_number(request.POST.get("profile", ""))
    profiles.choose(watch, watches.profile_of(number), by=officer, now=timezone.now())
    messages.success(request, _("From now on this watch is judged by the profile you chose."))
    return back(request, "cases:watch_page", watch_id)


@posted
@told
def end(request: HttpRequest, watch_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    watch = watch_for(officer, watch_id)
    reason = valid(NoteForm(request.POST)).cleaned_data["note"]
    watching.end(watch, by=officer, now=timezone.now(), reason=reason or _("nothing more happens"))
    return back(request, "cases:watch_board")


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
