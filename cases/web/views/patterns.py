"""Patterns of turns: typed as rows, shown with what they would change, and then saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.access import duty_post_for, pattern_for
from cases.reads import rota as rota_read
from cases.reads.people import officer_of
from cases.rules.patterns import Changes, OnHolidays, rows
from cases.rules.shifts import MOST_WEEKS
from cases.services import patterns
from cases.services.rota import RotaRefused
from cases.web.rota_forms import EndForm, PatternForm, shown_rows
from cases.web.team_forms import WEEKDAYS
from cases.web.views.base import FormRefused, page, posted, told, valid

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who types which pattern, of which post."""

    post: Any
    pattern: Any
    officer: Any
    now: datetime


def new_pattern(request: HttpRequest, duty_post_id: int) -> HttpResponse:
    """A pattern that does not exist yet; `do=preview` shows what it would change."""
    officer = officer_of(request.user)
    return _page(request, _Desk(duty_post_for(officer, duty_post_id), None, officer, timezone.now()))


def pattern(request: HttpRequest, pattern_id: int) -> HttpResponse:
    """A pattern to change; only shifts to come that nobody changed by hand follow."""
    officer = officer_of(request.user)
    found = pattern_for(officer, pattern_id)
    return _page(request, _Desk(found.post, found, officer, timezone.now()))


@posted
@told
def end_pattern(request: HttpRequest, pattern_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = pattern_for(officer, pattern_id)
    data = valid(EndForm(request.POST)).cleaned_data
    done = patterns.end_pattern(found.pk, data["last"], seen=data["seen"], by=officer, now=timezone.now())
    messages.success(request, said(done))
    return redirect("cases:duty")


def said(done: Changes) -> str:
    """What was done, or would be, in one sentence."""
    if not done.n:
        return _("No shift changes.")
    words = {"n": done.n, "added": len(done.added), "changed": len(done.changed), "gone": len(done.removed)}
    sentence = ngettext(
        "%(n)d shift changes: %(added)d new, %(changed)d other, %(gone)d removed.",
        "%(n)d shifts change: %(added)d new, %(changed)d other, %(gone)d removed.",
        done.n,
    )
    return sentence % words


def _page(request: HttpRequest, desk: _Desk) -> HttpResponse:
    if request.method != "POST":
        return _show(request, desk, _stored(desk))
    form = PatternForm(request.POST)
    typed = {**request.POST.dict(), "rows": form.typed_rows()}
    try:
        plan = valid(form).plan()
        if request.POST.get("do") == "save":
            return _save(request, desk, plan, form.cleaned_data["seen"] or 0)
        pk = desk.pattern.pk if desk.pattern else None
        found = patterns.preview(desk.post.pk, plan, now=desk.now, pattern_id=pk)
    except (FormRefused, RotaRefused) as refusal:
        for sentence in getattr(refusal, "reasons", [str(refusal)]):
            messages.error(request, sentence)
        return _show(request, desk, typed, status=422)
    return _show(request, desk, typed, found=found)


def _save(request: HttpRequest, desk: _Desk, plan: patterns.PatternPlan, seen: int) -> HttpResponse:
    if desk.pattern is None:
        _made, done = patterns.add_pattern(desk.post.pk, plan, by=desk.officer, now=desk.now)
    else:
        pk = desk.pattern.pk
        done = patterns.change_pattern(pk, plan, seen=seen, by=desk.officer, now=desk.now)
    messages.success(request, said(done))
    return redirect("cases:duty")


def _stored(desk: _Desk) -> dict[str, Any]:
    """What stands in the form before anything is typed."""
    today = timezone.localdate(desk.now)
    if desk.pattern is None:
        return {"first": today.isoformat(), "n_weeks": 1, "rows": shown_rows([]), "on_holidays": "as usual"}
    weeks = patterns.weeks_of(desk.pattern)
    return {
        "first": weeks.first.isoformat(),
        "last": weeks.last.isoformat() if weeks.last else "",
        "n_weeks": weeks.n_weeks,
        "on_holidays": weeks.on_holidays.value,
        "calendar": str(desk.pattern.calendar_id or ""),
        "rows": shown_rows(rows(weeks.slots, weeks.n_weeks)),
    }


def _show(
    request: HttpRequest,
    desk: _Desk,
    typed: dict[str, Any],
    *,
    found: Changes | None = None,
    status: int = 200,
) -> HttpResponse:
    people = rota_read.plannable()
    names = {person.pk: person for person in people}
    n_weeks = int(typed["n_weeks"]) if str(typed.get("n_weeks", "")).isdecimal() else 1
    context = {
        "post": desk.post,
        "pattern": desk.pattern,
        "typed": typed,
        "people": people,
        "weekdays": WEEKDAYS,
        "weeks": range(min(n_weeks, MOST_WEEKS)),
        "most_weeks": MOST_WEEKS,
        "calendars": rota_read.calendars(),
        "holidays": [one.value for one in OnHolidays],
        "today": timezone.localdate(desk.now),
        "preview": said(found) if found else "",
        "found": found,
        "coming": _named(found.added, names) if found else [],
        "clashes": _named(found.clashes, names) if found else [],
    }
    return page(request, "cases/pattern.html", context, here="duty", status=status)


def _named(stints: Any, names: Any) -> list[tuple[Any, Any]]:
    """The first of some shifts, with whose they are."""
    first = sorted(stints.values(), key=lambda stint: stint.span)[:MOST_SHOWN]
    return [(names.get(stint.person, ""), stint) for stint in first]
