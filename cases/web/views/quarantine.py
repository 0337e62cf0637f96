"""Posts that could not be read: somebody looks, has them read again, or drops them."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases.access import LARGEST_ID, require
from cases.reads.people import officer_of
from cases.reads.quarantine import quarantine as quarantine_read
from cases.reads.quarantine import waits
from cases.rules.permissions import Need, may
from cases.services import quarantine as service
from cases.services.quarantine import DropRefused, ReadAgain
from cases.web.views.base import back, page, posted, whole_number


@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_SOURCES)
    source_id = _number(request, "source")
    found = quarantine_read(source_id=source_id, before=_number(request, "before"))
    here = reverse("cases:quarantine")
    older = {"source": source_id} if source_id else {}
    context = {
        "found": found,
        "source_id": source_id,
        "may_mend": may(officer.role, Need.MEND_SOURCES),
        "here_url": request.get_full_path(),
        "older_url": f"{here}?{urlencode(older | {'before': found.before})}" if found.before else "",
    }
    return page(request, "cases/quarantine.html", context, here="sources")


@posted
def read_again(request: HttpRequest, rejected_id: int) -> HttpResponse:
    """One post, or all of its source with the same reason."""
    officer, now = officer_of(request.user), timezone.now()
    _require_known(request, rejected_id)
    if request.POST.get("alike"):
        done = service.read_alike_again(rejected_id, by=officer, now=now)
    else:
        done = service.read_again([rejected_id], by=officer, now=now)
    _tell(request, done)
    return back(request, "cases:quarantine")


@posted
def drop(request: HttpRequest, rejected_id: int) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    _require_known(request, rejected_id)
    try:
        is_first = service.drop(rejected_id, reason=request.POST.get("reason", "")[:500], by=officer, now=now)
    except DropRefused as refusal:
        messages.error(request, str(refusal))
    else:
        told = _("Dropped. It stays on record with your reason.") if is_first else _("Somebody was first.")
        messages.success(request, told)
    return back(request, "cases:quarantine")


def _tell(request: HttpRequest, done: ReadAgain) -> None:
    if done.n_stored:
        told = ngettext("%(n)d post was read and stored.", "%(n)d posts were read and stored.", done.n_stored)
        messages.success(request, told % {"n": done.n_stored})
    if done.n_unwanted:
        told = ngettext(
            "%(n)d post was read; no query asks for it.",
            "%(n)d posts were read; no query asks for them.",
            done.n_unwanted,
        )
        messages.info(request, told % {"n": done.n_unwanted})
    if done.n_unreadable:
        told = ngettext(
            "%(n)d post still cannot be read. It keeps waiting here.",
            "%(n)d posts still cannot be read. They keep waiting here.",
            done.n_unreadable,
        )
        messages.error(request, told % {"n": done.n_unreadable})
    if done.n_left:
        messages.info(request, _("%(n)d more wait for the same reason: press again.") % {"n": done.n_left})


def _require_known(request: HttpRequest, rejected_id: int) -> None:
    require(officer_of(request.user), Need.MEND_SOURCES)
    if not waits(rejected_id):
        raise Http404


def _number(request: HttpRequest, name: str) -> int | None:
    given = whole_number(request.GET.get(name, ""))
    return None if given is None else min(given, LARGEST_ID)
