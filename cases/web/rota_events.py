"""What was done with patterns, absences and swaps: a sentence each."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Facts = Mapping[str, Any]


def said(moment: str) -> str:
    """A stored moment in a sentence."""
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "D j N H:i")


def _n(facts: Facts) -> int:
    return int(facts["n added"]) + int(facts["n changed"]) + int(facts["n removed"])


def _pattern_added(facts: Facts) -> str:
    n = _n(facts)
    sentence = ngettext(
        "%(who)s added a pattern of turns: %(n)d shift is planned.",
        "%(who)s added a pattern of turns: %(n)d shifts are planned.",
        n,
    )
    return sentence % {"who": facts["who"], "n": n}


def _pattern_changed(facts: Facts) -> str:
    n = _n(facts)
    sentence = ngettext(
        "%(who)s changed a pattern of turns: %(n)d shift changed.",
        "%(who)s changed a pattern of turns: %(n)d shifts changed.",
        n,
    )
    return sentence % {"who": facts["who"], "n": n}


def _pattern_ended(facts: Facts) -> str:
    return _("%(who)s ended a pattern of turns.") % facts


def _written_out(facts: Facts) -> str:
    n = _n(facts)
    sentence = ngettext(
        "A pattern of turns: %(n)d shift changed.", "A pattern of turns: %(n)d shifts changed.", n
    )
    return sentence % {"n": n}


def _absent(facts: Facts) -> str:
    words = {"who": facts["who"], "person": facts["person"], "from": said(facts["from"])}
    return _("%(who)s wrote down that %(person)s is away from %(from)s.") % words


def _there(facts: Facts) -> str:
    return _("%(who)s wrote down that %(person)s is not away after all.") % facts


def _swap_asked(facts: Facts) -> str:
    return _("%(who)s asked to swap the shift of %(of)s, %(from)s.") % _shift(facts)


def _swap_taken(facts: Facts) -> str:
    words = {**_shift(facts), "taker": facts["taken by"]}
    return _("%(taker)s took the shift of %(of)s over, %(from)s.") % words


def _swap_refused(facts: Facts) -> str:
    return _("%(who)s did not take the shift of %(of)s over, %(from)s.") % _shift(facts)


def _swap_withdrawn(facts: Facts) -> str:
    return _("%(who)s took the question back to swap the shift of %(of)s, %(from)s.") % _shift(facts)


def _swap_expired(facts: Facts) -> str:
    return _("Nobody took the shift of %(of)s over in time, %(from)s.") % _shift(facts)


def _shift(facts: Facts) -> dict[str, str]:
    return {"who": facts["who"], "of": facts["of"], "from": said(facts["from"])}


def _calendar_address(facts: Facts) -> str:
    return _("%(who)s made a new address for their own calendar.") % facts


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "pattern added": _pattern_added,
    "pattern changed": _pattern_changed,
    "pattern ended": _pattern_ended,
    "pattern written out": _written_out,
    "absence added": _absent,
    "absence removed": _there,
    "swap asked": _swap_asked,
    "swap taken": _swap_taken,
    "swap refused": _swap_refused,
    "swap withdrawn": _swap_withdrawn,
    "swap expired": _swap_expired,
    "calendar address made": _calendar_address,
}
