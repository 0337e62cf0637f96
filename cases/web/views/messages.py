"""Messages to many: written, published or registered, the cases they answer chosen, and the stop button."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from cases.access import message_for, require
from cases.reads import messages as messages_read
from cases.reads.division import categories
from cases.reads.messages import Choice
from cases.reads.people import officer_of
from cases.reads.searching import filter_from
from cases.rules.permissions import Need, may
from cases.services import answering, messages
from cases.services.messages import Words
from cases.web.forms import MomentField
from cases.web.views.base import page, posted, told, valid, whole_number
from cases.web.words import CATEGORIES, word

RULES = {
    "nobody": gettext_lazy("nobody"),
    "askers": gettext_lazy("who asked something"),
    "all": gettext_lazy("everybody"),
}
STATES = {
    "draft": gettext_lazy("draft"),
    "queued": gettext_lazy("leaves in a moment"),
    "sending": gettext_lazy("is being sent"),
    "unknown": gettext_lazy("being looked for"),
    "published": gettext_lazy("published"),
    "failed": gettext_lazy("not sent"),
}
KINDS = {
    "urgent": gettext_lazy("urgent, or about danger: look at them one by one"),
    "ended": gettext_lazy("answered or closed already"),
    "begun": gettext_lazy("somebody has begun to judge them"),
    "voice": gettext_lazy("in a situation with one voice: a duty lead lets a message answer them"),
    "taken": gettext_lazy("somebody is at them now"),
    "reply": gettext_lazy("a reply is being written or sent"),
    "watch": gettext_lazy("being watched"),
    "promise": gettext_lazy("something was promised"),
    "alarm": gettext_lazy("an alarm runs"),
}


class MessageForm(forms.Form):
    """What it says, as whom, to whom."""

    text = forms.CharField(label=gettext_lazy("Message"), max_length=5000)
    language = forms.CharField(max_length=10, required=False)
    category = forms.CharField(label=gettext_lazy("Kind of posts"), max_length=20, required=False)
    source = forms.IntegerField(required=False)
    situation = forms.IntegerField(required=False)
    claim = forms.IntegerField(required=False)
    replies_to = forms.ChoiceField(choices=[(rule, rule) for rule in RULES], required=False)
    reply_text = forms.CharField(label=gettext_lazy("Reply of their own"), max_length=5000, required=False)

    def words(self) -> Words:
        data = self.cleaned_data
        situation, claim, source = messages_read.named(
            situation=data["situation"], claim=data["claim"], source=data["source"]
        )
        return Words(
            data["text"],
            data["category"] if data["category"] in categories() else "",
            language=data["language"],
            source=source,
            situation=situation,
            claim=claim,
            replies_to=data["replies_to"] or "nobody",
            reply_text=data["reply_text"],
        )


class SeenForm(forms.Form):
    """The revision that the officer saw, and for registering the address."""

    seen = forms.IntegerField()
    url = forms.CharField(label=gettext_lazy("Address"), max_length=2000, required=False)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    situation = whole_number(request.GET.get("situation", ""))
    context = {
        "found": [(m, STATES[m.status]) for m in messages_read.messages(situation=situation)],
        "may_publish": may(officer.role, Need.PUBLISH),
    }
    return page(request, "cases/messages.html", context, here="public_messages")


@told
def new(request: HttpRequest) -> HttpResponse:
    """Write a message; from a situation, a claim or a case it begins with that."""
    officer = officer_of(request.user)
    require(officer, Need.PUBLISH)
    if request.method == "POST":
        written = messages.write(valid(MessageForm(request.POST)).words(), by=officer, now=timezone.now())
        case = whole_number(request.POST.get("case", ""))
        return redirect(reverse("cases:message", args=[written.pk]) + (f"?case={case}" if case else ""))
    asked = {name: whole_number(request.GET.get(name, "")) for name in ("situation", "claim", "case")}
    context = _form_context() | {"asked": asked, "message": None}
    return page(request, "cases/message_new.html", context, here="public_messages")


@require_GET
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message; with a choice in the address also the list and the count of what it would answer."""
    officer, now = officer_of(request.user), timezone.now()
    found = message_for(officer, message_id)
    shown = messages_read.message_page(found, now=now)
    choice = choice_in(request.GET)
    if choice.is_empty:
        choice = choice_in(shown.chosen or {"claim": found.claim_id, "situation": found.situation_id})
    proposal = None
    if found.status == "published" and not choice.is_empty:
        ids = messages_read.chosen(officer, choice, now=now)
        proposal = answering.propose(ids, now=now, silenced=messages.silenced(found, by=officer, now=now))
    context = _form_context() | {
        "asked": {"situation": None, "claim": None, "case": None},
        "shown": shown,
        "message": found,
        "state": STATES[found.status],
        "rule": RULES[found.replies_to],
        "proposal": proposal,
        "left": [(KINDS[kind], n) for kind, n in proposal.n_left.items()] if proposal else [],
        "first": list(proposal.seen)[:20] if proposal else [],
        "chosen": choice.kept().items(),
        "choice": choice,
        "as_of": now.isoformat(),
        "may_publish": may(officer.role, Need.PUBLISH),
        "is_draft": found.status in ("draft", "failed"),
        "is_busy": found.status in ("queued", "sending", "unknown") or shown.replies.n_waiting > 0,
    }
    return page(request, "cases/message.html", context, here="public_messages")


