"""Time left, in words and in a tone."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import targets
from cases.rules.clocks import Pace, TimeLeft

HOUR, DAY = 60, 24 * 60


def time_left(moment: datetime, *, category: str, is_urgent: bool, now: datetime) -> SafeString:
    """“3 h 20 min left”, “12 min late”; in working hours: “due tomorrow 09:40, 2 working hours left”.

    The moment itself stands on hover.
    """
    priority = targets.URGENT if is_urgent else targets.NORMAL
    left = targets.time_left(moment, now=now, category=category, priority=priority)
    tone = {Pace.OK: "sla", Pace.SOON: "sla soon", Pace.LATE: "sla late"}[left.state]
    shown = date_format(timezone.localtime(moment), "D j N H:i")
    return format_html('<span class="{}" title="{}">{}</span>', tone, shown, _sentence(left, moment, now=now))


def length(minutes: int) -> str:
    """A length of time: “12 min”, “3 h 20 min”, “4 days”."""
    if minutes < HOUR:
        return _("%(n)d min") % {"n": minutes}
    if minutes >= 2 * DAY:
        days = minutes // DAY
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    hours, rest = divmod(minutes, HOUR)
    if not rest:
        return _("%(n)d hr") % {"n": hours}
    return _("%(hours)d hr %(minutes)d min") % {"hours": hours, "minutes": rest}


def when(moment: datetime, *, now: datetime) -> str:
    """A moment nearby: the time today, “tomorrow 09:40”, or the day with it."""
    local, today = timezone.localtime(moment), timezone.localdate(now)
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": f"{local:%H:%M}"}
    return date_format(local, "D j N H:i")


def _sentence(left: TimeLeft, moment: datetime, *, now: datetime) -> str:
    if left.state is Pace.LATE:
        return _("%(span)s late") % {"span": length(left.minutes)}
    if left.worked is None or left.worked == left.minutes:
        return _("%(span)s left") % {"span": length(left.minutes)}
    n = left.worked // HOUR or left.worked
    if left.worked < HOUR:
        said = ngettext(
            "due %(when)s, %(n)d working minute left", "due %(when)s, %(n)d working minutes left", n
        )
    else:
        said = ngettext("due %(when)s, %(n)d working hour left", "due %(when)s, %(n)d working hours left", n)
    return said % {"when": when(moment, now=now), "n": n}
