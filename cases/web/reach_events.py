"""What was done with watches, ladders and the ways people are reached: a sentence each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]


def _level_set(facts: Facts) -> str:
    return _("%(who)s set the watch to level %(after)s at least: %(reason)s") % facts


def _handed_on(facts: Facts) -> str:
    if facts.get("note"):
        return _("%(who)s gave the watch to %(after)s: %(note)s") % facts
    return _("%(who)s gave the watch to %(after)s.") % facts


def _contact_changed(facts: Facts) -> str:
    return _("%(who)s is reached at %(name)s from level %(level)s.") % {**facts, "level": facts["from level"]}


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "watch level set": _level_set,
    "watch handed on": _handed_on,
    "watch resumed": lambda facts: _("%(who)s ended the pause of the alarms.") % facts,
    "ladder changed": lambda facts: _("%(who)s changed who is called.") % facts,
    "way of being reached changed": lambda facts: (
        _("%(who)s changed their quiet hours or from which level mail comes.") % facts
    ),
    "contact added": lambda facts: _("%(who)s added %(name)s as a way to be reached.") % facts,
    "contact changed": _contact_changed,
    "contact removed": lambda facts: _("%(who)s removed %(name)s as a way to be reached.") % facts,
}
