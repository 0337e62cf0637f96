"""Tags and filters of the templates: icons, times in words, names, labels and charts."""

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from cases.web import charts, words

register = template.Library()

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """One of our icons; decoration only, so hidden from screen readers."""
    style, sprite = f"i i-{size}" if size else "i", static("cases/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', style, sprite, name)


@register.filter
def initials(name: Any) -> str:
    """Two letters that stand for a person."""
    parts = str(name).replace("@", " ").split()
    letters = parts[0][:1] + parts[-1][:1] if len(parts) > 1 else "".join(parts)[:2]
    return letters.upper()


def span(seconds: float) -> str:
    """A length of time in one unit: "21 min", "3 hr", "2 days"."""
    minutes = max(0, int(seconds // MINUTE_S))
    if seconds < HOUR_S:
        return gettext("%(n)d min") % {"n": minutes}
    if seconds < 2 * DAY_S:
        return gettext("%(n)d hr") % {"n": minutes // 60}
    days = minutes // (60 * 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """How long ago, as a time element that goes on by itself; the exact time on hover."""
    passed = (timezone.now() - moment).total_seconds()
    local = timezone.localtime(moment)
    return format_html(
        '<time data-ago datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        f"{local:%d-%m-%Y %H:%M}",
        span(passed),
    )


@register.simple_tag
def due(moment: datetime) -> SafeString:
    """The time left for a first answer, in words and in a tone."""
    left = (moment - timezone.now()).total_seconds()
    if left < 0:
        return format_html(
            '<span class="sla late">{}</span>', gettext("%(span)s late") % {"span": span(-left)}
        )
    tone = "sla soon" if left < HOUR_S else "sla"
    return format_html('<span class="{}">{}</span>', tone, gettext("%(span)s left") % {"span": span(left)})


@register.filter
def clock(moment: datetime) -> str:
    """The time today, or the day and the time."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if is_today else f"{local:%d-%m %H:%M}"


@register.filter
def in_words(seconds: float | None) -> str:
    return gettext("none yet") if seconds is None else span(seconds)


@register.filter
def state_label(state: str) -> str:
    return words.word(words.STATES, state)


@register.filter
def category_label(category: str) -> str:
    return words.word(words.CATEGORIES, category)


@register.filter
def role_label(role: str) -> str:
    return words.word(words.ROLES, role)


@register.filter
def platform_label(platform: str) -> str:
    return words.word(words.PLATFORMS, platform)


@register.filter
def platform_icon(platform: str) -> str:
    return words.PLATFORM_ICONS.get(platform, "post")


@register.filter
def refusal_sentence(refusal: Any) -> str:
    """Why a move was refused, with the states as officers know them."""
    facts = {"case": refusal.case_id, "state": words.word(words.STATES, refusal.state)}
    if hasattr(refusal, "seen"):
        facts["seen"] = words.word(words.STATES, refusal.seen)
        return gettext("Case %(case)d was “%(seen)s” when you opened it and is now “%(state)s”.") % facts
    return gettext("Case %(case)d is now “%(state)s”; this choice does not fit that.") % facts


@register.simple_tag
def sparkline(line: charts.Line, width: int = 250, height: int = 64) -> charts.Svg:
    return charts.sparkline(line, width=width, height=height)


@register.simple_tag
def stacked_chart(bars: list[charts.Bar], label: str) -> charts.Svg:
    """The chart twice, for a wide and for a narrow page; the style sheet shows one of them."""
    narrow = charts.stacked(bars, label=label, width=charts.NARROW, height=200)
    return charts.Svg(charts.stacked(bars, label=label) + narrow)


@register.simple_tag
def share_bar(part: float, label: str, tone: str = "accent") -> charts.Svg:
    return charts.share(part, label=label, tone=tone)


@register.simple_tag
def swatch(outcome: str) -> charts.Svg:
    return charts.swatch(outcome)
