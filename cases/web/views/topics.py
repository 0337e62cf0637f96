"""Incident mode: a situation by topics, with the case that is open beside them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import batch_for, case_for, situation_for
from cases.reads import topics as read
from cases.reads.case import case_page
from cases.reads.people import officer_of
from cases.reads.situations import batch_page, running_batches
from cases.reads.topics import Section, Sieve
from cases.rules.closing import Group
from cases.rules.permissions import Need, may
from cases.services import batches, closing
from cases.web.situation_forms import CloseUnreadForm
from cases.web.views.base import back, page, posted, told, valid, whole_number
from cases.web.views.inbox import judging, undoable

SAMPLE = 12

LOOKED = "looked at situation {}"
"""Under which the session keeps the newest case that somebody has seen of a situation."""


@require_GET
def topics(request: HttpRequest, situation_id: int) -> HttpResponse:
    """The topics of a situation; without a number the first of them is open."""
    officer, now = officer_of(request.user), timezone.now()
    situation = situation_for(officer, situation_id)
    sieve = _sieve(request, situation_id)
    listed = read.topics(officer, situation, now=now, sieve=sieve)
    kept = {"show": sieve.section or "", "new": "1" if sieve.only_new else "", "after": sieve.after}
    here = urlencode({name: value for name, value in kept.items() if value})
    shown = [topic for section in listed.sections for topic in section.topics]
    case_id = whole_number(request.GET.get("case", "")) or (shown[0].id if shown else None)
    context: dict[str, Any] = {
        "situation": situation,
        "listed": listed,
        "sieve": sieve,
        "here_query": here,
        "sections": list(Section),
        "is_open": bool(request.GET.get("case")),
        "undoable": undoable(request),
        "may_run": may(officer.role, Need.RUN_SITUATION) and situation.status == "open",
        "batches": running_batches(situation),
        "may_log": may(officer.role, Need.JUDGE),
    }
    if case_id is not None:
        context |= judging(request, case_page(case_for(officer, case_id)))
        context["next"] = f"{reverse('cases:topics', args=[situation_id])}?{here}&case={case_id}"
    return page(request, "cases/topics.html", context, here="situations")


@told
def close_unread(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Show what nobody read and would be closed, with the count; close it when a reason is given."""
    officer, now = officer_of(request.user), timezone.now()
    situation = situation_for(officer, situation_id, Need.RUN_SITUATION)
    if request.method != "POST":
        found = closing.sort(situation, only_unread=True)
        ids = list(found.groups.get(Group.UNREAD, {}))
        context = {
            "situation": situation,
            "n_topics": len(ids),
            "n_posts": found.n_posts.get(Group.UNREAD, 0),
            "left": [(g, len(found.groups[g])) for g in Group if g in found.groups and g != Group.UNREAD],
            "sample": read.largest(ids, most=SAMPLE),
            "up_to": max(ids, default=0),
        }
        return page(request, "cases/situation_unread.html", context, here="situations")
    data = valid(CloseUnreadForm(request.POST)).cleaned_data
    batch = closing.close_unread(situation, reason=data["reason"], by=officer, now=now, up_to=data["up_to"])
    return redirect("cases:batch", batch.pk)


@posted
@told
def look(request: HttpRequest, situation_id: int) -> HttpResponse:
    """From here on "new" means: since now."""
    officer = officer_of(request.user)
    situation = situation_for(officer, situation_id)
    seen = whole_number(request.POST.get("newest", "")) or 0
    request.session[LOOKED.format(situation.pk)] = seen
    return back(request, "cases:topics", situation_id)


@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far an act on many cases is, and what was left and why."""
    officer = officer_of(request.user)
    found = batch_for(officer, batch_id)
    context = {"batch": found, "shown": batch_page(found), "may_stop": may(officer.role, Need.RUN_SITUATION)}
    return page(request, "cases/batch.html", context, here="situations")


@posted
@told
def stop_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = batch_for(officer, batch_id, Need.RUN_SITUATION)
    if batches.stop(found, by=officer, now=timezone.now()):
        messages.success(request, _("Stopped. What was done stays; the rest is as it was."))
    return redirect("cases:batch", batch_id)


def _sieve(request: HttpRequest, situation_id: int) -> Sieve:
    asked = request.GET.get("show", "")
    return Sieve(
        section=Section(asked) if asked in set(Section) else None,
        after=request.GET.get("after", ""),
        only_new=request.GET.get("new") == "1",
        since=int(request.session.get(LOOKED.format(situation_id), 0)),
    )
