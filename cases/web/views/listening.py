"""What is listened for: queries with their grounds, what they would bring, and who decides on them."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import query_for, require
from cases.reads import listening as listening_read
from cases.reads import watches
from cases.reads.listening import QueryRecord
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need, may
from cases.services import listening as listening_service
from cases.services.listening import QueryChanged, QueryPlan, QueryRefused, Verdict
from cases.web.faults import fault_in, sentence_of
from cases.web.forms import PreviewForm, QueryForm, VerdictForm, legal_bases
from cases.web.views.base import back, page, posted
from monitoring.preview import Preview
from monitoring.queries.language import BadQuery

REFUSED, CONFLICT = 422, 409
PREVIEWS = ("preview", "preview paid")


@require_GET
def queries(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_SOURCES)
    context = {
        "lines": listening_read.queries(now=timezone.now()),
        "may_listen": may(officer.role, Need.LISTEN),
        "may_decide": may(officer.role, Need.APPROVE_QUERY),
    }
    return page(request, "cases/queries.html", context, here="queries")


@require_http_methods(["GET", "POST"])
def new_query(request: HttpRequest) -> HttpResponse:
    """Start listening: purpose, legal basis, owner and end date are asked, and required."""
    officer = officer_of(request.user)
    require(officer, Need.LISTEN)
    if request.POST.get("do") in PREVIEWS:
        return _previewed(request)
    form = QueryForm(request.POST or None, initial={"owner": officer.pk})
    if request.method == "POST" and form.is_valid() and _is_asked_about_persons(form):
        waits = form.cleaned_data["is_on_person"]
        if _saved(form, request=request):
            messages.success(request, _started(is_on_person=waits))
            return redirect("cases:queries")
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
def query(request: HttpRequest, query_id: int) -> HttpResponse:
    """One query: to read, to change for who may, and to decide on for the privacy officer."""
    officer, now = officer_of(request.user), timezone.now()
    need = Need.LISTEN if request.method == "POST" else Need.SEE_SOURCES
    record = listening_read.query_record(query_for(officer, query_id, need), now=now)
    if record.state == "ended" or not may(officer.role, Need.LISTEN):
        return _query_page(request, record)
    if request.POST.get("do") in PREVIEWS:
        return _previewed(request, record)
    form = QueryForm(request.POST or None, initial=_as_typed(record))
    is_ready = request.method == "POST" and form.is_valid() and _is_asked_about_persons(form, record)
    if is_ready and _saved(form, request=request, record=record):
        messages.success(request, _("Saved."))
        return redirect("cases:query", query_id)
    return _form_page(request, form, record)


@posted
def decide_query(request: HttpRequest, query_id: int) -> HttpResponse:
    """Approve or refuse listening for a person."""
    officer, now = officer_of(request.user), timezone.now()
    found = query_for(officer, query_id, Need.APPROVE_QUERY)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _query_page(request, listening_read.query_record(found, now=now), form=form, status=REFUSED)
    data = form.cleaned_data
    verdict = Verdict(data["verdict"] == "approve", data["reason"], data["seen"])
    try:
        listening_service.decide_query(query_id, verdict, by=officer, now=now)
    except (QueryRefused, QueryChanged) as refusal:
        form.add_error("reason", str(refusal))
        status = CONFLICT if isinstance(refusal, QueryChanged) else REFUSED
        return _query_page(request, listening_read.query_record(found, now=now), form=form, status=status)
    messages.success(request, _("Your decision is saved; the owner is told."))
    return redirect("cases:query", query_id)


@posted
def end_query(request: HttpRequest, query_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    ended = query_for(officer, query_id, Need.LISTEN)
    if listening_service.end_query(ended.pk, by=officer, now=timezone.now()):
        messages.success(request, _("Stopped: nothing more is collected for this query."))
    return back(request, "cases:queries")


def _started(*, is_on_person: bool) -> str:
    if is_on_person:
        return _("The query is saved. We listen as soon as the privacy officer has approved it.")
    return _("We listen from now on.")


def _as_typed(record: QueryRecord) -> dict[str, Any]:
    """A query as the form shows it."""
    found = record.query
    return {
        "name": found.name,
        "terms": found.terms,
        "purpose": found.purpose,
        "legal_basis": found.legal_basis,
        "owner": found.owner_id,
        "ends_on": timezone.localdate(found.ends_at).isoformat(),
        "is_on_person": found.is_on_person,
        "sources": [source.pk for source in record.sources],
        "seen": found.edition,
    }


def _is_asked_about_persons(form: QueryForm, record: QueryRecord | None = None) -> bool:
    """Whether somebody has said if a query that names an account is about a person; asks it once."""
    data = form.cleaned_data
    if data["is_on_person"] or data["person_asked"] or (record and record.query.terms == data["terms"]):
        return True
    try:
        is_asked = not listening_read.names_account(data["terms"])
    except BadQuery:
        return True  # the words are refused in a moment, with the place
    if not is_asked:
        form.add_error(
            "is_on_person",
            _("This query names an account. Leave this ticked if the account is of a person."),
        )
    return is_asked


def _saved(form: QueryForm, *, request: HttpRequest, record: QueryRecord | None = None) -> bool:
    """Start or change the query; False with the reason in the form."""
    officer, now, data = officer_of(request.user), timezone.now(), form.cleaned_data
    plan = QueryPlan(
        name=data["name"],
        terms=data["terms"],
        purpose=data["purpose"],
        legal_basis=data["legal_basis"],
        starts_at=record.query.starts_at if record else now,
        ends_at=_end(data["ends_on"], record),
        source_ids=form.source_ids,
        is_on_person=data["is_on_person"],
    )
    owner = one_of(who_may(Need.LISTEN), data["owner"]) or (record.query.owner if record else officer)
    try:
        if record:
            listening_service.change_query(
                record.query.pk, plan, owner=owner, by=officer, now=now, seen=data["seen"]
            )
        else:
            listening_service.start_query(plan, owner=owner, by=officer, now=now)
    except BadQuery as wrong:
        form.add_error("terms", sentence_of(wrong))
    except (QueryRefused, QueryChanged) as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def _end(day: Any, record: QueryRecord | None) -> datetime:
    """The end of a day here; a day that was not changed keeps its time."""
    if record and timezone.localdate(record.query.ends_at) == day:
        return record.query.ends_at
    return datetime.combine(day, time(23, 59), tzinfo=timezone.get_current_timezone())


def _previewed(request: HttpRequest, record: QueryRecord | None = None) -> HttpResponse:
    """The form as it was typed, with what the query would bring; nothing is saved."""
    form, found = PreviewForm(request.POST), None
    is_hinted = False
    if form.is_valid():
        terms = form.cleaned_data["terms"]
        try:
            is_hinted = listening_read.names_account(terms)
            may_pay = request.POST.get("do") == "preview paid"
            found = listening_read.preview(terms, form.source_ids, now=timezone.now(), may_pay=may_pay)
        except BadQuery as wrong:
            form.add_error("terms", sentence_of(wrong))
    return _form_page(request, form, record, found=found, is_hinted=is_hinted)


def _form_page(
    request: HttpRequest,
    form: QueryForm,
    record: QueryRecord | None = None,
    *,
    found: Preview | None = None,
    is_hinted: bool = False,
) -> HttpResponse:
    was_asked = bool(form["person_asked"].value()) or is_hinted or "is_on_person" in form.errors
    context = {
        "form": form,
        "record": record,
        "bases": legal_bases(),
        "owners": who_may(Need.LISTEN),
        "sources": listening_read.pollable_sources(beside=record.sources if record else ()),
        "fault": fault_in(str(form["terms"].value() or "")) if form.is_bound else None,
        "preview": found,
        "is_preview": isinstance(form, PreviewForm),
        "was_asked": was_asked,
        # Ticked for them the first time that the question comes up, and never against their answer.
        "is_on_person": bool(form["is_on_person"].value())
        or (was_asked and not form["person_asked"].value()),
        "may_stop": True,
        **_watch(request, record),
    }
    status = REFUSED if form.errors else 200
    return page(request, "cases/query_form.html", context, here="queries", status=status)


def _watch(request: HttpRequest, record: QueryRecord | None) -> dict[str, Any]:
    """Who watches a query, and whether this person may."""
    if record is None:
        return {}
    can_watch = may(officer_of(request.user).role, Need.WATCH)
    watched = watches.of_query(record.query, now=timezone.now())
    return {"watched": watched, "may_watch": can_watch and (watched or record.state != "ended")}


def _query_page(
    request: HttpRequest, record: QueryRecord, *, form: VerdictForm | None = None, status: int = 200
) -> HttpResponse:
    officer = officer_of(request.user)
    can_decide = may(officer.role, Need.APPROVE_QUERY) and record.state != "ended"
    context = {
        "record": record,
        "form": form or VerdictForm(initial={"seen": record.query.edition}),
        "may_decide": can_decide and record.query.is_on_person and record.query.owner_id != officer.pk,
        "may_listen": may(officer.role, Need.LISTEN),
        **_watch(request, record),
    }
    return page(request, "cases/query.html", context, here="queries", status=status)
