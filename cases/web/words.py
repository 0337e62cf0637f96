"""The words officers read for states, roles, platforms and categories: labels live here, not in the rules."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = Mapping[str, Promise]

STATES: Words = {
    "new": pgettext_lazy("state", "new"),
    "assessed": pgettext_lazy("state", "judged"),
    "drafting": pgettext_lazy("state", "writing a reply"),
    "approval": pgettext_lazy("state", "waiting for approval"),
    "sending": pgettext_lazy("state", "being sent"),
    "responded": pgettext_lazy("state", "answered"),
    "watching": pgettext_lazy("state", "watched"),
    "comms": pgettext_lazy("state", "with communications"),
    "closed": pgettext_lazy("state", "closed"),
    "dismissed": pgettext_lazy("state", "not about us"),
    "merged": pgettext_lazy("state", "merged"),
}
ROLES: Words = {
    "employee": _("Front line"),
    "watcher": _("Watcher"),
    "officer": _("Communications officer"),
    "lead": _("Head of communications"),
    "analyst": _("Analyst"),
    "administrator": _("Administrator"),
    "privacy": _("Privacy officer"),
    "board": _("Board"),
}
CATEGORIES: Words = {
    "positive": _("Positive"),
    "dissatisfied": _("Dissatisfied"),
    "joke": _("Joke or satire"),
    "untruth": _("Untruth or rumour"),
    "insult": _("Insult"),
    "outside": _("Outside the scheme"),
}
PLATFORMS: Words = {
    "x": _("X"),
    "rss": _("News or blog"),
    "replay": _("Exercise"),
    "manual": _("Reported by hand"),
    "phone": _("Phone"),
}
PLATFORM_ICONS = {"x": "x", "rss": "rss", "replay": "replay", "manual": "manual", "phone": "phone"}


def word(words: Words, key: str) -> str:
    """The label for a key, or the key itself for one that has no label (yet)."""
    return str(words.get(key, key))
