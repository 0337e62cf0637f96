"""Tags and filters of the pages about duty: what is open in words, and where it leads."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.web.duty_words import ABSENCES, FUNCTIONS, HOLIDAYS, REACHED_BY, SWAPS
from cases.web.events import Event, told_briefly
from cases.web.words import SECTIONS, word

register = template.Library()

PAGES = {
    "mine": ("cases:inbox", "?view=mine"),
    "new": ("cases:inbox", ""),
    "urgent": ("cases:inbox", ""),
    "overdue": ("cases:inbox", ""),
    "snoozed": ("cases:inbox", "?view=snoozed"),
    "approvals": ("cases:inbox", "?view=decide"),
    "watched": ("cases:watch_board", ""),
    "worse": ("cases:watch_board", "?show=worse"),
    "alarms": ("cases:watch_board", "#escalations"),
}
"""Where all of a section stand together."""


@register.filter
def section_label(name: str) -> str:
    return word(SECTIONS, name)


@register.filter
def section_labels(names: Any) -> str:
    """Several kinds in one line."""
    return ", ".join(word(SECTIONS, name).lower() for name in names)


@register.filter
def section_page(name: str) -> str:
    """The page with all of them; "" where there is none."""
    view, query = PAGES.get(name, ("", ""))
    return reverse(view) + query if view else ""


@register.filter
def until(moment: datetime) -> str:
    """A moment nearby: the time today, "tomorrow 08:00", or the day with it."""
    local, today = timezone.localtime(moment), timezone.localdate()
    time = f"{local:%H:%M}"
    if local.date() == today:
        return time
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": time}
    return date_format(local, "D j N H:i")


@register.filter
def function_label(name: str) -> str:
    """What a duty post answers for when an alarm rings."""
    return word(FUNCTIONS, name)


@register.filter
def reached_by(name: str) -> str:
    """Which alarms reach a post with this function."""
    return word(REACHED_BY, name)


@register.filter
def on_holidays_label(name: str) -> str:
    return word(HOLIDAYS, name)


@register.filter
def absence_label(name: str) -> str:
    return word(ABSENCES, name)


@register.filter
def swap_label(name: str) -> str:
    return word(SWAPS, name)


@register.filter
def here(moment: datetime) -> datetime:
    """A moment as clocks here show it."""
    return timezone.localtime(moment)


@register.filter
def names(people: Any) -> str:
    """People in one line."""
    return ", ".join(str(one) for one in people)


@register.filter
def on_duty_names(turns: Any) -> str:
    """Whose turns these are, in one line, with who is on call."""
    called = _("%(who)s (on call)")
    return ", ".join(called % {"who": one.person} if one.is_on_call else str(one.person) for one in turns)


@register.filter
def holders(shifts: Any) -> str:
    """Who has these shifts, in one line."""
    return ", ".join(dict.fromkeys(str(shift.person) for shift in shifts))


@register.filter
def moment(at: datetime) -> str:
    """A moment as a form carries it."""
    return at.astimezone(UTC).isoformat()


@register.filter
def as_list(value: Any) -> str:
    """What was typed with commas, however it came."""
    return ", ".join(value) if isinstance(value, list | tuple) else str(value or "")


@register.filter
def plan_sentence(event: Event) -> str:
    """What somebody did with the plan or the rules."""
    return told_briefly(event, None)
