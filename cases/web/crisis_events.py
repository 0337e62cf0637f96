"""What happened to a situation, an act on many or a message: a sentence, a detail, an icon and its tone."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Facts = Mapping[str, Any]
Said = tuple[str, str, str, str]


def _opened(who: str, facts: Facts) -> Said:
    return _("%(who)s opened the situation") % {"who": who}, str(facts.get("level", "")), "flag", "acc"


def _level(who: str, facts: Facts) -> Said:
    words = {"who": who, "level": facts.get("after") or _("none")}
    return _("%(who)s set the level: %(level)s") % words, str(facts.get("reason", "")), "up", "acc"


def _message(who: str, facts: Facts) -> Said:
    sentence = _("%(who)s renewed the key message (version %(n)s)") % {"who": who, "n": facts.get("n")}
    return sentence, str(facts.get("text", "")), "send", "acc"


def _batch(who: str, facts: Facts) -> Said:
    n = int(facts.get("cases") or 0)
    acts = {
        "close": ngettext("%(who)s closes %(n)s topic", "%(who)s closes %(n)s topics", n),
        "leave": ngettext(
            "%(who)s takes %(n)s case out of the situation",
            "%(who)s takes %(n)s cases out of the situation",
            n,
        ),
        "answer": ngettext(
            "%(who)s answers %(n)s case with one message", "%(who)s answers %(n)s cases with one message", n
        ),
        "tell": ngettext("%(n)s case is told of a claim", "%(n)s cases are told of a claim", n),
    }
    sentence = acts.get(str(facts.get("kind"))) or ngettext(
        "%(who)s began an act on %(n)s case", "%(who)s began an act on %(n)s cases", n
    )
    return sentence % {"who": who, "n": n}, str(facts.get("reason", "")), "merge", ""


def _said(sentence: Callable[[], str], icon: str = "note", detail: str = "reason") -> Callable[..., Said]:
    """An event that says who did it, with one of its facts under it."""

    def build(who: str, facts: Facts) -> Said:
        return sentence() % {**facts, "who": who}, str(facts.get(detail) or ""), icon, ""

    return build


SENTENCES: Mapping[str, Callable[[str, Facts], Said]] = {
    "situation opened": _opened,
    "situation closed": _said(lambda: _("%(who)s closed the situation"), "check"),
    "situation declined": _said(lambda: _("%(who)s: this is no situation"), "cross"),
    "situation proposed": _said(lambda: _("A story grows: a situation was proposed"), "up"),
    "situation changed": _said(lambda: _("%(who)s changed the settings")),
    "level set": _level,
    "level added": _said(lambda: _("%(who)s added “%(name)s” to the scale"), "plus", ""),
    "level renamed": _said(lambda: _("%(who)s renamed the level “%(before)s” to “%(name)s”"), "note", ""),
    "level moved": _said(lambda: _("%(who)s moved “%(name)s” past “%(past)s” on the scale"), "up", ""),
    "level retired": _said(lambda: _("%(who)s retired the level “%(name)s”"), "cross", ""),
    "level restored": _said(lambda: _("%(who)s took the level “%(name)s” back into use"), "undo", ""),
    "locked to one voice": _said(lambda: _("%(who)s locked the situation to one voice"), "lock"),
    "one voice ended": _said(lambda: _("%(who)s ended the one voice"), "lock"),
    "target set": _said(lambda: _("%(who)s set how soon its posts are answered"), "clock"),
    "key message": _message,
    "joined situation": _said(lambda: _("%(who)s: the case joined a situation"), "flag", "name"),
    "left situation": _said(lambda: _("%(who)s: the case left its situation"), "flag"),
    "picture made": _said(lambda: _("%(who)s made environment picture %(picture)s"), "chart", "names"),
    "advice written": _said(lambda: _("%(who)s wrote the advice of picture %(picture)s")),
    "picture signed": _said(lambda: _("%(who)s signed environment picture %(picture)s"), "check"),
    "picture mailed": _said(lambda: _("Picture %(picture)s was mailed (%(mails)s times so far)"), "send"),
    "picture not mailed": _said(lambda: _("Picture %(picture)s was not mailed"), "alert", "why"),
    "pictures scheduled": _said(lambda: _("%(who)s set how often a picture is made")),
    "reader added": _said(lambda: _("%(who)s put somebody on the mailing list"), "plus", "email"),
    "reader removed": _said(lambda: _("%(who)s took somebody off the mailing list"), "cross", "email"),
    "people heard": _said(lambda: _("%(who)s: people heard from us; the clock starts again"), "send"),
    "inflow added": _said(lambda: _("%(who)s lets a query or a story flow in"), "filter", "query"),
    "inflow stopped": _said(lambda: _("%(who)s stopped an inflow"), "filter"),
    "batch started": _batch,
    "batch done": _said(lambda: _("Done: %(done)s of %(of)s; %(left)s left as they are"), "check"),
    "batch stopped": _said(lambda: _("%(who)s stopped it"), "pause"),
    "message written": _said(lambda: _("%(who)s wrote a message for many"), "note", "text"),
    "message changed": _said(lambda: _("%(who)s changed the message"), "note", "text"),
    "message queued": _said(lambda: _("%(who)s let the message go"), "send", "text"),
    "message registered": _said(lambda: _("%(who)s registered the message"), "send", "text"),
    "message taken back": _said(lambda: _("%(who)s took the message back"), "undo"),
    "message published": _said(lambda: _("The message is published"), "send", "link"),
    "message failed": _said(lambda: _("The message did not arrive"), "alert", "error"),
    "message stopped": _said(lambda: _("%(who)s stopped the message"), "pause"),
    "reply sent": _said(lambda: _("A reply went out with our message to many"), "send", "link"),
}
