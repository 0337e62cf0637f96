"""All cases: searching them, and the searches that are kept under a name."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import require, view_for
from cases.reads.many import views_of
from cases.reads.people import officer_of, who_may
from cases.reads.searching import Filter, filter_from, found
from cases.rules.permissions import Need, may
from cases.services import views
from cases.web.views.base import page, posted, told
from cases.web.words import CATEGORIES, PLATFORMS, STATES

OLD_NAMES = {"q": "text"}
"""How the field of the head of every page is called, and addresses that people kept."""


def wanted_in(request: HttpRequest) -> Filter:
    """What the address asks for."""
    asked = dict(request.GET.items())
    return filter_from({OLD_NAMES.get(name, name): value for name, value in asked.items()})


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """All cases, newest first, with search, filters and the views that were kept."""
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    wanted = wanted_in(request)
    listed = found(officer, wanted, now=timezone.now(), after=request.GET.get("after", ""))
    kept = views_of(officer)
    context = {
        "listed": listed,
        "wanted": wanted,
        "is_filtered": not wanted.is_empty,
        "states": STATES,
        "categories": CATEGORIES,
        "platforms": PLATFORMS,
        "colleagues": who_may(Need.JUDGE),
        "query": urlencode(wanted.kept()),
        "views": [(view, urlencode(view.wanted), view.wanted == wanted.kept()) for view in kept],
        "own_view": next((v for v in kept if v.owner_id == officer.pk and v.wanted == wanted.kept()), None),
        "may_judge": may(officer.role, Need.JUDGE),
    }
    return page(request, "cases/cases.html", context, here="cases")


@posted
@told
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the search that is shown, under a name."""
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    wanted = filter_from(dict(request.POST.items())).kept()
    name, is_shared = request.POST.get("name", ""), bool(request.POST.get("is_shared"))
    view = views.save(name, wanted, by=officer, now=timezone.now(), is_shared=is_shared)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return redirect(f"{reverse('cases:cases')}?{urlencode(view.wanted)}")


@posted
@told
def change_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename, share or remove one's own view, by the button that was pressed."""
    officer, now = officer_of(request.user), timezone.now()
    kept = view_for(officer, view_id)
    if request.POST.get("do") == "remove":
        views.remove(kept.pk, by=officer, now=now)
        messages.success(request, _("The view is removed; the cases stay."))
        return redirect("cases:cases")
    is_shared = bool(request.POST.get("is_shared"))
    view = views.change(kept.pk, name=request.POST.get("name", ""), is_shared=is_shared, by=officer, now=now)
    messages.success(request, _("The view is called “%(name)s”.") % {"name": view.name})
    return redirect(f"{reverse('cases:cases')}?{urlencode(view.wanted)}")
