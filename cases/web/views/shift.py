"""The start of a shift, and its end: what is left is written down and accepted by name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases.access import duty_post_for, hand_over_for, require
from cases.reads import shift as shift_read
from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need, may
from cases.services import leaving, shifts
from cases.services.shifts import Leaving
from cases.web.team_forms import HandOverForm, LeaveWatchesForm, SayForm
from cases.web.views.base import page, posted, told, valid

LONGEST_NUMBER = 19


@require_GET
def shift(request: HttpRequest) -> HttpResponse:
    """Everything for somebody who begins: what is open, who is there, what the last shift left."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.SEE)
    may_hand_over = may(officer.role, Need.HAND_OVER)
    colleagues = [one for one in who_may(Need.HAND_OVER) if one.pk != officer.pk] if may_hand_over else []
    context = {
        "start": shift_read.start_of_shift(officer, now=now),
        "may_hand_over": may_hand_over,
        "posts_to": shift_read.posts_of(officer, now=now) if may_hand_over else [],
        "people_to": colleagues,
    }
    return page(request, "cases/shift.html", context, here="shift")


@posted
@told
def hand_over(request: HttpRequest) -> HttpResponse:
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.HAND_OVER)
    form = valid(HandOverForm(request.POST))
    listed = {int(number) for number in form.cleaned_data["cases"] if number.isdecimal()}
    mine = shift_read.own_cases(officer) if form.cleaned_data["with_cases"] else []
    posts = shift_read.posts_of(officer, now=now)
    left = Leaving(
        note=form.cleaned_data["note"],
        counts=shift_read.counts(now=now),
        post=next((post for post in posts if post.pk == form.chosen("post")), None),
        to=one_of(who_may(Need.HAND_OVER), form.chosen("person")),
        case_ids=[number for number in mine if number in listed],
    )
    shifts.hand_over(left, by=officer, now=now)
    messages.success(request, _("Handed over. It stays on this page until a colleague accepts it."))
    return redirect("cases:shift")


@posted
@told
def leave_watches(request: HttpRequest) -> HttpResponse:
    """Put one's own watches in the name of a duty post, in one go."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.HAND_OVER)
    data = valid(LeaveWatchesForm(request.POST)).cleaned_data
    post = duty_post_for(officer, data["post"], Need.HAND_OVER)
    shown = [int(number) for number in data["watches"] if number.isdecimal() and len(number) < LONGEST_NUMBER]
    n = len(leaving.leave_watches(shown, post, by=officer, now=now))
    said = ngettext("%(n)d watch is with %(post)s now.", "%(n)d watches are with %(post)s now.", n)
    messages.success(request, said % {"n": n, "post": post.name})
    return redirect("cases:shift")


@posted
@told
def accept(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    left = hand_over_for(officer, hand_over_id)
    n = len(shifts.accept(left.pk, by=officer, now=timezone.now()))
    messages.success(request, _("You have accepted the hand-over."))
    if n:
        said = ngettext("%(n)d case is yours now.", "%(n)d cases are yours now.", n)
        messages.success(request, said % {"n": n})
    return redirect("cases:shift")


@posted
@told
def ask(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    left = hand_over_for(officer, hand_over_id)
    text = valid(SayForm(request.POST)).cleaned_data["text"]
    shifts.ask(left.pk, text, by=officer, now=timezone.now())
    messages.success(request, _("%(who)s is asked to add it.") % {"who": left.by})
    return redirect("cases:shift")


@posted
@told
def add(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    left = hand_over_for(officer, hand_over_id)
    shifts.add(left.pk, valid(SayForm(request.POST)).cleaned_data["text"], by=officer, now=timezone.now())
    messages.success(request, _("Added to the note."))
    return redirect("cases:shift")
