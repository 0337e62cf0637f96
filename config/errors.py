"""One place that turns a refusal into an answer: its status and its sentence, on pages and in the API."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from cases.policy import NoScheme, UnknownSchemeVersion
from cases.reads.pages import UnknownPerson
from cases.rules.scheme import UnknownAnswer
from cases.services.assignment import NothingWaits, TakenByOther
from cases.services.calendars import ClockChanged, ClockRefused
from cases.services.claims import ClaimChanged, ClaimRefused
from cases.services.closing import ClosingRefused
from cases.services.contacts import ContactRefused
from cases.services.copies import MergeRefused
from cases.services.cues import CueChanged, CueRefused
from cases.services.decisions import NotOffered
from cases.services.drafts import CannotSend, ReplyChanged
from cases.services.escalation import AlarmRose
from cases.services.exercises import ExerciseChanged, ExerciseRefused
from cases.services.haste import HasteRefused
from cases.services.imports import FileRefused
from cases.services.inflows import InflowRefused
from cases.services.joining import SituationOver
from cases.services.ladders import LadderChanged, LadderRefused
from cases.services.levels import LevelRefused, ScaleChanged
from cases.services.listening import QueryChanged, QueryRefused
from cases.services.logging import NothingSaid
from cases.services.lookback import LookBackRefused
from cases.services.mailing import ReaderRefused
from cases.services.mandates import MandateRefused
from cases.services.many import TooMany
from cases.services.messages import CannotPublish, MessageChanged
from cases.services.patterns import PatternChanged
from cases.services.pictures import PictureChanged, PictureRefused
from cases.services.preferences import PreferenceRefused
from cases.services.profiles import ProfileChanged, ProfileRefused
from cases.services.promises import OpenPromises, PromiseChanged, PromiseRefused
from cases.services.quarantine import DropRefused
from cases.services.rota import RotaRefused, ShiftChanged
from cases.services.routing import RuleChanged, RuleRefused
from cases.services.shifts import HandOverRefused
from cases.services.situations import SituationChanged, SituationRefused
from cases.services.sources import CannotTest
from cases.services.swaps import SwapRefused
from cases.services.taking import TakingRefused
from cases.services.templates import TemplateChanged, TemplateRefused
from cases.services.transitions import CaseChanged, MoveRefused
from cases.services.triage import BadMoment, NoStanding, ReasonMissing
from cases.services.undo import NothingToUndo
from cases.services.views import ViewRefused
from cases.services.watching import AlreadyWatched, WatchRefused
from monitoring.connectors.manual import NothingCaptured
from monitoring.connectors.plain import BadUrl
from monitoring.queries.language import BadQuery

CONFLICT, UNPROCESSABLE, UNAVAILABLE = 409, 422, 503

REFUSALS: dict[type[Exception], tuple[int, str]] = {
    SituationChanged: (CONFLICT, "situation_changed"),
    SituationRefused: (UNPROCESSABLE, "situation_refused"),
    NothingSaid: (UNPROCESSABLE, "nothing_said"),
    SituationOver: (CONFLICT, "situation_over"),
    InflowRefused: (UNPROCESSABLE, "inflow_refused"),
    HasteRefused: (UNPROCESSABLE, "target_refused"),
    ClosingRefused: (UNPROCESSABLE, "closing_refused"),
    CaseChanged: (CONFLICT, "case_changed"),
    ReplyChanged: (CONFLICT, "reply_changed"),
    ClaimChanged: (CONFLICT, "claim_changed"),
    QueryChanged: (CONFLICT, "query_changed"),
    ClockChanged: (CONFLICT, "clock_changed"),
    AlarmRose: (CONFLICT, "alarm_rose"),
    TakingRefused: (CONFLICT, "alarm_refused"),
    LadderChanged: (CONFLICT, "ladder_changed"),
    ClaimRefused: (UNPROCESSABLE, "claim_refused"),
    LevelRefused: (UNPROCESSABLE, "level_refused"),
    ScaleChanged: (CONFLICT, "scale_changed"),
    LadderRefused: (UNPROCESSABLE, "ladder_refused"),
    ShiftChanged: (CONFLICT, "shift_changed"),
    RuleChanged: (CONFLICT, "rule_changed"),
    HandOverRefused: (CONFLICT, "hand_over_refused"),
    MoveRefused: (CONFLICT, "move_refused"),
    OpenPromises: (CONFLICT, "open_promises"),
    PromiseChanged: (CONFLICT, "promise_changed"),
    PictureChanged: (CONFLICT, "picture_changed"),
    PictureRefused: (UNPROCESSABLE, "picture_refused"),
    ReaderRefused: (UNPROCESSABLE, "reader_refused"),
    ProfileChanged: (CONFLICT, "profile_changed"),
    CueChanged: (CONFLICT, "cue_changed"),
    TemplateChanged: (CONFLICT, "template_changed"),
    MergeRefused: (CONFLICT, "merge_refused"),
    TakenByOther: (CONFLICT, "taken_by_other"),
    LookBackRefused: (UNPROCESSABLE, "look_back_refused"),
    AlreadyWatched: (CONFLICT, "already_watched"),
    WatchRefused: (UNPROCESSABLE, "watch_refused"),
    NoStanding: (UNPROCESSABLE, "no_such_standing"),
    NothingToUndo: (CONFLICT, "nothing_to_undo"),
    NothingWaits: (CONFLICT, "nothing_waits"),
    NotOffered: (UNPROCESSABLE, "not_offered"),
    ReasonMissing: (UNPROCESSABLE, "reason_missing"),
    BadMoment: (UNPROCESSABLE, "bad_moment"),
    CannotSend: (UNPROCESSABLE, "cannot_send"),
    CannotPublish: (UNPROCESSABLE, "cannot_publish"),
    MessageChanged: (CONFLICT, "message_changed"),
    UnknownAnswer: (UNPROCESSABLE, "unknown_answer"),
    TooMany: (UNPROCESSABLE, "too_many"),
    ViewRefused: (UNPROCESSABLE, "view_refused"),
    ContactRefused: (UNPROCESSABLE, "contact_refused"),
    PreferenceRefused: (UNPROCESSABLE, "preference_refused"),
    UnknownPerson: (UNPROCESSABLE, "unknown_person"),
    RuleRefused: (UNPROCESSABLE, "rule_refused"),
    MandateRefused: (UNPROCESSABLE, "mandate_refused"),
    ClockRefused: (UNPROCESSABLE, "clock_refused"),
    RotaRefused: (UNPROCESSABLE, "rota_refused"),
    PatternChanged: (CONFLICT, "pattern_changed"),
    SwapRefused: (CONFLICT, "swap_refused"),
    PromiseRefused: (UNPROCESSABLE, "promise_refused"),
    ProfileRefused: (UNPROCESSABLE, "profile_refused"),
    CueRefused: (UNPROCESSABLE, "cue_refused"),
    TemplateRefused: (UNPROCESSABLE, "template_refused"),
    QueryRefused: (UNPROCESSABLE, "query_refused"),
    BadQuery: (UNPROCESSABLE, "bad_query"),
    CannotTest: (UNPROCESSABLE, "cannot_test"),
    DropRefused: (UNPROCESSABLE, "drop_refused"),
    FileRefused: (UNPROCESSABLE, "file_refused"),
    ExerciseChanged: (CONFLICT, "exercise_changed"),
    ExerciseRefused: (UNPROCESSABLE, "exercise_refused"),
    NothingCaptured: (UNPROCESSABLE, "nothing_captured"),
    BadUrl: (UNPROCESSABLE, "bad_url"),
    NoScheme: (UNAVAILABLE, "no_scheme"),
    UnknownSchemeVersion: (UNAVAILABLE, "unknown_scheme_version"),
}
"""What each refusal of the work is called in the API (docs/api.md lists them)."""

log = logging.getLogger(__name__)


class RefusalMiddleware:
    """Answer every refusal of the table with a page that says it, with the status that the API gives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse a NUL in what a person sends: no text has one, and no database of ours keeps one."""
        place = request.resolver_match
        if place is None or place.namespace != "cases" or getattr(view, "csrf_exempt", False):
            return None
        sent = (request.GET, request.POST)
        if not any("\x00" in value for each in sent for _name, values in each.lists() for value in values):
            return None
        sentence = _(
            "What was sent holds a sign that no text has (NUL). Nothing was changed; send it without."
        )
        return render(request, "cases/refused.html", {"refusal": sentence, "status": 400}, status=400)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refusal; None leaves other exceptions to Django."""
        if type(exception) not in REFUSALS:
            return None
        status, code = REFUSALS[type(exception)]
        facts = {"refusal": exception, "status": status, "case_changed": isinstance(exception, CaseChanged)}
        is_move = type(exception) in (CaseChanged, MoveRefused)
        if status == UNAVAILABLE:
            log.error("refused code=%s", code)
        return render(request, "cases/409.html" if is_move else "cases/refused.html", facts, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what nobody foresaw; a database that is away is foreseen, and says that it passes."""
    if isinstance(sys.exc_info()[1], OperationalError):
        page = HttpResponse(render_to_string("503.html"), status=UNAVAILABLE)
        page["Retry-After"] = "10"
        return page
    return HttpResponse(render_to_string("500.html"), status=500)


def api_errors(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The API's answer to an exception: {"error": sentence, "code": name}; None for what nobody foresaw.

    `reasons` lists why a reply cannot leave, `details` what is wrong with the input, `position` where the
    words of a query go wrong.
    """
    if isinstance(exception, OperationalError):
        log.error("database_away error=%s", type(exception).__name__)
        sentence = _("The database does not answer. Nothing was changed; try again in a moment.")
        return Response({"error": sentence, "code": "database_away"}, status=UNAVAILABLE)
    if type(exception) in REFUSALS:
        status, code = REFUSALS[type(exception)]
        facts: dict[str, Any] = {}
        if isinstance(exception, CannotSend | CannotPublish | LadderRefused | MandateRefused):
            facts = {"reasons": exception.reasons}
        if isinstance(exception, BadQuery):
            facts = {"position": exception.position, "length": exception.length}
        return Response({"error": str(exception), "code": code, **facts}, status=status)
    response = exception_handler(exception, context)
    if response is not None:
        response.data = _named(exception, response)
    return response


def _named(exception: Exception, response: Response) -> dict[str, Any]:
    """What Django REST Framework says, in the shape of every other error here."""
    if isinstance(exception, ValidationError):
        sentence = _("The input is not right; see 'details' for what to change.")
        return {"error": sentence, "code": "invalid", "details": response.data}
    codes = {403: "not_allowed", 404: "not_found"}
    code = exception.get_codes() if isinstance(exception, APIException) else None
    fallback = code if isinstance(code, str) else "error"
    return {"error": str(response.data["detail"]), "code": codes.get(response.status_code, fallback)}
