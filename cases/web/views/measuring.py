"""How long a reply is as its platform counts, and how it reads, while it is typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.access import response_for
from cases.reads.case import measured
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.web.views.base import posted


@posted
def measure(request: HttpRequest, response_id: int) -> HttpResponse:
    """The part of the page below the words; nothing is kept."""
    response = response_for(officer_of(request.user), response_id, Need.DRAFT)
    text = request.POST.get("text", "")[:20_000].replace("\r\n", "\n")
    return render(request, "cases/_measure.html", {"measured": measured(response, text)})
