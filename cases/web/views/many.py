"""Many cases at once: the list and the count first, one confirmation, and what really happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from cases.access import case_for, require
from cases.reads.many import alike, lines, matching
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.alike import MOST, Route
from cases.rules.permissions import Need, may
from cases.rules.scheme import text
from cases.rules.workflow import State
from cases.services import many
from cases.services.many import Act, Verb
from cases.web.views.base import page, told, valid, whole_number
from cases.web.views.searching import wanted_in

NEEDS = {Verb.DISMISS: Need.JUDGE, Verb.JUDGE: Need.JUDGE, Verb.ASSIGN: Need.ASSIGN, Verb.SNOOZE: Need.JUDGE}
VERBS = {
    Verb.DISMISS: gettext_lazy("Not about us"),
    Verb.JUDGE: gettext_lazy("Judge alike"),
    Verb.ASSIGN: gettext_lazy("Assign"),
    Verb.SNOOZE: gettext_lazy("Later"),
}
HOURS = (1, 4, 24, 72)
TOLD = 20
"""Cases that are named one by one when they were left as they are."""


class ManyForm(forms.Form):
    """What is done to which. `picked`: "12:new,13:new", each with the state that was shown."""

    verb = forms.ChoiceField(choices=[(verb.value, verb.value) for verb in Verb])
    picked = forms.CharField(max_length=MOST * 40)
    leave = forms.Field(required=False, widget=forms.SelectMultiple)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)
    route = forms.CharField(max_length=300, required=False)
    officer = forms.IntegerField(required=False)
    hours = forms.IntegerField(min_value=1, max_value=24 * 14, required=False)

    def seen(self) -> dict[int, State]:
        """The cases without those that were ticked to be left; what is no case is dropped."""
        left = set(self.data.getlist("leave")) if hasattr(self.data, "getlist") else set()
        known = {state.value for state in State}
        pairs = (part.split(":") for part in self.cleaned_data["picked"].split(","))
        good = [pair for pair in pairs if len(pair) == 2 and pair[0].isdecimal() and pair[1] in known]
        return {int(pk[:18]): State(state) for pk, state in good if pk not in left}


@told
def many_cases(request: HttpRequest) -> HttpResponse:
    """Show what would be done to which cases; when it is confirmed, do it."""
    officer = officer_of(request.user)
    require(officer, Need.JUDGE)
    if request.method == "POST":
        return _carry_out(request)
    now = timezone.now()
    verb = _verb(request)
    require(officer, NEEDS[verb])
    ids, is_cut = _picked(request, now=now)
    proposal = many.propose(ids, verb, by=officer, now=now)
    routes = many.routes_offered() if verb is Verb.JUDGE else []
    query = request.GET.copy()
    query.pop("do", None)
    context = {
        "verb": verb.value,
        "verbs": [(v.value, VERBS[v]) for v in Verb if may(officer.role, NEEDS[v])],
        "lines": lines(proposal.seen),
        "left": proposal.left,
        "n": len(proposal.seen),
        "most": MOST,
        "is_cut": is_cut,
        "picked": ",".join(f"{pk}:{state}" for pk, state in proposal.seen.items()),
        "routes": [(route.id, _named(route)) for route in routes],
        "hours": HOURS,
        "colleagues": who_may(Need.JUDGE),
        "query": query.urlencode(),
    }
    return page(request, "cases/many.html", context, here="cases")


def _verb(request: HttpRequest) -> Verb:
    asked = request.GET.get("do", "")
    return Verb(asked) if asked in {verb.value for verb in Verb} else Verb.DISMISS


def _picked(request: HttpRequest, *, now: datetime) -> tuple[Sequence[int], bool]:
    """The cases that the address names: those alike one, all that match, or one by one."""
    officer = officer_of(request.user)
    like = whole_number(request.GET.get("like", ""))
    if like is not None:
        return alike(case_for(officer, like)), False
    if request.GET.get("all"):
        return matching(officer, wanted_in(request), now=now)
    numbers = [whole_number(part) for part in request.GET.getlist("case")]
    return [pk for pk in numbers if pk is not None and pk < 2**63], False


def _named(route: Route) -> str:
    return " · ".join(text(label, get_language() or "en") for label in route.labels)


def _carry_out(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    form = valid(ManyForm(request.POST))
    data: dict[str, Any] = form.cleaned_data
    verb = Verb(data["verb"])
    require(officer, NEEDS[verb])
    until = now + timedelta(hours=data["hours"]) if data["hours"] else None
    assignee = one_of(who_may(Need.JUDGE), data["officer"])
    act = Act(verb, reason=data["reason"], route=data["route"], assignee=assignee, until=until)
    outcome = many.carry_out(form.seen(), act, by=officer, now=now)
    n, n_left = len(outcome.done), len(outcome.left)
    if n:
        done = ngettext(
            "%(n)d case done; one key takes it back.", "%(n)d cases done; one key takes them back.", n
        )
        messages.success(request, done % {"n": n})
    for left in outcome.left[:TOLD]:
        messages.error(request, left.why)
    if n_left > TOLD:
        messages.error(request, _("And %(n)d more were left as they are.") % {"n": n_left - TOLD})
    if not n and not n_left:
        messages.error(request, _("No case was chosen, so nothing was done."))
    return redirect("cases:inbox")
