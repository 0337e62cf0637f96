"""What was done with watch profiles and cue words, as sentences of the trail."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.web.profile_words import KINDS, ROWS, name_of
from cases.web.words import word

Facts = Mapping[str, Any]


def _added(facts: Facts) -> str:
    return _("%(who)s added the watch profile “%(name)s”.") % _named(facts)


def _changed(facts: Facts) -> str:
    rows = facts.get("changed") or {}
    if not rows:
        return _("%(who)s renamed a watch profile to “%(name)s”.") % _named(facts)
    changes = "; ".join(
        f"{word(ROWS, key)}: {numbers(change['before'])} → {numbers(change['after'])}"
        for key, change in rows.items()
    )
    return _("%(who)s changed the watch profile “%(name)s” (%(changes)s).") % {
        **_named(facts),
        "changes": changes,
    }


def _default(facts: Facts) -> str:
    return _("%(who)s made “%(name)s” the default watch profile.") % _named(facts)


def _retired(facts: Facts) -> str:
    return _("%(who)s took the watch profile “%(name)s” out of use.") % _named(facts)


def _restored(facts: Facts) -> str:
    return _("%(who)s took the watch profile “%(name)s” into use again.") % _named(facts)


def _chosen(facts: Facts) -> str:
    if not facts.get("after"):
        return _("%(who)s lets the watch be judged by the default profile.") % facts
    words = {"who": facts["who"], "name": name_of(facts["after"])}
    return _("%(who)s lets the watch be judged by the profile “%(name)s”.") % words


def _cue_added(facts: Facts) -> str:
    return _("%(who)s added “%(phrase)s” to the cue words (%(kind)s).") % _cue(facts)


def _cue_on(facts: Facts) -> str:
    return _("%(who)s switched the cue word “%(phrase)s” on (%(kind)s).") % _cue(facts)


def _cue_off(facts: Facts) -> str:
    return _("%(who)s switched the cue word “%(phrase)s” off (%(kind)s).") % _cue(facts)


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "profile added": _added,
    "profile changed": _changed,
    "profile made default": _default,
    "profile retired": _retired,
    "profile restored": _restored,
    "watch profile chosen": _chosen,
    "cue added": _cue_added,
    "cue switched on": _cue_on,
    "cue switched off": _cue_off,
}


def numbers(values: Any) -> str:
    """Thresholds of one row, as a person reads them: thousands apart."""
    return " / ".join(f"{value:,}".replace(",", "\u202f") for value in values)


def _named(facts: Facts) -> dict[str, str]:
    return {"who": facts["who"], "name": name_of(facts["name"])}


def _cue(facts: Facts) -> dict[str, str]:
    return {"who": facts["who"], "phrase": facts["phrase"], "kind": word(KINDS, facts["kind"])}
