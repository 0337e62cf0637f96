"""The timeline of a situation in plain words: one sentence per event of its trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.web.events import Event, told_briefly

Facts = Mapping[str, Any]

DECISIONS = frozenset(
    {
        "situation opened",
        "situation closed",
        "situation declined",
        "level set",
        "locked to one voice",
        "one voice ended",
        "key message",
        "decided",
        "taken over",
        "people heard",
        "claim decided",
        "picture signed",
        "message published",
    }
)
"""What somebody decided, among all that happened."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, a detail under it, its icon, and whether somebody decided something."""

    sentence: str
    detail: str = ""
    icon: str = "note"
    is_decision: bool = False


def told(event: Event) -> Line:
    who = event.actor_name or _("The system")
    is_decision = event.action in DECISIONS
    build = _TELL.get(event.action)
    if build is None:
        return Line(told_briefly(event, None), is_decision=is_decision)
    line = build(who, event.facts)
    return Line(line.sentence, line.detail, line.icon, is_decision)


def _opened(who: str, facts: Facts) -> Line:
    return Line(_("%(who)s opened the situation") % {"who": who}, str(facts.get("level", "")), "flag")


def _level(who: str, facts: Facts) -> Line:
    words = {"who": who, "level": facts.get("after") or _("none")}
    return Line(_("%(who)s set the level: %(level)s") % words, str(facts.get("reason", "")), "up")


def _message(who: str, facts: Facts) -> Line:
    sentence = _("%(who)s renewed the key message (version %(n)s)") % {"who": who, "n": facts.get("n")}
    return Line(sentence, str(facts.get("text", "")), "send")


def _batch(who: str, facts: Facts) -> Line:
    acts = {
        "close": _("%(who)s closes %(n)s unread topics"),
        "leave": _("%(who)s takes %(n)s cases out of the situation"),
        "answer": _("%(who)s answers %(n)s cases with one message"),
        "tell": _("%(n)s cases are told of a claim"),
    }
    words = {"who": who, "n": facts.get("cases")}
    sentence = acts.get(str(facts.get("kind")), _("%(who)s began an act on %(n)s cases"))
    return Line(sentence % words, str(facts.get("reason", "")), "merge")


_TELL: Mapping[str, Callable[[str, Facts], Line]] = {
    "situation opened": _opened,
    "situation closed": lambda who, facts: Line(
        _("%(who)s closed the situation") % {"who": who}, str(facts.get("reason", "")), "check"
    ),
    "situation declined": lambda who, facts: Line(
        _("%(who)s: this is no situation") % {"who": who}, str(facts.get("reason", "")), "cross"
    ),
    "situation proposed": lambda who, facts: Line(_("A story grows: a situation was proposed"), "", "up"),
    "situation changed": lambda who, facts: Line(_("%(who)s changed the settings") % {"who": who}),
    "level set": _level,
    "locked to one voice": lambda who, facts: Line(
        _("%(who)s locked the situation to one voice") % {"who": who}, "", "lock"
    ),
    "one voice ended": lambda who, facts: Line(
        _("%(who)s ended the one voice") % {"who": who}, str(facts.get("reason", "")), "lock"
    ),
    "key message": _message,
    "noted": lambda who, facts: Line(f"{who}: {facts.get('text', '')}"),
    "taken over": lambda who, facts: Line(
        _("%(who)s took the situation over") % {"who": who}, str(facts.get("text", "")), "user"
    ),
    "people heard": lambda who, facts: Line(
        _("%(who)s: people heard from us; the clock starts again") % {"who": who}, "", "send"
    ),
    "decided": lambda who, facts: Line(f"{who}: {facts.get('text', '')}", icon="flag"),
    "inflow added": lambda who, facts: Line(
        _("%(who)s lets a query or a story flow in") % {"who": who}, str(facts.get("query", "")), "filter"
    ),
    "inflow stopped": lambda who, facts: Line(_("%(who)s stopped an inflow") % {"who": who}, "", "filter"),
    "batch started": _batch,
    "batch done": lambda who, facts: Line(
        _("Done: %(done)s of %(of)s; %(left)s left as they are") % facts, "", "check"
    ),
    "batch stopped": lambda who, facts: Line(
        _("%(who)s stopped it: %(done)s of %(of)s were done") % {"who": who, **facts}, "", "pause"
    ),
}
