"""Situations: the list, the one screen for the night, and what is decided there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import case_for, query_for, require, situation_for
from cases.reads import situations as read
from cases.reads import watches
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need, may
from cases.services import inflows, joining, logging, situations
from cases.services.joining import SituationOver
from cases.services.situations import Changes, Plan
from cases.web.situation_forms import (
    MINUTES,
    SINCE,
    ChangeForm,
    InflowForm,
    JoinForm,
    KeyMessageForm,
    LevelForm,
    LogForm,
    NumberForm,
    OpenForm,
    ReasonForm,
)
from cases.web.views.base import back, page, posted, told, valid


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    context = {
        "listed": read.situations(now=timezone.now()),
        "levels": read.levels(),
        "may_run": may(officer.role, Need.RUN_SITUATION),
        "may_grade": may(officer.role, Need.ONE_VOICE),
    }
    return page(request, "cases/situations.html", context, here="situations")


@require_GET
def situation(request: HttpRequest, situation_id: int) -> HttpResponse:
    """One screen for a few people at night."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id)
    may_run = may(officer.role, Need.RUN_SITUATION) and found.status == "open"
    context = {
        "shown": read.page(found, now=now),
        "situation": found,
        "watched": watches.of_situation(found, now=now),
        "levels": read.levels(),
        "officers": who_may(Need.RUN_SITUATION),
        "profiles": read.profiles(),
        "queries": read.queries_to_add(now=now) if may_run else [],
        "minutes": MINUTES,
        "word_minutes": found.word_every_s // 60,
        "since": SINCE.items(),
        "may_run": may_run,
        "may_open": may(officer.role, Need.RUN_SITUATION),
        "may_lock": may(officer.role, Need.ONE_VOICE) and found.status == "open",
        "may_log": may(officer.role, Need.JUDGE),
    }
    return page(request, "cases/situation.html", context, here="situations")


@posted
@told
def open_situation(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.RUN_SITUATION)
    form = valid(OpenForm(request.POST))
    opened = situations.open_situation(_plan(form), by=officer, now=now)
    return redirect("cases:situation", opened.pk)


@posted
@told
def open_proposed(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    opened = situations.open_proposed(found, _plan(valid(OpenForm(request.POST))), by=officer, now=now)
    return redirect("cases:situation", opened.pk)


@posted
@told
def decline(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    reason = valid(ReasonForm(request.POST)).cleaned_data["reason"]
    situations.decline(found, reason=reason, by=officer, now=now)
    messages.success(request, _("This is no situation. It is proposed again when its story doubles."))
    return redirect("cases:situations")


@posted
@told
def change(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    form = valid(ChangeForm(request.POST))
    data = form.cleaned_data
    wanted = Changes(
        name=data["name"],
        about=data["about"],
        owner=one_of(who_may(Need.RUN_SITUATION), data["owner"]) or found.owner or officer,
        profile=read.profile_numbered(data["profile"]),
        word_every=form.every,
        began_at=data["began_at"] or found.began_at,
    )
    situations.change(found, wanted, by=officer, now=now, revision=data["revision"])
    return redirect("cases:situation", situation_id)


@posted
@told
def set_level(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.ONE_VOICE)
    data = valid(LevelForm(request.POST)).cleaned_data
    level = read.level_numbered(data["level"])
    revision = data["revision"]
    situations.set_level(found, level, reason=data["reason"], by=officer, now=now, revision=revision)
    return redirect("cases:situation", situation_id)


@posted
@told
def lock(request: HttpRequest, situation_id: int) -> HttpResponse:
    """One voice: from now on only unaltered vetted answers leave without the head of communications."""
    officer = officer_of(request.user)
    found = situation_for(officer, situation_id, Need.ONE_VOICE)
    situations.lock_voice(found, by=officer, now=timezone.now())
    return redirect("cases:situation", situation_id)


@posted
@told
def unlock(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = situation_for(officer, situation_id, Need.ONE_VOICE)
    reason = valid(ReasonForm(request.POST)).cleaned_data["reason"]
    situations.unlock_voice(found, reason=reason, by=officer, now=timezone.now())
    return redirect("cases:situation", situation_id)


@posted
@told
def say(request: HttpRequest, situation_id: int) -> HttpResponse:
    """The next version of the key message; refused when a colleague wrote one meanwhile."""
    officer = officer_of(request.user)
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    data = valid(KeyMessageForm(request.POST)).cleaned_data
    situations.say_key_message(found, data["text"], after=data["after"], by=officer, now=timezone.now())
    return redirect("cases:situation", situation_id)


@posted
@told
def note(request: HttpRequest, situation_id: int) -> HttpResponse:
    """A line in the log; when people heard it from us, the one clock starts again."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.JUDGE)
    data = valid(LogForm(request.POST)).cleaned_data
    logging.note(found, data["text"], by=officer, now=now, is_decision=data["is_decision"])
    if data["is_told"]:
        situations.heard(found, by=officer, now=now)
    messages.success(request, _("It stands in the log."))
    return back(request, "cases:situation", situation_id)


@posted
@told
def add_inflow(request: HttpRequest, situation_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    form = valid(InflowForm(request.POST))
    query = query_for(officer, form.cleaned_data["query"])
    inflows.add(found, query=query, since=form.since(now), by=officer, now=now)
    return redirect("cases:situation", situation_id)


@posted
@told
def stop_inflow(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Let a query or a story bring nothing more; what it brought stays."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    number = valid(NumberForm(request.POST)).cleaned_data["number"]
    inflow = read.inflow_of(found, number)
    if inflow is not None:
        inflows.stop(inflow, by=officer, now=now)
    return redirect("cases:situation", situation_id)


def join(request: HttpRequest, case_id: int) -> HttpResponse:
    """Choose a situation for a case, or open one around it; take it out again."""
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    if request.method != "POST":
        context = {
            "case": case,
            "running": read.situations(now=now).open,
            "may_run": may(officer.role, Need.RUN_SITUATION),
        }
        return page(request, "cases/situation_join.html", context, here="cases")
    return _join(request, case_id)


@told
def _join(request: HttpRequest, case_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    data = valid(JoinForm(request.POST)).cleaned_data
    if data["name"]:
        require(officer, Need.RUN_SITUATION)
        opened = situations.open_from_case(case, Plan(name=data["name"]), by=officer, now=now)
        return redirect("cases:situation", opened.pk)
    if data["situation"]:
        found = situation_for(officer, data["situation"])
        if found.status != "open":
            raise SituationOver(found)
        joining.join(found, [case.pk], by=officer, now=now)
        messages.success(request, _("The case belongs to “%(name)s” now.") % {"name": found.name})
    else:
        joining.leave([case.pk], by=officer, now=now)
        messages.success(request, _("The case stands by itself again, with its ordinary clock."))
    return redirect(reverse("cases:case", args=[case_id]))


def _plan(form: OpenForm) -> Plan:
    data = form.cleaned_data
    return Plan(
        name=data["name"],
        about=data["about"],
        level=read.level_numbered(data["level"]),
        key_message=data["key_message"],
    )
