"""Watch profiles: the table of thresholds, and what a change of it means."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import profile_for, require
from cases.reads import profiles as profiles_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.rules.profiles import Problem, Profile
from cases.services import profiles
from cases.services.profiles import ProfileChanged, ProfilePlan, ProfileRefused
from cases.web.profile_forms import ProfileForm, changes, table, typed
from cases.web.views.base import page, told, valid

HERE = "profiles"
SAID = {
    "default": _("This profile is the default one now."),
    "retire": _("The profile is out of use. Watches that have it keep it."),
    "restore": _("The profile is in use again."),
}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_WATCHING)
    context = {"profiles": profiles_read.profiles(), "may_change": may(officer.role, Need.SET_WATCHING)}
    return page(request, "cases/profiles.html", context, here=HERE)


@told
def new(request: HttpRequest) -> HttpResponse:
    """Write another profile, from the default one."""
    officer = officer_of(request.user)
    require(officer, Need.SET_WATCHING)
    start = profiles_read.default_thresholds()
    if request.method != "POST":
        return _shown(request, None, "", start.to_json(), start)
    form = valid(ProfileForm(request.POST)).cleaned_data
    plan = typed(request.POST, form["name"])
    if form["do"] == "look":
        return _looked(request, None, plan, start)
    try:
        made = profiles.add(plan, by=officer, now=timezone.now())
    except ProfileRefused as refused:
        return _shown(request, None, plan.name, plan.thresholds, start, refused=refused, status=422)
    messages.success(request, _("The profile is saved. It can be chosen for a watch now."))
    return redirect("cases:profile", made.pk)


@told
def profile(request: HttpRequest, profile_id: int) -> HttpResponse:
    """One profile as a table; "look" says what a change means and saves nothing."""
    officer = officer_of(request.user)
    is_change = request.method == "POST"
    found = profile_for(officer, profile_id, Need.SET_WATCHING if is_change else Need.SEE_WATCHING)
    before = profiles_read.thresholds_of(found)
    if not is_change:
        return _shown(request, found, found.name, before.to_json(), before)
    form = valid(ProfileForm(request.POST)).cleaned_data
    if form["do"] in SAID:
        return _switched(request, found, form)
    plan = typed(request.POST, form["name"])
    if form["do"] == "look":
        return _looked(request, found, plan, before)
    try:
        profiles.change(found, plan, by=officer, now=timezone.now(), seen=form["seen"])
    except (ProfileRefused, ProfileChanged) as refused:
        status = 409 if isinstance(refused, ProfileChanged) else 422
        return _shown(request, found, plan.name, plan.thresholds, before, refused=refused, status=status)
    messages.success(request, _("The profile is saved. Its watches are judged by it from now on."))
    return redirect("cases:profile", found.pk)


def _switched(request: HttpRequest, found: Any, form: Mapping[str, Any]) -> HttpResponse:
    verb = {
        "default": profiles.make_default,
        "retire": profiles.retire,
        "restore": profiles.restore,
    }[form["do"]]
    verb(found, by=officer_of(request.user), now=timezone.now(), seen=form["seen"])
    messages.success(request, str(SAID[form["do"]]))
    return redirect("cases:profile", found.pk)


def _looked(request: HttpRequest, found: Any, plan: ProfilePlan, before: Profile) -> HttpResponse:
    try:
        after = plan.profile()
    except ProfileRefused as refused:
        return _shown(request, found, plan.name, plan.thresholds, before, refused=refused, status=422)
    return _shown(request, found, plan.name, plan.thresholds, before, after=after)


def _shown(
    request: HttpRequest,
    found: Any,
    name: str,
    values: Mapping[str, Sequence[Any]],
    before: Profile,
    *,
    after: Profile | None = None,
    refused: ProfileRefused | ProfileChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    officer = officer_of(request.user)
    problems: Sequence[Problem] = refused.problems if isinstance(refused, ProfileRefused) else ()
    context = {
        "profile": found,
        "name": name,
        "signs": list(table(values, problems)),
        "refused": refused,
        "is_looked": after is not None,
        "changes": changes(before, after) if after else [],
        "used": profiles_read.used_by(found) if found else [],
        "history": profiles_read.history(found) if found else [],
        "may_change": may(officer.role, Need.SET_WATCHING),
        "may_see": may(officer.role, Need.SEE),
    }
    return page(request, "cases/profile.html", context, here=HERE, status=status)
