"""What was done with the duty plan and with the rules that divide work, one sentence per event."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.web.events import Event

Facts = Mapping[str, Any]


def plan_event(event: Event) -> str:
    """The sentence for an event; an action that has no words yet is named as it is."""
    who = event.actor_name or _("The system")
    build = _SENTENCES.get(event.action)
    return build({"who": who} | event.facts) if build else f"{who}: {event.action}"


def _post_added(facts: Facts) -> str:
    return _("%(who)s added the duty post %(name)s.") % facts


def _post_changed(facts: Facts) -> str:
    if "name" in facts:
        names = {"who": facts["who"], **facts["name"]}
        return _("%(who)s renamed the duty post %(before)s to %(after)s.") % names
    if "in use" in facts:
        used = facts["in use"]["after"]
        return (
            _("%(who)s put a duty post in use.") if used else _("%(who)s put a duty post out of use.")
        ) % facts
    return _("%(who)s changed who approves replies.") % facts


def _planned(facts: Facts) -> str:
    n = len(facts["shifts"])
    words = {"who": facts["who"], "person": facts["person"], "n": n, "first": _said(facts["shifts"][0][0])}
    said = ngettext(
        "%(who)s planned %(n)d shift of %(person)s, %(first)s.",
        "%(who)s planned %(n)d shifts of %(person)s, the first %(first)s.",
        n,
    )
    return said % words


def _shift_changed(facts: Facts) -> str:
    shift = facts["shift"]
    words = {"who": facts["who"], "person": shift["person"], "from": _said(shift["from"])}
    if "person" in facts:
        words["after"] = facts["person"]["after"]
        return _("%(who)s gave the shift of %(person)s, %(from)s, to %(after)s.") % words
    return _("%(who)s changed the times of the shift of %(person)s, %(from)s.") % words


def _shift_removed(facts: Facts) -> str:
    shift = facts["shift"]
    words = {"who": facts["who"], "person": shift["person"], "from": _said(shift["from"])}
    return _("%(who)s removed the shift of %(person)s, %(from)s.") % words


def _rule_added(facts: Facts) -> str:
    return _("%(who)s added the rule “%(name)s”.") % facts


def _rule_changed(facts: Facts) -> str:
    return _("%(who)s changed the rule “%(name)s”.") % {"who": facts["who"], "name": facts["after"]["name"]}


def _rule_removed(facts: Facts) -> str:
    return _("%(who)s removed the rule “%(name)s”.") % facts


def _rule_moved(facts: Facts) -> str:
    words = {"who": facts["who"], "rule": facts["rule"], "other": facts["before the rule"]}
    return _("%(who)s put the rule “%(rule)s” before “%(other)s”.") % words


_SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "duty post added": _post_added,
    "duty post changed": _post_changed,
    "shifts planned": _planned,
    "shift changed": _shift_changed,
    "shift removed": _shift_removed,
    "rule added": _rule_added,
    "rule changed": _rule_changed,
    "rule removed": _rule_removed,
    "rule moved": _rule_moved,
}


def _said(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "D j M H:i")
