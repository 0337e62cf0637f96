"""Promises: everybody's list, and making, keeping, moving or dropping one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from cases.access import case_for, require, task_for
from cases.reads import promised
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need, may
from cases.services import promises, responses
from cases.web.forms import MomentField
from cases.web.views.base import back, page, posted, told, valid


class PromiseForm(forms.Form):
    """Something promised, by when, and who does it (default: who writes it down)."""

    what = forms.CharField(label=gettext_lazy("What we promise"), max_length=500)
    due_at = MomentField(label=gettext_lazy("Promised by"))
    assignee = forms.IntegerField(required=False)


class SettleForm(forms.Form):
    """A step with a promise; which of these is needed depends on the button."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)
    due_at = MomentField(label=gettext_lazy("New time"), required=False)
    seen_due = MomentField(required=False)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My promises, or everybody's: due first, what is late marked."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.PROMISE)
    show = "all" if request.GET.get("show") == "all" else "mine"
    listed = promised.promises(officer, now=now, is_mine=show == "mine", after=request.GET.get("after", ""))
    context = {
        "listed": listed,
        "show": show,
        "next": request.get_full_path(),
        "may_draft": may(officer.role, Need.DRAFT),
        "may_promise": True,
    }
    return page(request, "cases/promises.html", context, here="promises")


@posted
@told
def add(request: HttpRequest, case_id: int) -> HttpResponse:
    """Promise something on a case."""
    officer, now = officer_of(request.user), timezone.now()
    held = case_for(officer, case_id, Need.PROMISE)
    data = valid(PromiseForm(request.POST)).cleaned_data
    assignee = one_of(who_may(Need.PROMISE), data["assignee"])
    promises.promise(held, data["what"], due_at=data["due_at"], by=officer, now=now, assignee=assignee)
    messages.success(request, _("Written down as promised."))
    return back(request, "cases:case", case_id)


@posted
@told
def settle(request: HttpRequest, task_id: int) -> HttpResponse:
    """Keep a promise, move it, drop it with a reason, or write the answer that it needs."""
    officer, now = officer_of(request.user), timezone.now()
    task = task_for(officer, task_id)
    do = request.POST.get("do", "keep")
    if do == "answer":
        require(officer, Need.DRAFT)
        responses.follow_up(task.case, by=officer, now=now)
        return redirect("cases:case", task.case_id)
    data = valid(SettleForm(request.POST)).cleaned_data
    if do == "drop":
        promises.drop(task, reason=data["note"], by=officer, now=now)
        messages.success(request, _("The promise is dropped; why stands on the case."))
    elif do == "move":
        until, seen = data["due_at"] or task.due_at, data["seen_due"]
        promises.change_due(task, due_at=until, by=officer, now=now, seen_due=seen)
        messages.success(request, _("The promise has another time."))
    else:
        promises.keep(task, by=officer, now=now, note=data["note"])
        messages.success(request, _("The promise is kept."))
    return back(request, "cases:case", task.case_id)
