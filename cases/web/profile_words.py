"""Words for watch profiles and cue words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.rules.cues import CueKind

Words = Mapping[str, Promise]

NAMES: Words = {"calm": _("Calm subject"), "normal": _("Normal"), "crisis": _("During a crisis")}
"""The names of the shipped profiles; a name that somebody gave stands as it is."""

SIGNS: Words = {
    "S1": _("More posts than usual"),
    "S2": _("More negative posts than usual"),
    "S3": _("More people are reached"),
    "S4": _("It goes on elsewhere"),
    "S5": _("Press, authorities or influential accounts join"),
    "S6": _("Many replies in an hour"),
    "S7": _("It is back after a quiet time"),
    "S8": _("Nobody looked in time"),
    "": _("The source cannot be seen"),
}

ROWS: Words = {
    "volume_one_in": _("so many posts come once in … hours"),
    "volume_posts": _("and at least so many posts"),
    "quiet_more_posts": _("so many posts more where it is very quiet"),
    "record_days": _("or the most posts in so many days"),
    "record_posts": _("such a record has at least so many posts"),
    "negative_one_in": _("so many negative posts come once in … hours"),
    "negative_posts": _("and at least so many negative posts"),
    "share_one_in": _("or a share of negative posts that comes once in … hours"),
    "share_posts": _("a share says something from so many posts on"),
    "known_percent": _("unknown when less than this percentage is judged or holds a cue word"),
    "reach_times": _("so many times the people of a usual hour"),
    "reach_author": _("or one author with so many followers"),
    "reach_others": _("and so many posts by others"),
    "reach_usual_at_least": _("a usual hour counts as at least so many people"),
    "platforms": _("new platforms"),
    "platform_days": _("new: not seen there for so many days"),
    "platform_hours": _("and counted for so many hours"),
    "influence": _("such accounts (level 2 with more posts or replies)"),
    "influence_hours": _("counted for so many hours"),
    "replies": _("replies in 60 minutes"),
    "back_quiet_hours": _("after so many hours without a post"),
    "back_posts": _("posts in an hour"),
    "overdue_minutes": _("minutes after the check was due (a reminder, never an alarm)"),
    "blind_minutes": _("minutes without sight before it is an alarm of its own"),
}
"""What the numbers of a row mean."""

KINDS: Words = {
    CueKind.DANGER: _("Danger to life"),
    CueKind.THREAT: _("Threat"),
    CueKind.DOXXING: _("Where somebody lives"),
    CueKind.GATHERING: _("Call to gather"),
    CueKind.INSULT: _("Insult"),
    CueKind.COMPLAINT: _("Complaint"),
}

LANGUAGES: Words = {"nl": _("Dutch"), "en": _("English"), "": _("no language")}


def name_of(name: str) -> str:
    return str(NAMES.get(name, name))
