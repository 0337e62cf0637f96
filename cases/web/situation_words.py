"""The words of incident mode: its sections, the groups that closing asks about, and acts on many cases."""

from django.utils.translation import gettext_lazy as _

from cases.web.words import Words

SECTIONS: Words = {
    "danger": _("Danger"),
    "questions": _("Questions"),
    "growing": _("Growing rumours"),
    "rest": _("The rest"),
}
GROUPS: Words = {
    "alarmed": _("an alarm runs"),
    "danger": _("urgent"),
    "promised": _("something was promised"),
    "writing": _("a reply is being written or sent"),
    "watched": _("being watched"),
    "comms": _("with communications"),
    "judged": _("judged, not answered"),
    "answered": _("answered"),
    "unread": _("unread"),
}
BATCHES: Words = {
    "answer": _("Answer cases with one message"),
    "close": _("Close cases"),
    "join": _("Bring cases into a situation"),
    "leave": _("Back to the inbox"),
    "tell": _("Tell cases of a claim"),
}
BATCH_STATES: Words = {
    "running": _("being carried out"),
    "stopped": _("stopped"),
    "done": _("done"),
}
