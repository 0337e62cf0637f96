"""The words officers read about sources: what can be done with one, and why a post could not be read."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

ABILITIES: Mapping[str, Promise] = {
    "search": gettext_lazy("Find posts by words"),
    "own_mentions": gettext_lazy("Read what is said to our own accounts"),
    "backfill": gettext_lazy("Read further back in time"),
    "thread": gettext_lazy("Read the conversation around a post"),
    "refresh": gettext_lazy("See later whether a post was changed or removed"),
    "reply": gettext_lazy("Answer in public from here"),
    "direct": gettext_lazy("Answer in private from here"),
    "receive": gettext_lazy("Get posts as soon as they appear"),
}

IMPORT_STATES: Mapping[str, Promise] = {
    "prepared": gettext_lazy("Not started"),
    "reading": gettext_lazy("Being read"),
    "stopped": gettext_lazy("Stopped"),
    "finished": gettext_lazy("Read to its end"),
}

_ROW = re.compile(r"row (\d+): (.*)", re.DOTALL)
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("neither text nor url is given"), gettext_noop("There is no text and no address.")),
    (
        re.compile("text is longer than 20000 characters.*"),
        gettext_noop("The text is too long; perhaps a quotation mark was left open."),
    ),
    (
        re.compile('platform is no name of a platform: "(.*)"'),
        gettext_noop("“%(value)s” is no name of a platform."),
    ),
    (re.compile('url is no web address: "(.*)"'), gettext_noop("“%(value)s” is no web address.")),
    (re.compile("posted_at is empty"), gettext_noop("It is not said when it was posted.")),
    (re.compile('posted_at is no date and time: "(.*)"'), gettext_noop("“%(value)s” is no date and time.")),
    (
        re.compile('kind is none of .*: "(.*)"'),
        gettext_noop("“%(value)s” is no kind of post; there are post, reply, quote and boost."),
    ),
    (re.compile('\\w+ is no whole number: "(.*)"'), gettext_noop("“%(value)s” is no whole number.")),
    (re.compile("this is no JSON.*"), gettext_noop("This is no JSON object.")),
    (
        re.compile("the row has (\\d+) cells and .*"),
        gettext_noop("The row has %(value)s cells, more than the first row."),
    ),
    (
        re.compile("the row cannot be taken apart.*"),
        gettext_noop("The row cannot be taken apart into cells."),
    ),
    (re.compile('it has no "?([\\w./:-]+)"?'), gettext_noop("“%(value)s” is missing in what was sent.")),
    (re.compile("a part of it is missing"), gettext_noop("A part of what was sent is missing.")),
    (re.compile("it is no JSON"), gettext_noop("This is no JSON object.")),
    (re.compile("it is nested too deep"), gettext_noop("It is nested deeper than any post.")),
    (re.compile("a (?:number|value) in it .*"), gettext_noop("A value in it cannot be read.")),
    (
        re.compile("a part of it is of another kind .*"),
        gettext_noop("A part of it is of another kind than it should be."),
    ),
)


def reason(stored: str) -> str:
    """A stored reason in the language of the page; one that a platform's connector gave stays as it is."""
    if row := _ROW.fullmatch(stored):
        facts = {"n": row.group(1), "reason": reason(row.group(2))}
        return _("Row %(n)s: %(reason)s") % facts
    for pattern, sentence in _REASONS:
        if found := pattern.fullmatch(stored):
            return _(sentence) % {"value": found.group(1) if pattern.groups else ""}
    return stored
