"""Exercises: the one of this space, and in a real installation the scores of earlier ones."""

import csv
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import exercise_for, inject_for, require
from cases.reads import exercises as read
from cases.reads.people import officer_of
from cases.reads.score import score_of
from cases.reads.score_words import duty_label, figures, span
from cases.rules.permissions import Need, may
from cases.rules.scoring import Score
from cases.services import exercises
from cases.web.duty_words import FUNCTIONS
from cases.web.exercise_forms import InjectForm, LeadForm, SettleForm
from cases.web.views.base import back, page, posted, told, valid
from cases.web.views.imports import CSV_TYPE, defused
from cases.web.words import INJECTS, ROLES


@require_GET
def exercise(request: HttpRequest) -> HttpResponse:
    """What happens to you; for who leads it the clock of the story; and afterwards the score."""
    officer, now = officer_of(request.user), timezone.now()
    found = exercise_for(officer)
    running = read.running(found, viewer=officer, space=Path(settings.DATA_DIR), now=now)
    score = score_of(found) if running.is_over else None
    context: dict[str, Any] = {
        "running": running,
        "leads": may(officer.role, Need.EXERCISE),
        "kinds": [(kind, INJECTS[kind]) for kind in read.KINDS],
        "roles": [(role, ROLES[role]) for role in read.ROLES],
        "functions": [(name, FUNCTIONS[name]) for name in read.FUNCTIONS],
        "inject_words": INJECTS,
        **_shown(score),
    }
    return page(request, "cases/exercise.html", context, here="exercise")


@require_GET
def earlier(request: HttpRequest) -> HttpResponse:
    """How to start one, what can be played, and how earlier ones went."""
    require(officer_of(request.user), Need.EXERCISE)
    found = read.earlier(Path(settings.EXERCISES_DIR))
    context = {
        "stories": read.stories(),
        "earlier": [(each, _shown(each.score)) for each in found],
    }
    return page(request, "cases/exercises.html", context, here="exercises")


@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The score for a spreadsheet: no cell of it is a formula."""
    found = exercise_for(officer_of(request.user))
    if found.ended_at is None:
        raise Http404
    score = score_of(found)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_("Figure"), _("Value"), _("What it says")])
    for row in figures(score):
        writer.writerow([defused(cell) for cell in (row.label, row.value, row.sentence)])
    for duty in score.duties:
        cases = ", ".join(map(str, duty.forgotten))
        writer.writerow([defused(cell) for cell in (duty_label(duty.id), f"{duty.n_done}/{duty.n}", cases)])
    for danger in score.dangers:
        writer.writerow([defused(cell) for cell in (danger.text, span(danger.alarm_s), str(danger.case))])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type=CSV_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="weerwoord-exercise.csv"'
    return answer


@posted
@told
def lead(request: HttpRequest) -> HttpResponse:
    """Set the story going, hold it, change its speed, or end it."""
    officer, now = officer_of(request.user), timezone.now()
    found = exercise_for(officer, Need.EXERCISE)
    asked = valid(LeadForm(request.POST)).cleaned_data
    seen = asked["seen"]
    if asked["do"] == "play":
        exercises.play(found, by=officer, now=now, seen=seen)
        messages.success(request, _("The story runs."))
    elif asked["do"] == "pause":
        exercises.pause(found, by=officer, now=now, seen=seen)
        messages.success(request, _("The story stands still. What people do goes on."))
    elif asked["do"] == "speed":
        exercises.set_speed(found, asked["speed"], by=officer, now=now, seen=seen)
        messages.success(request, _("The speed is set. The story goes on from where it is."))
    else:
        exercises.end(found, by=officer, now=now)
        exercises.keep_score(score_of(found).kept())
        messages.success(request, _("The exercise has ended. This is its score."))
    return back(request, "cases:exercise")


@posted
@told
def add_inject(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    found = exercise_for(officer, Need.EXERCISE)
    exercises.add_inject(found, valid(InjectForm(request.POST)).plan(), by=officer, now=timezone.now())
    messages.success(request, _("It happened: who it is for has been told."))
    return back(request, "cases:exercise")


@posted
@told
def settle_inject(request: HttpRequest, inject_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    inject = inject_for(officer, inject_id)
    note = valid(SettleForm(request.POST)).cleaned_data["note"]
    exercises.settle(inject, note=note, by=officer, now=timezone.now())
    messages.success(request, _("Written down as dealt with."))
    return back(request, "cases:exercise")


def _shown(score: Score | None) -> dict[str, Any]:
    return {"score": score, "figures": figures(score) if score else []}
