"""Words for what a picture counts and for where it was said; whole words, never glued into others."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Any]

PLATFORMS: Words = {
    "x": _("X"),
    "rss": _("News or blog"),
    "replay": _("Exercise"),
    "bluesky": _("Bluesky"),
    "mastodon": _("Mastodon"),
    "facebook": _("Facebook"),
    "instagram": _("Instagram"),
    "youtube": _("YouTube"),
    "reddit": _("Reddit"),
    "email": _("E-mail"),
    "webhook": _("Delivered by a program"),
    "import": _("Imported file"),
    "manual": _("Reported by hand"),
    "phone": _("Phone"),
}
"""Where something was said."""

EMOTIONS: Words = {
    "danger": _("Danger"),
    "threat": _("Threat"),
    "gathering": _("Calls to gather"),
    "anger": _("Anger and insults"),
    "complaint": _("Complaints"),
    "thanks": _("Thanks"),
    "humour": _("Humour"),
}

CLAIMS: Words = {
    "true": _("confirmed"),
    "false": _("not true"),
    "unverified": _("being checked"),
    "unknown": _("cannot be established"),
}

CAUSES: Words = {
    "worsened": _("It gets worse"),
    "blind": _("We see nothing there"),
    "person says worse": _("Somebody on watch says it gets worse"),
    "danger": _("Danger to life"),
    "referred": _("Handed to communications"),
    "crisis": _("Called a crisis"),
    "approval overdue": _("Nobody approved a reply in time"),
}

ADVICE: Words = {
    "information": _("Information provision"),
    "meaning": _("Meaning-giving"),
    "damage": _("Damage limitation"),
}

ADVICE_HINTS: Words = {
    "information": _("What do people need to know, and by which channel do we tell them?"),
    "meaning": _("What does it do to people, and what do we say about that?"),
    "damage": _("How do we keep it from getting worse: what must people do or not do?"),
}

FIGURES: Words = {
    "posts": _("posts"),
    "people": _("people who wrote"),
    "last_hour": _("posts in the last hour"),
    "topics": _("topics"),
    "open": _("cases open"),
    "unread": _("nobody looked yet"),
    "answered": _("posts answered"),
    "alarms": _("alarms open"),
}


def word(words: Words, name: str) -> str:
    """The word for a name; a name that has none stays as it is."""
    return str(words.get(name, name))
