"""What is listened to: the sources and how they stand, and what a person can do about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import LARGEST_ID, require, source_for
from cases.reads import sources as sources_read
from cases.reads.health import trial_sentence
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.services import sources as sources_service
from cases.services.sources import CannotTest
from cases.web.views.base import page, posted


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_SOURCES)
    now = timezone.now()
    lines = sources_read.sources(now=now)
    context = {
        "lines": lines,
        "not_seen": sources_read.not_seen(now=now),
        "n_waiting": sum(line.n_waiting for line in lines),
        "may_mend": may(officer.role, Need.MEND_SOURCES),
        "may_import": may(officer.role, Need.IMPORT),
    }
    return page(request, "cases/sources.html", context, here="sources")


@require_GET
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_SOURCES)
    record = sources_read.source_record(source_id, now=timezone.now())
    context = {"record": record, "source": record.source, "may_mend": may(officer.role, Need.MEND_SOURCES)}
    return page(request, "cases/source.html", context, here="sources")


@posted
def poll_now(request: HttpRequest, source_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    asked = source_for(officer, source_id, Need.MEND_SOURCES)
    if sources_service.poll_now([asked.pk], by=officer, now=timezone.now()):
        messages.success(
            request, _("This source is read within a few seconds. Load this page again to see it.")
        )
    else:
        messages.error(request, _("This source is switched off; switch it on first."))
    return redirect("cases:source", source_id)


@posted
def switch_source(request: HttpRequest, source_id: int) -> HttpResponse:
    """On or off, as the button said."""
    officer, now = officer_of(request.user), timezone.now()
    switched = source_for(officer, source_id, Need.MEND_SOURCES)
    if request.POST.get("on"):
        sources_service.switch_on([switched.pk], by=officer, now=now)
        messages.success(request, _("Switched on: this source is read again."))
    else:
        sources_service.switch_off([switched.pk], by=officer, now=now)
        messages.success(
            request, _("Switched off: nothing is read here until somebody switches it on again.")
        )
    return redirect("cases:source", source_id)


@posted
def test_source(request: HttpRequest, source_id: int) -> HttpResponse:
    """Read one page and store nothing of it; the answer is a sentence on the page of the source."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.MEND_SOURCES)
    sources_read.source_record(source_id, now=now)
    agreed = bool(request.POST.get("agreed"))
    try:
        result = sources_service.try_out(source_id, agreed=agreed, by=officer, now=now)
    except CannotTest as refusal:
        messages.error(request, str(refusal))
        return redirect("cases:source", source_id)
    told = trial_sentence(result, now=now)
    if result.said in ("answered", "nothing to read"):
        messages.success(request, told)
    else:
        messages.error(request, told)
    return redirect("cases:source", source_id)


def _number(source_id: int) -> int:
    return min(source_id, LARGEST_ID)