@posted
@told
def change(request: HttpRequest, message_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = message_for(officer, message_id, Need.PUBLISH)
    words, seen = valid(MessageForm(request.POST)).words(), valid(SeenForm(request.POST)).cleaned_data["seen"]
    messages.change(found, words, by=officer, now=timezone.now(), seen=seen)
    return redirect("cases:message", message_id)


@posted
@told
def publish(request: HttpRequest, message_id: int) -> HttpResponse:
    """Let it go; with an address it stands somewhere already, and is registered."""
    officer, now = officer_of(request.user), timezone.now()
    found = message_for(officer, message_id, Need.PUBLISH)
    data = valid(SeenForm(request.POST)).cleaned_data
    if data["url"]:
        messages.register(found, data["url"], by=officer, now=now, seen=data["seen"])
    else:
        messages.publish(found, by=officer, now=now, seen=data["seen"])
    return redirect("cases:message", message_id)


@posted
@told
def take_back(request: HttpRequest, message_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = message_for(officer, message_id, Need.PUBLISH)
    if not messages.take_back(found, by=officer, now=timezone.now()):
        notes.warning(request, _("It is on its way already and cannot be taken back."))
    return redirect("cases:message", message_id)


@posted
@told
def answer(request: HttpRequest, message_id: int) -> HttpResponse:
    """Let it answer the cases of the choice that were there when the list was shown."""
    officer, now = officer_of(request.user), timezone.now()
    found = message_for(officer, message_id, Need.PUBLISH)
    choice = choice_in(request.POST)
    until = valid(AsOfForm(request.POST)).cleaned_data["as_of"]
    ids = messages_read.chosen(officer, choice, now=now, as_of=until)
    seen = answering.propose(ids, now=now, silenced=messages.silenced(found, by=officer, now=now)).seen
    answering.answer(found, seen, by=officer, now=now, chosen=choice.kept())
    return redirect("cases:message", message_id)


@posted
@told
def stop(request: HttpRequest, message_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = message_for(officer, message_id, Need.PUBLISH)
    n = answering.stop(found, by=officer, now=timezone.now())
    notes.success(request, _("Stopped. Replies that stay unsent: %(n)d.") % {"n": n})
    return redirect("cases:message", message_id)


class AsOfForm(forms.Form):
    """When the list was shown."""

    as_of = MomentField(input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"])


def choice_in(asked: Mapping[str, Any]) -> Choice:
    """A choice out of an address, a form or a batch."""
    claim, situation, case = (
        whole_number(str(asked.get(name) or "")) for name in ("claim", "situation", "case")
    )
    return Choice(claim, situation, case, filter_from(asked))


def _form_context() -> dict[str, object]:
    return {
        "accounts": messages_read.accounts(),
        "kinds": [(name, word(CATEGORIES, name)) for name in categories() if name != "danger"],
        "rules": RULES.items(),
    }
