"""What happened to a claim, and to a case because of one: a sentence, a detail, an icon and its tone."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.web.claim_words import STATUSES
from cases.web.words import word

Facts = Mapping[str, Any]
Said = tuple[str, str, str, str]


def _with(sentence: Callable[[], str], detail: str = "statement", icon: str = "flag") -> Callable[..., Said]:
    """An event that says who did it, with one of its facts under it."""
    return lambda who, facts: (sentence() % {"who": who}, str(facts.get(detail) or ""), icon, "")


def _decided(who: str, facts: Facts) -> Said:
    names = {"who": who, "status": word(STATUSES, str(facts.get("status", "")))}
    return _("%(who)s decided: %(status)s") % names, str(facts.get("reason", "")), "check", "acc"


def _told(who: str, facts: Facts) -> Said:
    by = str(facts.get("who", ""))
    detail = "“{}”: {}".format(facts.get("statement", ""), word(STATUSES, str(facts.get("status", ""))))
    sentence = {
        "status": _("%(who)s decided on a claim that this post makes"),
        "statement": _("%(who)s said a claim of this post in other words"),
        "sources": _("%(who)s changed the sources on a claim of this post"),
        "answer": _("%(who)s changed the vetted answer to a claim of this post"),
        "merged": _("%(who)s changed which claims are the same"),
    }.get(str(facts.get("what")), _("%(who)s decided on a claim that this post makes"))
    return sentence % {"who": by}, detail, "flag", "hot" if facts.get("what") == "status" else ""


def _linked(who: str, facts: Facts) -> Said:
    n = len(facts.get("cases") or ())
    sentence = ngettext(
        "%(who)s linked %(n)d case to the claim", "%(who)s linked %(n)d cases to the claim", n
    ) % {"who": who, "n": n}
    return sentence, "", "plus", ""


SENTENCES: Mapping[str, Callable[[str, Facts], Said]] = {
    "claim linked": _with(lambda: _("%(who)s: this post makes a claim")),
    "claim unlinked": _with(lambda: _("%(who)s: this post does not make the claim after all")),
    "claim told": _told,
    "claim opened": _with(lambda: _("%(who)s put the claim into the register")),
    "claim changed": _with(lambda: _("%(who)s said the claim in other words"), "before"),
    "claim decided": _decided,
    "source added": _with(lambda: _("%(who)s added a source"), "title", "plus"),
    "source withdrawn": _with(lambda: _("%(who)s withdrew a source"), "reason", "cross"),
    "claim merged": _with(lambda: _("%(who)s merged this claim into another one")),
    "claim took in": _with(lambda: _("%(who)s merged another claim into this one")),
    "claim parted": _with(lambda: _("%(who)s let the claim stand on its own again")),
    "cases linked": _linked,
    "case unlinked": _with(lambda: _("%(who)s took a case off the claim"), "", "cross"),
    "answer written": _with(lambda: _("%(who)s proposed an answer"), "text", "note"),
    "answer vetted": _with(lambda: _("%(who)s vetted an answer"), "text", "check"),
    "answer withdrawn": _with(lambda: _("%(who)s took an answer out of use"), "reason", "cross"),
}
