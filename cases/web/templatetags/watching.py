"""Tags and filters of the watch pages: how loud, when to look, the chart, and what was seen after."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cases.reads.watches import Watched, WatchPage
from cases.web import charts
from cases.web.templatetags.weerwoord import span
from cases.web.words import Words, word

register = template.Library()

STATES: Words = {
    "worsened": _("Nobody has it yet"),
    "blind": _("Cannot be seen"),
    "rising": _("Rising"),
    "due": _("Check overdue"),
    "acknowledged": _("Somebody has it"),
    "active": _("Watched"),
    "paused": _("Alarms paused"),
}
COUNTED: Words = {
    "worsened": _("ringing"),
    "blind": _("not to be seen"),
    "rising": _("rising"),
    "due": _("check overdue"),
    "acknowledged": _("taken"),
    "active": _("calm"),
    "paused": _("paused"),
}
ICONS = {
    "worsened": "siren",
    "blind": "offline",
    "rising": "up",
    "due": "clock",
    "acknowledged": "user",
    "active": "eye",
    "paused": "pause",
}
LEVEL_TONES = ("ok", "warn", "crit", "crit", "crit")
LEVEL_ICONS = ("flat", "info", "up", "alert", "siren")
SIGNS: Words = {
    "S1": _("number of posts"),
    "S2": _("negative posts"),
    "S3": _("reach"),
    "S4": _("new platform"),
    "S5": _("account that many listen to"),
    "S6": _("replies"),
    "S7": _("back after quiet"),
    "S8": _("check overdue"),
}
STEPS: Words = {
    "onset": _("It began"),
    "alarm": _("Alarm"),
    "notified": _("First message"),
    "taken": _("Taken"),
    "decided": _("Decided"),
}
MARKS = {"alarm": ("!", "crit"), "check": ("✓", "accent"), "pause": ("z", "warn")}
MOST_MARKS = 24


@register.filter
def loud_label(state: str) -> str:
    return word(STATES, state)


@register.filter
def counted_label(state: str) -> str:
    return word(COUNTED, state)


@register.filter
def loud_icon(state: str) -> str:
    return ICONS.get(state, "eye")


@register.filter
def level_tone(level: int) -> str:
    return LEVEL_TONES[min(level, 4)]


@register.filter
def level_icon(level: int) -> str:
    return LEVEL_ICONS[min(level, 4)]


@register.filter
def sign_label(sign: str) -> str:
    return word(SIGNS, sign)


@register.filter
def step_label(step: str) -> str:
    return word(STEPS, step)


@register.filter
def tone_of(row: Watched) -> str:
    """The icon beside a reason says whether it rises."""
    return "up" if row.is_loud else "flat"


@register.filter
def when_to_look(moment: datetime) -> str:
    """When somebody looks next, or how long ago they should have."""
    left = (moment - timezone.now()).total_seconds()
    if left < 0:
        return gettext("The check is %(span)s overdue") % {"span": span(-left)}
    return gettext("Next check in %(span)s") % {"span": span(left)}


@register.filter
def minutes(n: int | None) -> str:
    """A number of minutes as one says it; a dash where it is not known."""
    return "–" if n is None else span(n * 60)


@register.filter
def keepers(row: Watched) -> str:
    """Who keeps watch: a person, or a duty post with who is there now."""
    watch = row.watch
    if watch.post is None:
        return str(watch.watcher)
    there = ", ".join(str(person) for person in row.on_duty) or gettext("nobody now")
    names = {"post": watch.post, "people": there, "person": watch.watcher}
    if watch.watcher:
        return gettext("%(person)s, then %(post)s (%(people)s)") % names
    return gettext("%(post)s (%(people)s)") % names


@register.simple_tag
def watch_chart(shown: WatchPage) -> charts.Svg:
    """The hours of a watch, for a wide and for a narrow page."""
    wide = _hourly(shown, last=len(shown.hours))
    narrow = _hourly(shown, last=24)
    title, told = gettext("Posts per hour"), chart_sentence(shown)
    small = charts.hourly(narrow, title=title, told=told, width=charts.NARROW, height=220)
    return charts.Svg(charts.hourly(wide, title=title, told=told) + small)


@register.simple_tag
def chart_sentence(shown: WatchPage) -> str:
    """What the chart shows, for who does not see it."""
    n, hours = sum(hour.n for hour in shown.hours), len(shown.hours)
    busiest = max(shown.hours, key=lambda hour: hour.n)
    numbers = {
        "n": n,
        "hours": hours,
        "negative": sum(hour.n_negative for hour in shown.hours),
        "most": busiest.n,
        "when": date_format(timezone.localtime(busiest.at), "l H:i"),
    }
    return (
        ngettext(
            "%(n)d post in %(hours)d hours, %(negative)d of them negative. Busiest: %(when)s, %(most)d.",
            "%(n)d posts in %(hours)d hours, %(negative)d of them negative. Busiest: %(when)s, %(most)d.",
            n,
        )
        % numbers
    )


def _hourly(shown: WatchPage, *, last: int) -> charts.Hourly:
    hours = shown.hours[-last:]
    start = hours[0].at
    places = [((mark.at - start).total_seconds() / 3600, *MARKS[mark.kind]) for mark in shown.marks]
    row = shown.row
    return charts.Hourly(
        labels=[date_format(timezone.localtime(hour.at), "D H:i") for hour in hours],
        n=[hour.n for hour in hours],
        negative=[hour.n_negative for hour in hours],
        unknown=[hour.is_unknown for hour in hours],
        usual=row.usual if row.window_s == 3600 else None,
        marks=[place for place in places if place[0] >= 0][-MOST_MARKS:],
    )
