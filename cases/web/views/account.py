"""Help, and everything else behind the last button of the phone's menu."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cases.reads.case import current_scheme
from cases.rules.scheme import SchemeInvalid
from cases.web.views.base import page


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """How the desk works, and where the scheme comes from."""
    try:
        scheme = current_scheme()
    except SchemeInvalid:
        scheme = None  # how the desk works is true without it
    return page(request, "cases/help.html", {"scheme": scheme}, here="help")


@require_GET
def more(request: HttpRequest) -> HttpResponse:
    return page(request, "cases/more.html", {}, here="more")
