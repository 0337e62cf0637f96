"""A situation beside its page: closing it, handing it over, what was decided when, and the wall."""

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import situation_for
from cases.reads import situations as read
from cases.reads.people import officer_of
from cases.rules.closing import CLOSABLE, Group
from cases.rules.permissions import Need, may
from cases.services import closing, logging
from cases.web.situation_events import DECISIONS, Line
from cases.web.situation_events import told as told_of
from cases.web.situation_forms import CloseForm, ReasonForm
from cases.web.views.base import page, told, valid


@told
def close(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Ask what happens to every open case, by group; then close the situation."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.RUN_SITUATION)
    if request.method == "POST":
        form = valid(CloseForm(request.POST))
        data = form.cleaned_data
        up_to, reason = data["up_to"], data["reason"]
        closing.close(found, form.ways(), up_to=up_to, reason=reason, by=officer, now=now)
        messages.success(request, _("The situation is closed. Its cases follow, bit by bit."))
        return redirect("cases:situation", situation_id)
    sorted_ = closing.sort(found)
    groups = [
        (group, len(sorted_.groups[group]), sorted_.n_posts[group], group in CLOSABLE)
        for group in Group
        if group in sorted_.groups
    ]
    newest = max((max(seen) for seen in sorted_.groups.values()), default=0)
    context = {"situation": found, "groups": groups, "up_to": newest}
    return page(request, "cases/situation_close.html", context, here="situations")


@told
def hand_over(request: HttpRequest, situation_id: int) -> HttpResponse:
    """What the next shift needs to know of a situation; taken over by name."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id, Need.JUDGE if request.method == "POST" else Need.SEE)
    if request.method == "POST":
        said = valid(ReasonForm(request.POST)).cleaned_data["reason"]
        logging.take_over(found, said, by=officer, now=now)
        messages.success(request, _("You have taken it over; it stands in the log."))
        return redirect("cases:situation_hand_over", situation_id)
    context = {
        "situation": found,
        "shown": read.page(found, now=now),
        "left": read.hand_over(found),
        "may_accept": may(officer.role, Need.JUDGE),
    }
    return page(request, "cases/situation_hand_over.html", context, here="situations")


@require_GET
def timeline(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Who decided what when, in plain words, the newest first."""
    found = situation_for(officer_of(request.user), situation_id)
    only = "decisions" in request.GET
    events = [(event, told_of(event)) for event in read.timeline(found, actions=DECISIONS if only else None)]
    context = {"situation": found, "events": events, "only_decisions": only}
    return page(request, "cases/situation_timeline.html", context, here="situations")


@require_GET
def timeline_csv(request: HttpRequest, situation_id: int) -> HttpResponse:
    """The timeline as a table for a spreadsheet."""
    found = situation_for(officer_of(request.user), situation_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="situation-{situation_id}.csv"'
    response.write("\ufeff")
    rows = csv.writer(response)
    rows.writerow([_("When"), _("Who"), _("What")])
    actions = DECISIONS if "decisions" in request.GET else None
    for event in read.timeline(found, most=5000, actions=actions):
        at = timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds")
        rows.writerow([at, _plain(event.actor_name), _plain(_in_one(told_of(event)))])
    return response


def _in_one(line: Line) -> str:
    return f"{line.sentence}: {line.detail}" if line.detail else line.sentence


def _plain(text: str) -> str:
    """Words that a spreadsheet takes for words, never for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@require_GET
def wall(request: HttpRequest, situation_id: int) -> HttpResponse:
    """For the big screen of a crisis room: figures that can be read from five metres, no names of authors."""
    officer, now = officer_of(request.user), timezone.now()
    found = situation_for(officer, situation_id)
    context = {"situation": found, "wall": read.wall(found, officer, now=now)}
    return page(request, "cases/wall.html", context, here="situations")
