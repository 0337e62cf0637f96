"""The words of the duty plan: functions of posts, holidays, absences and swaps."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.web.words import Words

FUNCTIONS: Words = {
    "": _("takes no alarms"),
    "officer": _("duty officer"),
    "backup": _("backup"),
    "communications": _("communications team"),
    "head": _("head"),
    "crisis": _("crisis lead"),
}
REACHED_BY: Words = {
    "": _("No alarm reaches this post by itself."),
    "officer": _("The first to be called when a watch worsens and its own watcher does not answer."),
    "backup": _("Called for a serious alarm that the duty officer does not take within minutes."),
    "communications": _("Told together when a watch worsens and neither watcher nor duty officer takes it."),
    "head": _("Called when nobody below has taken an alarm."),
    "crisis": _("The last to be called: a serious alarm that nobody took for half an hour."),
}
HOLIDAYS: Words = {
    "as usual": _("As on any other day"),
    "other turns": _("Other turns: those of “holiday”"),
    "nobody": _("Nobody"),
}
ABSENCES: Words = {
    "leave": _("leave"),
    "sick": pgettext_lazy("absence", "sick"),
    "training": _("training"),
    "other": pgettext_lazy("absence", "other"),
}
SWAPS: Words = {
    "asked": pgettext_lazy("swap", "asked"),
    "taken": pgettext_lazy("swap", "taken over"),
    "refused": pgettext_lazy("swap", "refused"),
    "withdrawn": pgettext_lazy("swap", "taken back"),
    "expired": pgettext_lazy("swap", "nobody took it"),
}
