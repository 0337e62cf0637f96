"""What every view shares: who asks, how a page is put together, and how a refusal is told."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from cases.access import LARGEST_ID, response_for
from cases.pulse import pulse
from cases.reads import alarms as alarms_read
from cases.reads import inbox as inbox_read
from cases.reads import sources as sources_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.rules.scheme import UnknownAnswer
from cases.services.assignment import TakenByOther
from cases.services.calendars import ClockRefused
from cases.services.claims import ClaimRefused
from cases.services.closing import ClosingRefused
from cases.services.contacts import ContactRefused
from cases.services.cues import CueRefused
from cases.services.decisions import NotOffered
from cases.services.escalation import AlarmRose
from cases.services.exercises import ExerciseRefused
from cases.services.inflows import InflowRefused
from cases.services.joining import SituationOver
from cases.services.ladders import LadderRefused
from cases.services.levels import LevelRefused
from cases.services.listening import QueryRefused
from cases.services.logging import NothingSaid
from cases.services.mailing import ReaderRefused
from cases.services.mandates import MandateRefused
from cases.services.many import TooMany
from cases.services.messages import CannotPublish
from cases.services.pictures import PictureRefused
from cases.services.preferences import PreferenceRefused, pressed
from cases.services.profiles import ProfileRefused
from cases.services.promises import OpenPromises, PromiseChanged, PromiseRefused
from cases.services.responses import CannotSend
from cases.services.rota import RotaRefused
from cases.services.shifts import HandOverRefused
from cases.services.situations import SituationRefused
from cases.services.swaps import SwapRefused
from cases.services.taking import TakingRefused
from cases.services.triage import BadMoment, NoStanding, ReasonMissing
from cases.services.undo import NothingToUndo
from cases.services.views import ViewRefused
from cases.services.watching import AlreadyWatched, WatchRefused
from cases.web.words import ROLES, word
from monitoring.queries.language import BadQuery


class FormRefused(Exception):
    """What was filled in is not what was asked: nothing is done with it, and each mistake is said."""

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self.reasons = [
            f"{form[name].label}: {sentence}" if name in form.fields else str(sentence)
            for name, sentences in form.errors.items()
            for sentence in sentences
        ]

    def __str__(self) -> str:
        return " ".join(self.reasons)


REFUSALS = (
    AlarmRose,
    AlreadyWatched,
    NoStanding,
    NothingSaid,
    SituationOver,
    SituationRefused,
    WatchRefused,
    BadMoment,
    BadQuery,
    CannotPublish,
    CannotSend,
    ClaimRefused,
    ClockRefused,
    ClosingRefused,
    ContactRefused,
    CueRefused,
    ExerciseRefused,
    FormRefused,
    HandOverRefused,
    InflowRefused,
    LadderRefused,
    LevelRefused,
    MandateRefused,
    NotOffered,
    NothingToUndo,
    OpenPromises,
    PromiseChanged,
    PromiseRefused,
    QueryRefused,
    ReasonMissing,
    RotaRefused,
    SwapRefused,
    TakenByOther,
    TakingRefused,
    PictureRefused,
    PreferenceRefused,
    ProfileRefused,
    ReaderRefused,
    TooMany,
    UnknownAnswer,
    ViewRefused,
)
"""Told on the page where the officer is; a stale page (409) is told by config.errors."""

MENU = {
    "cases": Need.SEE,
    "figures": Need.SEE_FIGURES,
    "promises": Need.PROMISE,
    "templates": Need.WRITE_TEMPLATE,
    "capture": Need.CAPTURE,
    "sources": Need.SEE_SOURCES,
    "imports": Need.IMPORT,
    "audit": Need.SEE_AUDIT,
    "team": Need.SEE_TEAM,
    "watching": Need.SEE_WATCHING,
    "approvals": Need.APPROVE,
    "exercises": Need.EXERCISE,
    "make_picture": Need.MAKE_PICTURE,
}
"""What the menu leads to, and who may go there: nobody is shown a door that is shut for them."""

FORMS_ON = {
    "contact_id": "cases:me",
    "watch_id": "cases:watch_board",
    "escalation_id": "cases:lookback",
    "task_id": "cases:promises",
    "query_id": "cases:queries",
    "notification_id": "cases:notifications",
    "source_id": "cases:sources",
    "rejected_id": "cases:quarantine",
    "duty_post_id": "cases:duty",
    "shift_id": "cases:duty",
    "pattern_id": "cases:duty",
    "swap_id": "cases:my_duty",
    "absence_id": "cases:my_duty",
    "hand_over_id": "cases:shift",
    "rule_id": "cases:division",
    "target_id": "cases:clocks",
    "calendar_id": "cases:clocks",
    "mandate_id": "cases:mandates",
    "view_id": "cases:cases",
    "claim_id": "cases:claims",
    "situation_id": "cases:situations",
    "level_id": "cases:scale",
    "batch_id": "cases:situations",
    "message_id": "cases:messages",
    "fact_id": "cases:claims",
    "answer_id": "cases:claims",
    "inject_id": "cases:exercise",
}

UNDO_SHOWN = timedelta(minutes=2)

P = ParamSpec("P")
AnyForm = TypeVar("AnyForm", bound=Form)
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """Render a page with what the frame around it shows: counts, role, sources that are down."""
    officer, now = officer_of(request.user), timezone.now()
    news = inbox_read.news(officer, now=now)
    frame = {
        "here": here,
        "organisation": settings.ORGANISATION,
        "counts": news.counts,
        "live_since": news.token,
        "role_label": word(ROLES, officer.role),
        "opens": {name: may(officer.role, need) for name, need in MENU.items()},
        "sources_down": sources_read.down(now=now),
        "chain": pulse(now=now),
        "missed_steps": alarms_read.missed_steps() if may(officer.role, Need.SET_WATCHING) else [],
        "now": now,
        "keys_pressed": json.dumps(pressed(officer)),
    }
    return render(request, template, frame | context, status=status)


def posted(view: View[P]) -> View[P]:
    """For forms only. Whoever comes by a link, as after signing in again, sees where the form stands."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        if "case_id" in kwargs:
            return redirect("cases:case", kwargs["case_id"])
        if "response_id" in kwargs:
            response = response_for(officer_of(request.user), cast(int, kwargs["response_id"]), Need.SEE)
            return redirect("cases:case", response.case_id)
        place = next((FORMS_ON[name] for name in kwargs if name in FORMS_ON), "cases:inbox")
        return redirect(place)

    return inner


