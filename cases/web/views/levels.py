"""The scale of incidents: a page on which a lead adds, renames, moves and retires levels."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import require
from cases.reads import levels as levels_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.services import levels
from cases.web.level_forms import LevelNameForm, LevelStepForm
from cases.web.views.base import page, posted, told, valid


@told
def overview(request: HttpRequest) -> HttpResponse:
    """The scale; a name that is posted becomes its highest level."""
    officer = officer_of(request.user)
    if request.method == "POST":
        require(officer, Need.ONE_VOICE)
        sent = valid(LevelNameForm(request.POST)).cleaned_data
        levels.add(sent["name"], seen=sent["seen"], by=officer, now=timezone.now())
        messages.success(request, _("The level is added, above all others."))
        return redirect("cases:scale")
    require(officer, Need.SEE)
    context = {"scale": levels_read.scale(), "may_change": may(officer.role, Need.ONE_VOICE)}
    return page(request, "cases/scale.html", context, here="situations")


@posted
@told
def change(request: HttpRequest, level_id: int) -> HttpResponse:
    """Rename, move, retire or restore a level."""
    officer = officer_of(request.user)
    level = levels_read.to_change(officer, level_id)
    sent = valid(LevelStepForm(request.POST)).cleaned_data
    do, seen, now = sent["do"], sent["seen"], timezone.now()
    if do == "rename":
        levels.rename(level, sent["name"], seen=seen, by=officer, now=now)
    elif do == "retire":
        levels.retire(level, seen=seen, by=officer, now=now)
    elif do == "restore":
        levels.restore(level, seen=seen, by=officer, now=now)
    else:
        levels.move(level, up=do == "up", seen=seen, by=officer, now=now)
    messages.success(request, _("The scale is saved."))
    return redirect("cases:scale")
