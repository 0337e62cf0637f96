"""Cue words: the list with what it found, trying a phrase on the newest posts, and switching phrases."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import require
from cases.reads import cues as cues_read
from cases.reads.people import officer_of
from cases.rules.cues import HARD_TRIGGERS, CueKind
from cases.rules.permissions import Need, may
from cases.services import cues
from cases.services.cues import CuePlan, CueRefused
from cases.web.profile_forms import CueForm, SwitchForm
from cases.web.profile_words import KINDS, LANGUAGES
from cases.web.views.base import page, told, valid
from cases.web.words import word


@told
def overview(request: HttpRequest) -> HttpResponse:
    """The phrases of one kind with their coverage; a phrase that is posted is tried or added."""
    officer = officer_of(request.user)
    require(officer, Need.SEE_WATCHING)
    if request.method != "POST":
        return _shown(request, _kind(request.GET.get("kind", "")))
    require(officer, Need.SET_WATCHING)
    sent = valid(CueForm(request.POST)).cleaned_data
    plan = CuePlan(CueKind(sent["kind"]), sent["words"], sent["language"])
    try:
        if sent["do"] == "try":
            return _shown(request, plan.kind, plan=plan, trial=cues_read.trial(plan.kind, cues.check(plan)))
        cues.add(plan, by=officer, now=timezone.now())
    except CueRefused as refused:
        return _shown(request, plan.kind, plan=plan, refused=refused, status=422)
    messages.success(request, _("The phrase is added. It is looked for in every post from now on."))
    return redirect(_address(plan.kind))


@told
def switch(request: HttpRequest) -> HttpResponse:
    """Look for a phrase or not. Whoever comes by a link sees the list."""
    if request.method != "POST":
        return redirect("cases:cues")
    officer = officer_of(request.user)
    require(officer, Need.SET_WATCHING)
    sent = valid(SwitchForm(request.POST)).cleaned_data
    kind, is_on = CueKind(sent["kind"]), sent["do"] == "on"
    cues.switch(kind, sent["phrase"], on=is_on, by=officer, now=timezone.now(), seen=sent["seen"])
    done = _("The phrase is looked for again.") if is_on else _("The phrase is not looked for any more.")
    messages.success(request, done)
    return redirect(_address(kind))


def _shown(
    request: HttpRequest,
    kind: CueKind,
    *,
    plan: CuePlan | None = None,
    trial: cues_read.Trial | None = None,
    refused: CueRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    officer, coverage = officer_of(request.user), cues_read.coverage()
    context: dict[str, Any] = {
        "coverage": coverage,
        "kinds": [(each.kind.value, word(KINDS, each.kind), each) for each in coverage.kinds],
        "shown": next(each for each in coverage.kinds if each.kind is kind),
        "kind": kind.value,
        "kind_label": word(KINDS, kind),
        "triggers": kind in HARD_TRIGGERS,
        "languages": list(LANGUAGES.items()),
        "plan": plan,
        "trial": trial,
        "refused": refused,
        "history": cues_read.history(),
        "may_change": may(officer.role, Need.SET_WATCHING),
        "may_see": may(officer.role, Need.SEE),
    }
    return page(request, "cases/cues.html", context, here="cues", status=status)


def _kind(name: str) -> CueKind:
    return CueKind(name) if name in set(CueKind) else CueKind.DANGER


def _address(kind: CueKind) -> str:
    return f"{reverse('cases:cues')}?kind={kind.value}"
