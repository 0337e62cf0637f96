"""Who may say what in the organisation's name, until when: seen by all, granted and handed on by some."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import mandate_for, require
from cases.reads import mandates as mandates_read
from cases.reads.people import officer_of, one_of
from cases.rules.permissions import Need, may
from cases.services import mandates
from cases.web.mandate_forms import PARTS, EndForm, MandateForm, choices
from cases.web.views.base import page, posted, told, valid


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Everybody's mandates, one's own first, with the forms of who may grant or hand on."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE_TEAM)
    lines = mandates_read.mandates(now=now)
    may_grant = may(officer.role, Need.GRANT_MANDATE)
    mine = [line for line in lines if line.mandate.holder_id == officer.pk and line.state != "ended"]
    context = {
        "mine": mine,
        "others": [line for line in lines if line.state != "ended" and line not in mine],
        "ended": [line for line in lines if line.state == "ended"],
        "ending": [line for line in lines if line.ends_soon],
        "endable": {line.mandate.pk for line in lines if mandates.may_end(line.mandate, officer)},
        "may_grant": may_grant,
        "people": mandates_read.able_to_hold(),
        "choices": choices(mandates_read.accounts()),
        "situations": mandates_read.situations(),
        "part_names": PARTS,
    }
    return page(request, "cases/mandates.html", context, here="mandates")


@posted
@told
def grant(request: HttpRequest) -> HttpResponse:
    """Give somebody a mandate."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.GRANT_MANDATE)
    form = valid(MandateForm(request.POST))
    made = mandates.grant(_holder(form), _terms(form, now=now), by=officer, now=now)
    messages.success(request, _("%(who)s has a mandate now.") % {"who": made.holder})
    return redirect("cases:mandates")


@posted
@told
def delegate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """Hand a mandate of one's own on, as a whole or in part."""
    officer, now = officer_of(request.user), timezone.now()
    mandate = mandate_for(officer, mandate_id, Need.DRAFT)
    form = valid(MandateForm(request.POST))
    made = mandates.delegate(mandate.pk, _holder(form), _terms(form, now=now), by=officer, now=now)
    messages.success(request, _("%(who)s has a mandate now.") % {"who": made.holder})
    return redirect("cases:mandates")


@posted
@told
def end(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """End a mandate now, and what was handed on from it."""
    officer = officer_of(request.user)
    mandate = mandate_for(officer, mandate_id)
    reason = valid(EndForm(request.POST)).cleaned_data["reason"]
    if mandates.end(mandate.pk, by=officer, now=timezone.now(), reason=reason):
        messages.success(request, _("The mandate has ended, with all that was handed on from it."))
    else:
        messages.info(request, _("This mandate had ended already."))
    return redirect("cases:mandates")


def _terms(form: MandateForm, *, now: datetime) -> mandates.Terms:
    return form.terms(now=now, situations=mandates_read.situations())


def _holder(form: MandateForm) -> Any:
    """Whom it is for. Raises MandateRefused for nobody."""
    found = one_of(list(mandates_read.able_to_hold()), form.cleaned_data["holder"])
    if found is None:
        raise mandates.MandateRefused([_("Choose who gets the mandate.")])
    return found