def told(view: View[P]) -> View[P]:
    """Turn a refusal into its sentence on the page the officer came from."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except REFUSALS as refusal:
            for sentence in getattr(refusal, "reasons", [str(refusal)]):
                messages.error(request, sentence)
            return back(request)

    return inner


def valid(form: AnyForm) -> AnyForm:
    """The form, when it holds what was asked. Raises FormRefused, which `told` tells."""
    if not form.is_valid():
        raise FormRefused(form)
    return form


def whole_number(text: str) -> int | None:
    """A number from an address; however long it is, it is read no further than any number of ours goes."""
    return min(int(text[:20]), LARGEST_ID) if text.isdecimal() else None


def back(request: HttpRequest, otherwise: str = "cases:inbox", *args: Any) -> HttpResponse:
    """To the page named in the form, if it is one of ours."""
    return back_to(request, request.POST.get("next", ""), otherwise, *args)


def back_to(request: HttpRequest, target: str, otherwise: str = "cases:inbox", *args: Any) -> HttpResponse:
    """To an address, if it is one of ours."""
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return HttpResponseRedirect(target)  # an address; `redirect` would take a word for a page's name
    return redirect(otherwise, *args)


def leave(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """To another page as a whole, also when only a part of this one was asked for."""
    response = redirect(to, *args)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(response["Location"])
    return response
