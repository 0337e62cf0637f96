"""What a claim, its status and its answers are called on a page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATUSES: Mapping[str, Promise] = {
    "unverified": _("Not checked yet"),
    "true": pgettext_lazy("a claim", "True"),
    "false": _("Not true"),
    "unknown": _("Nobody can say yet"),
}

ICONS: Mapping[str, str] = {"unverified": "help", "true": "check", "false": "cross", "unknown": "dots"}
"""A status is never told by its colour alone."""

TONES: Mapping[str, str] = {"unverified": "warn", "true": "ok", "false": "crit", "unknown": "line"}
