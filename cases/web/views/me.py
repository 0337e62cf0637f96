"""How somebody wants to work: their language and their keys."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.reads.people import officer_of
from cases.reads.reaching import reaching
from cases.rules import keys
from cases.rules.scheme import text
from cases.services import contacts, preferences
from cases.services.preferences import Preferences
from cases.web.views.base import page, told

ACTIONS = {
    "follow": gettext_lazy("Follow the advice"),
    "back": gettext_lazy("Back to the previous question"),
    "undo": gettext_lazy("Undo the last choice"),
    "next": gettext_lazy("Next in the list"),
    "previous": gettext_lazy("Previous in the list"),
    "search": gettext_lazy("Search"),
    "go": gettext_lazy("Go to a page (with a second key)"),
    "similar": gettext_lazy("Do this case together with those alike"),
    "claim": gettext_lazy("Say which claim this post makes"),
    "next_case": gettext_lazy("Give me the next case"),
    "picture": gettext_lazy("Make an environment picture of this situation"),
    "log": gettext_lazy("Write a line in the log of the situation"),
    "list": gettext_lazy("Show the list of keys"),
}


@told
def me(request: HttpRequest) -> HttpResponse:
    """Preferences of who is signed in; each person has their own."""
    officer = officer_of(request.user)
    if request.method == "POST":
        return _prefer(request)
    scheme = preferences.current_scheme()
    known = keys.actions(scheme)
    exits = {
        name: text(label, translation.get_language() or "en")
        for name, label in keys.exit_labels(scheme).items()
    }
    context = {
        "person": officer,
        "reach": reaching(officer),
        "push_key": contacts.push_key(),
        "services": contacts.services(),
        "languages": settings.LANGUAGES,
        "keys": [
            (action, ACTIONS.get(action) or exits.get(action, action), key, officer.keys.get(action, ""))
            for action, key in known.items()
        ],
    }
    return page(request, "cases/me.html", context, here="me")


def _prefer(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    chosen = {name[4:]: str(value) for name, value in request.POST.items() if name.startswith("key_")}
    language = request.POST.get("language", "")
    wanted = Preferences(language, bool(request.POST.get("has_single_keys")), chosen)
    preferences.prefer(officer, wanted, now=timezone.now())
    with translation.override(language):
        messages.success(request, _("Your preferences are kept."))
    answer = redirect("cases:me")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return answer
