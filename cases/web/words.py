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
    "unjudged": _("Not judged yet"),
    "not_relevant": _("Not relevant"),
    "neutral": _("Information"),
    "question": _("Question"),
    "rumour": _("Rumour passed on"),
    "danger": _("Danger to life"),
}
LEVELS: Mapping[int, Promise] = {
    0: _("Calm"),
    1: _("Attention"),
    2: _("Gets worse"),
    3: _("Serious"),
    4: _("Crisis"),
}
WATCH_STATES: Words = {
    "worsened": _("Gets worse"),
    "acknowledged": _("Alarm taken"),
    "rising": _("Rising"),
    "blind": _("Cannot be seen"),
    "due": _("Check overdue"),
    "paused": _("Alarms paused"),
    "active": _("Steady"),
}
MEDIUMS: Words = {
    "public reply": _("public reply"),
    "direct message": _("direct message"),
    "phone": _("phone"),
    "own channel": _("own channel"),
    "press": _("press"),
    "in person": _("in person"),
}
APPROACHES: Words = {
    "reply": _("We answer"),
    "watch": _("We only keep watch"),
    "no reply": _("We do not answer"),
    "handed over": _("Somebody else takes it over"),
    "used in own communication": _("We use it in our own communication"),
    "judge again": _("Judge it again"),
}
REASONS: Words = {
    "taken back before sending": _("taken back before it was sent"),
    "follow up as promised": _("to give the answer that was promised"),
    "another option": _("to choose another option"),
    "its time was over": _("its time was over"),
    "undone": _("taken back"),
    "undo": _("taken back"),
    "judge again": _("to be judged again"),
    "danger to life": _("danger to life"),
    "danger": _("danger to life"),
    "case closed": _("the case was closed"),
    "information only": _("information only"),
    "worsened": _("it got worse"),
    "person says worse": _("somebody on watch says that it got worse"),
    "referred": _("handed to communications"),
    "blind": _("the source could not be seen"),
}
"""Reasons that our own rules give; what a person wrote is shown as it is."""

LEGAL_BASES: Words = {
    "public task": _("Public task"),
    "legitimate interest": _("Legitimate interest"),
    "legal duty": _("Legal duty"),
    "vital interest": _("Vital interest"),
    "consent": _("Consent"),
}
HEALTH: Words = {
    "working": _("Working"),
    "behind": _("Behind: reading on"),
    "waiting": _("Waiting for its next poll"),
    "limited": _("Slowed down by the platform"),
    "failing": _("Fails; we keep trying"),
    "refused": _("Refused: somebody must act"),
    "ended": _("Over: nothing more will come"),
    "silent": _("Silent for too long"),
    "off": _("Switched off"),
}
QUERY_STATES: Words = {
    "active": _("Active"),
    "ended": _("Ended"),
    "not yet": _("Not started yet"),
}
OUTCOMES: Words = {
    "let_stand": _("let stand"),
    "use_in_own": _("used in own communication"),
    "watched": _("watched"),
    "replied": _("answered"),
    "answered elsewhere": _("answered elsewhere"),
    "information": _("information only"),
    "dismissed": _("not about us"),
    "no reply": _("no answer"),
    "handed over": _("taken over by somebody else"),
    "used in own communication": _("used in own communication"),
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
