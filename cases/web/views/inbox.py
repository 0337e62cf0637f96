"""The inbox: the list, the post beside it, and judging it by the scheme."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases import policy
from cases.access import case_for, require
from cases.reads import claims as claims_read
from cases.reads import inbox as inbox_read
from cases.reads import later
from cases.reads import situations as situations_read
from cases.reads.board import alarm_sentence
from cases.reads.case import CasePage, case_page
from cases.reads.forecast import forecast
from cases.reads.people import officer_of, who_may
from cases.reads.presence import looking
from cases.rules.forecast import Forecast
from cases.rules.permissions import Need, may
from cases.rules.workflow import State
from cases.services import assignment, decisions, presence, triage
from cases.services.undo import in_batch, last_action
from cases.services.undo import undo as take_back
from cases.web import flow as flows
from cases.web.forms import AnswerForm, ChooseForm, ExitForm, SeenForm, ToggleForm
from cases.web.mandate_lines import mandate_context
from cases.web.plans import plan_from
from cases.web.views.base import UNDO_SHOWN, back, back_to, leave, page, posted, told, valid, whole_number

MOST_SENTENCES = 10
"""Cases of a batch that are named when they could not be taken back."""


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One view of the inbox with one case open; without a number the first of the list."""
    officer, now = officer_of(request.user), timezone.now()
    if not may(officer.role, Need.SEE):  # an administrator and a board viewer have another first page
        return redirect("cases:sources" if may(officer.role, Need.SEE_SOURCES) else "cases:dashboard")
    view = request.GET.get("view", "new")
    view = view if view in inbox_read.VIEWS else "new"
    after_row = request.GET.get("after", "")
    listed = inbox_read.inbox(officer, view, now=now, after=after_row)
    here = urlencode({"view": view, "after": after_row} if after_row else {"view": view})
    wanted = request.GET.get("case", "")
    case_id = whole_number(wanted)
    if case_id is None and listed.rows:
        case_id = listed.rows[0].id
    counts = inbox_read.counts(officer, now=now)
    context: dict[str, Any] = {
        "view": view,
        "here_query": here,
        "views": counts,
        "forecast": _forecast(request, counts, now=now),
        "listed": listed,
        "oldest_at": inbox_read.oldest_waiting(now=now),
        "is_open": bool(wanted),
        "undoable": undoable(request),
        "situations": situations_read.banners(),
        "proposed": situations_read.proposed(),
        "may_take_next": may(officer.role, Need.JUDGE),
    }
    if case_id is not None:
        opened = case_page(case_for(officer, case_id))
        context |= judging(request, opened)
        context["beside"] = inbox_read.beside(officer, opened.case, view, now=now)
        context["next"] = f"{reverse('cases:inbox')}?{here}&case={case_id}"
    return page(request, "cases/inbox.html", context, here="inbox")


def _forecast(request: HttpRequest, counts: Mapping[str, int], *, now: datetime) -> Forecast | None:
    """What becomes late, where work waits; not asked again when only the post beside the list is."""
    waits = any(n for view, n in counts.items() if view != "snoozed")
    return forecast(now=now) if waits and request.headers.get("HX-Target") != "pane" else None


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """What is new since the page was read: 204 when nothing is.

    `shown`: the cases on the page, and with an "l" before it the one that is open; `held`: the mark of
    who was at them, and who else had it open, when last asked. `situation`: the page is about that one.
    """
    officer, now = officer_of(request.user), timezone.now()
    since = request.GET.get("since", "")
    here = whole_number(request.GET.get("situation", ""))
    news = inbox_read.news(officer, now=now, since=since, situation=here)
    may_see = may(officer.role, Need.SEE)
    held = _who_is_where(request, now=now) if may_see else {}
    mark = f"{crc32(repr(held).encode()):x}" if held else ""
    if news.token == since and mark == request.GET.get("held", ""):
        return HttpResponse(status=204)
    told_of = ""
    if news.alarm and may_see:
        told_of = _("An alarm rings: %(sentence)s") % {"sentence": alarm_sentence(news.alarm)}
    text = ngettext("%(n)d new post", "%(n)d new posts", news.n_new) % {"n": news.n_new}
    new = {"since": news.token, "counts": news.counts, "n": news.n_new, "text": text, "alarm": told_of}
    return JsonResponse(new | {"held": held, "held_mark": mark})


def _who_is_where(request: HttpRequest, *, now: datetime) -> dict[str, str]:
    """The names of colleagues by what is on the page: at a case, or with the open one ("l") before them."""
    officer, shown = officer_of(request.user), request.GET.get("shown", "").split(",")
    numbers = [pk for each in shown if (pk := whole_number(each)) is not None]
    held = {str(pk): who for pk, who in inbox_read.held(officer, numbers, now=now).items()} if numbers else {}
    looked_at = next((whole_number(each[1:]) for each in shown if each.startswith("l")), None)
    if looked_at is not None and looked_at <= inbox_read.MAX_ID:
        presence.look(looked_at, by=officer, now=now)
        if others := looking(officer, looked_at, now=now):
            held[f"l{looked_at}"] = others
    return held


