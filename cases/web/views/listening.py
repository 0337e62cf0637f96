"""What is listened for: queries, and posts that people bring themselves."""

from datetime import datetime, time
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import require
from cases.reads import listening as listening_read
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need, may
from cases.services import intake
from cases.services import listening as listening_service
from cases.services.listening import QueryPlan, QueryRefused
from cases.web.forms import CaptureForm, QueryForm, legal_bases
from cases.web.views.base import back, page, posted
from monitoring.connectors.base import Mention
from monitoring.connectors.manual import Capture, NothingCaptured, Via, normalise
from monitoring.connectors.plain import BadUrl
from monitoring.queries.terms import BadTerms

REFUSED = 422


@require_GET
def queries(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_SOURCES)
    context = {
        "lines": listening_read.queries(now=timezone.now()),
        "may_listen": may(officer.role, Need.LISTEN),
    }
    return page(request, "cases/queries.html", context, here="queries")


@require_http_methods(["GET", "POST"])
def new_query(request: HttpRequest) -> HttpResponse:
    """Start listening: purpose, legal basis, owner and end date are asked, and required."""
    officer = officer_of(request.user)
    require(officer, Need.LISTEN)
    form = QueryForm(request.POST or None, initial={"owner": officer.pk})
    if request.method == "POST" and form.is_valid():
        try:
            _start(form, request=request)
        except BadTerms as wrong:
            form.add_error("terms", str(wrong))
        except QueryRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We listen from now on."))
            return redirect("cases:queries")
    context = {
        "form": form,
        "bases": legal_bases(),
        "owners": who_may(Need.LISTEN),
        "sources": listening_read.pollable_sources(),
    }
    status = REFUSED if form.errors else 200
    return page(request, "cases/query_form.html", context, here="queries", status=status)


def _start(form: QueryForm, *, request: HttpRequest) -> None:
    officer, now, data = officer_of(request.user), timezone.now(), form.cleaned_data
    end = datetime.combine(data["ends_on"], time(23, 59), tzinfo=timezone.get_current_timezone())
    plan = QueryPlan(
        name=data["name"],
        terms=data["terms"],
        purpose=data["purpose"],
        legal_basis=data["legal_basis"],
        starts_at=now,
        ends_at=end,
        source_ids=form.source_ids,
    )
    owner = one_of(who_may(Need.LISTEN), data["owner"]) or officer
    listening_service.start_query(plan, owner=owner, by=officer, now=now)


@posted
def end_query(request: HttpRequest, query_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.LISTEN)
    if listening_service.end_query(query_id, by=officer, now=timezone.now()):
        messages.success(request, _("Stopped: nothing more is collected for this query."))
    return back(request, "cases:queries")


@require_http_methods(["GET", "POST"])
def capture(request: HttpRequest) -> HttpResponse:
    """Report a post: its address, its text, or what somebody said by phone."""
    officer = officer_of(request.user)
    require(officer, Need.CAPTURE)
    form = CaptureForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        try:
            mention = _mention(form, now=timezone.now())
        except (BadUrl, NothingCaptured) as wrong:
            form.add_error("url", str(wrong))
        else:
            case, is_new = intake.capture(mention, by=officer, now=timezone.now())
            if not is_new:
                messages.info(request, _("This post was known already; this is its case."))
            return redirect("cases:case", case.pk)
    status = REFUSED if form.errors else 200
    return page(request, "cases/capture.html", {"form": form}, here="capture", status=status)


def _mention(form: CaptureForm, *, now: datetime) -> Mention:
    data = form.cleaned_data
    via = Via.PHONE if data["channel"] == "phone" else Via.URL if data["url"] else Via.TEXT
    key = data["key"] or uuid4().hex
    asked = Capture(key=key, via=via, text=data["text"], url=data["url"], author=data["author"])
    return normalise(asked, now=now)
