"""Words of alarms and ladders."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from cases.outcomes import said
from cases.web import words

register = template.Library()

CHANNELS = {"in-app": _("in the app"), "email": _("e-mail"), "push": _("push"), "chat": _("chat or SMS")}


@register.filter
def channel_label(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


@register.filter
def outcome(kept: str) -> str:
    """What became of an attempt to deliver a message."""
    return said(kept)


@register.filter
def ladder_level(event: Any) -> str:
    """The level of the ladder that an event of the trail is about."""
    number = str(event.subject).rpartition(":")[2]
    return str(words.LEVELS.get(int(number), number))
