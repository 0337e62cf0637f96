"""The rules that divide new cases: in order, with what they would have done with the last ones."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import require, rule_for
from cases.reads import division as division_read
from cases.reads.people import officer_of, one_of, who_may
from cases.reads.sources import PLATFORMS
from cases.rules.permissions import Need, may
from cases.services import routing
from cases.services.routing import RuleChanged, RulePlan, RuleRefused
from cases.web.faults import fault_in, sentence_of
from cases.web.team_forms import RuleForm
from cases.web.views.base import page, posted, told
from cases.web.words import CATEGORIES
from monitoring.queries.language import BadQuery

REFUSED, CONFLICT = 422, 409


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_TEAM)
    context = {
        "division": division_read.division(now=timezone.now()),
        "may_change": may(officer.role, Need.RUN_TEAM),
        "sees_cases": may(officer.role, Need.SEE),
    }
    return page(request, "cases/division.html", context, here="division")


@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.RUN_TEAM)
    form = RuleForm(request.POST or None, initial={"is_active": True, "by_load": True})
    if request.method == "POST" and form.is_valid() and _saved(form, request=request):
        messages.success(request, _("The rule holds for posts that come in from now on."))
        return redirect("cases:division")
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Change a rule; it stays in its place."""
    found = rule_for(officer_of(request.user), rule_id)
    form = RuleForm(request.POST or None, initial=_as_typed(found))
    if request.method == "POST" and form.is_valid() and _saved(form, request=request, rule_id=rule_id):
        messages.success(request, _("Saved."))
        return redirect("cases:division")
    return _form_page(request, form, found)


@posted
@told
def move_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One place forward, or out of the list."""
    officer, now = officer_of(request.user), timezone.now()
    found = rule_for(officer, rule_id)
    if request.POST.get("do") == "remove":
        routing.remove_rule(found.pk, by=officer, now=now)
        messages.success(request, _("The rule is removed. What it assigned stays as it is."))
    else:
        routing.raise_rule(found.pk, by=officer, now=now)
    return redirect("cases:division")


def _saved(form: RuleForm, *, request: HttpRequest, rule_id: int | None = None) -> bool:
    """Add or change the rule; False with the reason in the form."""
    officer, now, data = officer_of(request.user), timezone.now(), form.cleaned_data
    posts = division_read.posts_in_use()
    plan = RulePlan(
        name=data["name"],
        words=data["words"],
        languages=[code.lower() for code in data["languages"]],
        platforms=[name for name in data["platforms"] if name in PLATFORMS],
        categories=[name for name in data["categories"] if name in CATEGORIES],
        to_person=one_of(who_may(Need.JUDGE), form.chosen("person")),
        to_post=next((post for post in posts if post.pk == form.chosen("post")), None),
        by_load=data["by_load"],
        is_active=data["is_active"],
    )
    try:
        if rule_id is None:
            routing.add_rule(plan, by=officer, now=now)
        else:
            routing.change_rule(rule_id, plan, by=officer, now=now, seen=data["seen"])
    except BadQuery as wrong:
        form.add_error("words", sentence_of(wrong))
    except (RuleRefused, RuleChanged) as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def _as_typed(found: Any) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = ("name", "words", "platforms", "categories", "by_load", "is_active")
    to = f"post:{found.to_post_id}" if found.to_post_id else f"person:{found.to_person_id}"
    languages = ", ".join(found.languages)
    return {name: getattr(found, name) for name in names} | {
        "to": to,
        "languages": languages,
        "seen": found.edition,
    }


def _form_page(request: HttpRequest, form: RuleForm, found: Any = None) -> HttpResponse:
    context = {
        "form": form,
        "rule": found,
        "fault": fault_in(str(form["words"].value() or "")) if form.is_bound else None,
        "targets": _targets(),
        "platforms": list(PLATFORMS.items()),
        "categories": division_read.categories(),
        "ticked_platforms": _ticked(form, "platforms"),
        "ticked_categories": _ticked(form, "categories"),
    }
    status = REFUSED if form.errors else 200
    return page(request, "cases/rule_form.html", context, here="division", status=status)


def _targets() -> list[tuple[str, str]]:
    """Who can be meant by a rule: duty posts in use, and everybody who may judge."""
    at_post = _("Whoever is on duty at %(post)s")
    posts = [(f"post:{post.pk}", at_post % {"post": post.name}) for post in division_read.posts_in_use()]
    return posts + [(f"person:{person.pk}", str(person)) for person in who_may(Need.JUDGE)]


def _ticked(form: RuleForm, name: str) -> list[str]:
    return list(form.data.getlist(name)) if form.is_bound else list(form.initial.get(name, ()))  # type: ignore[attr-defined]  # a QueryDict
