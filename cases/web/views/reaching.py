"""How somebody is reached: quiet hours, mail, push and chat, a test of each; and the log of deliveries."""

from datetime import time

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases import access
from cases.access import require
from cases.reads import reaching
from cases.reads.people import officer_of, who_may
from cases.reads.reaching import Wanted
from cases.rules.permissions import Need
from cases.services import contacts
from cases.services.contacts import ContactRefused, NewContact, Reach
from cases.web.views.base import page, posted, told, whole_number


@posted
@told
def set_reach(request: HttpRequest) -> HttpResponse:
    form = request.POST
    wanted = Reach(
        _time(form.get("quiet_from", "")),
        _time(form.get("quiet_until", "")),
        form.get("zone", ""),
        _level(form.get("email_from", "")),
    )
    contacts.set_reach(officer_of(request.user), wanted, now=timezone.now())
    messages.success(request, _("Your preferences are kept."))
    return redirect("cases:me")


@posted
@told
def add_contact(request: HttpRequest) -> HttpResponse:
    officer, form = officer_of(request.user), request.POST
    post_id = whole_number(form.get("post", ""))
    post = access.duty_post_for(officer, post_id) if post_id else None
    wanted = NewContact(
        form.get("kind", ""),
        form.get("name", ""),
        form.get("address", "")[: contacts.LONGEST],
        _level(form.get("from_level", "")),
        post,
    )
    contacts.add(wanted, by=officer, now=timezone.now())
    messages.success(request, _("Kept. Send a test message to see whether it arrives."))
    return redirect("cases:me")


@posted
@told
def change_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    contact, level = access.contact_for(officer, contact_id), _level(request.POST.get("from_level", ""))
    contacts.change(contact, name="", from_level=level, by=officer, now=timezone.now())
    messages.success(request, _("Your preferences are kept."))
    return redirect("cases:me")


@posted
@told
def remove_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    contacts.remove(access.contact_for(officer, contact_id), by=officer, now=timezone.now())
    messages.success(request, _("Removed. No more messages go there."))
    return redirect("cases:me")


@posted
@told
def try_contact(request: HttpRequest, contact_id: int = 0) -> HttpResponse:
    """Send a test message; without a contact by e-mail."""
    officer = officer_of(request.user)
    contact = access.contact_for(officer, contact_id) if contact_id else None
    tried = contacts.try_out(contact, by=officer, now=timezone.now())
    (messages.success if tried.is_delivered else messages.error)(request, tried.sentence)
    return redirect("cases:me")


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """What became of every message that left the app."""
    require(officer_of(request.user), Need.SEE_WATCHING)
    asked = request.GET
    wanted = Wanted(
        bool(asked.get("failing")),
        asked.get("channel", ""),
        whole_number(asked.get("person", "")),
        whole_number(asked.get("alarm", "")),
    )
    context = {
        "messages_sent": reaching.deliveries(wanted),
        "wanted": wanted,
        "channels": ["email", "push", "chat"],
        "people": who_may(Need.ACKNOWLEDGE),
    }
    return page(request, "cases/deliveries.html", context, here="deliveries")


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows push messages; it must come from the root to be used on every page."""
    return render(request, "cases/sw.js", content_type="text/javascript; charset=utf-8")


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise ContactRefused(_("Write a time as 22:00.")) from None


def _level(text: str) -> int:
    """A level that was chosen; -1 for what is none, which is refused further on."""
    number = whole_number(text)
    return -1 if number is None else number
