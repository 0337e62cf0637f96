"""What is listened to: the sources and how they stand."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.access import require
from cases.reads import sources as sources_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.web.views.base import page


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    require(officer_of(request.user), Need.SEE_SOURCES)
    now = timezone.now()
    context = {"lines": sources_read.sources(now=now), "not_seen": sources_read.not_seen(now=now)}
    return page(request, "cases/sources.html", context, here="sources")
