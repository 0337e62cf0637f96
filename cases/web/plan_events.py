"""What was done with the duty plan, hand-overs, mandates and rules that divide work: a sentence each."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.web import exercise_events, profile_events, reach_events, rota_events

Facts = Mapping[str, Any]


def plan_event(who: str, action: str, facts: Facts) -> str:
    """The sentence for an event of `SENTENCES`, without the words that somebody wrote beside it."""
    return SENTENCES[action]({"who": who} | dict(facts))


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
    if "function" in facts:
        return _("%(who)s changed which alarms reach a duty post.") % facts
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
    if "on call" in facts and "from" not in facts and "until" not in facts:
        return _("%(who)s changed whether %(person)s works or is on call, %(from)s.") % words
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


def _handed_over(facts: Facts) -> str:
    if facts.get("to"):
        return _("%(who)s handed the shift over to %(to)s.") % facts
    return _("%(who)s handed the shift over to whoever comes next.") % facts


def _accepted(facts: Facts) -> str:
    return _("%(who)s accepted the hand-over.") % facts


def _asked(facts: Facts) -> str:
    return _("%(who)s asked to add something to the note.") % facts


def _added(facts: Facts) -> str:
    return _("%(who)s added something to the note of the shift.") % facts


def _target_set(facts: Facts) -> str:
    if "minutes" not in facts:
        return _("%(who)s let a target count in other hours.") % facts
    return _("%(who)s set a target of %(n)d minutes.") % {**facts, "n": facts["minutes"]["after"]}


def _target_dropped(facts: Facts) -> str:
    return _("%(who)s removed a target of %(minutes)d minutes.") % facts


def _calendar_added(facts: Facts) -> str:
    return _("%(who)s added the calendar %(name)s.") % facts


def _calendar_changed(facts: Facts) -> str:
    return _("%(who)s changed a calendar.") % facts


def _calendar_removed(facts: Facts) -> str:
    return _("%(who)s removed the calendar %(name)s.") % facts


def _day_set(facts: Facts) -> str:
    return _("%(who)s gave %(day)s hours of its own in a calendar.") % facts


def _day_dropped(facts: Facts) -> str:
    return _("%(who)s let %(day)s be a day as any other in a calendar.") % facts


def _view_kept(facts: Facts) -> str:
    return _("%(who)s kept the view %(name)s.") % facts


def _view_changed(facts: Facts) -> str:
    names = {"who": facts["who"], "before": facts["before"]["name"], "after": facts["after"]["name"]}
    return _("%(who)s changed the view %(before)s into %(after)s.") % names


def _view_removed(facts: Facts) -> str:
    return _("%(who)s removed the view %(name)s.") % facts


def _preferred(facts: Facts) -> str:
    return _("%(who)s changed their own preferences.") % facts


def _granted(facts: Facts) -> str:
    words = {"who": facts["who"], "holder": facts["holder"], "until": _said(facts["until"])}
    if facts.get("handed on from"):
        return _("%(who)s handed a mandate on to %(holder)s, until %(until)s.") % words
    return _("%(who)s gave %(holder)s a mandate, until %(until)s.") % words


def _mandate_ended(facts: Facts) -> str:
    return _("%(who)s ended the mandate of %(holder)s.") % facts


def _head_mailed(facts: Facts) -> str:
    if facts.get("error"):
        return _("The head of the audit trail could not be mailed to %(to)s.") % facts
    return _("The head of the audit trail was mailed to %(to)s.") % facts


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "view kept": _view_kept,
    "view changed": _view_changed,
    "view removed": _view_removed,
    "preferences changed": _preferred,
    "duty post added": _post_added,
    "duty post changed": _post_changed,
    "shifts planned": _planned,
    "shift changed": _shift_changed,
    "shift removed": _shift_removed,
    "target set": _target_set,
    "target dropped": _target_dropped,
    "calendar added": _calendar_added,
    "calendar changed": _calendar_changed,
    "calendar removed": _calendar_removed,
    "day set": _day_set,
    "day dropped": _day_dropped,
    "rule added": _rule_added,
    "rule changed": _rule_changed,
    "rule removed": _rule_removed,
    "rule moved": _rule_moved,
    "handed over": _handed_over,
    "hand-over accepted": _accepted,
    "asked to add": _asked,
    "added to the note": _added,
    "mandate granted": _granted,
    "mandate handed on": _granted,
    "mandate ended": _mandate_ended,
    "head mailed": _head_mailed,
    **exercise_events.SENTENCES,
    **rota_events.SENTENCES,
    **profile_events.SENTENCES,
    **reach_events.SENTENCES,
}


def _said(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "D j N H:i")
