"""The scheme and the states in full, as help; and the published versions of the scheme."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import require
from cases.reads import schemes as schemes_read
from cases.reads.case import current_scheme
from cases.reads.people import officer_of
from cases.rules.moves import TABLE
from cases.rules.permissions import Need
from cases.rules.scheme import Scheme, open_extensions, text
from cases.web import schememap
from cases.web.views.base import page

SHOWN = 200
"""So many differences are shown; the command shows them all."""


@require_GET
def whole_scheme(request: HttpRequest) -> HttpResponse:
    """The scheme that new cases are judged by, drawn and in words."""
    scheme = current_scheme()
    if scheme is None:
        raise Http404
    return page(request, "cases/help_scheme.html", _drawn(scheme), here="help")


@require_GET
def states(request: HttpRequest) -> HttpResponse:
    """Every move of a case: who may make it, on what condition, with what effect."""
    lang = get_language() or "en"
    moves = [
        {
            "name": text(move.name, lang),
            "before": move.before,
            "after": move.after,
            "needs": [need.value for need in move.needs],
            "by_rule": move.by_rule,
            "guard": text(move.guard, lang),
            "effect": text(move.effect, lang),
        }
        for move in TABLE
    ]
    return page(request, "cases/help_states.html", {"moves": moves}, here="help")


@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """Every published version, and how many cases are pinned to each."""
    require(officer_of(request.user), Need.SEE_TEAM)
    return page(request, "cases/schemes.html", {"versions": schemes_read.versions()}, here="schemes")


@require_GET
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: drawn, in words, and what it changed."""
    require(officer_of(request.user), Need.SEE_TEAM)
    found = schemes_read.version(version_id)
    if found is None:
        raise Http404
    context = _drawn(found.scheme) | {
        "version": found.row,
        "earlier": found.earlier,
        "changed": found.changed[:SHOWN],
        "n_changed": len(found.changed),
    }
    return page(request, "cases/scheme.html", context, here="schemes")


def _drawn(scheme: Scheme) -> dict[str, object]:
    lang = get_language() or "en"
    label = _("Drawing of the scheme. The same stands below it in words.")
    return {
        "scheme": scheme,
        "exits": open_extensions(scheme),
        "drawing": schememap.draw(scheme, lang=lang, label=label),
        "titles": {
            **{question.id: text(question.text, lang) for question in scheme.questions},
            **{rule.id: text(rule.title, lang) for rule in scheme.advices},
        },
    }