@posted
@told
def answer(request: HttpRequest, case_id: int) -> HttpResponse:
    """Store one answer; a shortcut takes an option of the advice with it."""
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    form = valid(AnswerForm(request.POST))
    assignment.take(case, by=officer, now=now)
    data = form.cleaned_data
    triage.answer(case, data["question"], "+".join(form.choices), by=officer, now=now, seen=form.seen_state)
    if data["option"]:
        decisions.choose(case, decisions.Chosen(data["option"]), by=officer, now=now)
        return after(request, case_id)
    return back(request)


@posted
@told
def step_back(request: HttpRequest, case_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    triage.step_back(case, by=officer, now=now, seen=valid(SeenForm(request.POST)).seen_state)
    return back(request)


@posted
@told
def toggle(request: HttpRequest, case_id: int) -> HttpResponse:
    """Switch a fact beside the advice: this post holds a suggestion."""
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    data = valid(ToggleForm(request.POST)).cleaned_data
    triage.toggle(case, data["toggle"], on=data["on"], by=officer, now=now)
    return back(request)


@posted
@told
def choose(request: HttpRequest, case_id: int) -> HttpResponse:
    """Follow the advice, or deviate from it with a reason."""
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    form = valid(ChooseForm(request.POST))
    data = form.cleaned_data
    assignment.take(case, by=officer, now=now)
    chosen = decisions.Chosen(
        option=data["option"],
        reason=data["reason"],
        what_we_do=data["what_we_do"],
        plan=plan_from(data, officer=officer, now=now),
        seen=form.seen_state,
    )
    decisions.choose(case, chosen, by=officer, now=now)
    return after(request, case_id)


@posted
@told
def take_exit(request: HttpRequest, case_id: int, exit_id: str) -> HttpResponse:
    """Leave the scheme: not relevant, information, a question, a rumour, later, escalate, danger."""
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id, Need.JUDGE)
    form = valid(ExitForm(request.POST))
    reason, until = form.cleaned_data["reason"], form.returns_at(now)
    decisions.take_exit(case, exit_id, by=officer, now=now, reason=reason, seen=form.seen_state, until=until)
    return after(request, case_id)


@posted
@told
def undo(request: HttpRequest) -> HttpResponse:
    """Take back this officer's last action, and show the case it was about."""
    officer = officer_of(request.user)
    require(officer, Need.JUDGE)
    undone = take_back(officer, now=timezone.now())
    if undone.n_done > 1 or undone.left:
        n = undone.n_done
        messages.success(
            request, ngettext("Taken back: %(n)d case.", "Taken back: %(n)d cases.", n) % {"n": n}
        )
    for sentence in undone.left[:MOST_SENTENCES]:
        messages.error(request, sentence)
    return redirect(f"{reverse('cases:inbox')}?case={undone.case.pk}")


def after(request: HttpRequest, case_id: int) -> HttpResponse:
    """Where to go once a case was acted upon: to its page when there is more to do, else the next one.

    The next one is of the same conversation as long as something waits there.
    """
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id)
    if case.state == State.DRAFTING or (case.state == State.COMMS and case.is_urgent):
        return leave(request, "cases:case", case_id)
    target = request.POST.get("next", "")
    if target.startswith(reverse("cases:situations")):  # the next topic, not the one that was judged
        place = urlsplit(target)
        others = [(name, value) for name, value in parse_qsl(place.query) if name != "case"]
        return back_to(request, f"{place.path}?{urlencode(others)}")
    if target.startswith(reverse("cases:inbox")):
        kept = {name: value for name, value in parse_qsl(urlsplit(target).query) if name in ("view", "after")}
        beside = inbox_read.beside(officer, case, kept.get("view", "new"), now=now)
        kept |= {"case": str(beside.rows[0].id)} if beside else {}
        return redirect(f"{reverse('cases:inbox')}?{urlencode(kept)}")
    return back(request)


def judging(request: HttpRequest, opened: CasePage) -> dict[str, Any]:
    """What the post and the scheme beside it show."""
    officer, now = officer_of(request.user), timezone.now()
    case = opened.case
    held = case.taken_until is not None and case.taken_until > now and case.taken_by_id != officer.pk
    return _by_scheme(opened) | {
        "case": case,
        "opened": opened,
        "may_judge": may(officer.role, Need.JUDGE),
        "may_report_danger": may(officer.role, Need.DANGER),
        **mandate_context(officer, opened, now=now),
        "taken_by_other": case.taken_by if held else None,
        "watchers": who_may(Need.WATCH),
        "moments": later.moments(now=now),
        "looking": looking(officer, case.pk, now=now),
        "claim_cards": claims_read.cards(case, now=now),
    }


def _by_scheme(opened: CasePage) -> dict[str, Any]:
    """What the scheme says of this case; a scheme that cannot be read takes nothing else with it."""
    try:
        return {"flow": flows.flow(opened), "danger": flows.danger(opened)}
    except policy.UnknownSchemeVersion as trouble:
        return {"scheme_trouble": trouble}


def undoable(request: HttpRequest, case_id: int | None = None) -> dict[str, Any] | None:
    """The last action of this officer (on this case), if one key can still take it back."""
    action = last_action(officer_of(request.user))
    if action is None or (not action.batch and action.case.state != action.after_state):
        return None
    if case_id is not None and action.case_id != case_id:
        return None
    return {
        "case_id": action.case_id,
        "kind": action.kind,
        "state": action.after_state,
        "n": in_batch(action),
        "is_fresh": timezone.now() - action.at < UNDO_SHOWN,
    }
