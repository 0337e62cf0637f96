"""Tags and filters of the templates: icons, times in words, names, labels and charts."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from cases import naming
from cases.reads.watches import Watched
from cases.reasons import ROLES
from cases.rules.reach import reach_of
from cases.rules.scheme import Texts
from cases.web import charts, clock_words, flow, words

register = template.Library()

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@register.filter
def about_name(row: Any) -> str:
    """What a watch or an alarm is about, inside a sentence."""
    return naming.named(row).name


@register.filter
def about_title(row: Any) -> str:
    return naming.named(row).title


@register.filter
def about_path(row: Any) -> str:
    return naming.named(row).path


@register.filter
def result_label(result: str) -> str:
    return words.word(words.RESULTS, result)


@register.filter
def origin_label(origin: str) -> str:
    return words.word(words.ORIGINS, origin)


@register.simple_tag
@lru_cache(maxsize=512)  # a page holds some hundred of them
def icon(name: str, size: str = "") -> SafeString:
    """One of our icons; decoration only, so hidden from screen readers."""
    style, sprite = f"i i-{size}" if size else "i", static("cases/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', style, sprite, name)


@register.filter
def initials(name: Any) -> str:
    """Two letters that stand for a person."""
    parts = str(name).replace("@", " ").split()
    return (parts[0][:1] + parts[-1][:1] if len(parts) > 1 else "".join(parts)[:2]).upper()


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
    local = timezone.localtime(moment)
    return format_html(
        '<time data-ago datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        f"{local:%d-%m-%Y %H:%M}",
        span((timezone.now() - moment).total_seconds()),
    )


@register.simple_tag
def due(moment: datetime, category: str = "", is_urgent: bool = False) -> SafeString:
    """The time left for an answer, in words and in a tone; in working hours where those count."""
    return clock_words.time_left(moment, category=category, is_urgent=is_urgent, now=timezone.now())


@register.filter
def minutes_in_words(minutes: int) -> str:
    return clock_words.length(minutes)


@register.simple_tag
def running(start: datetime) -> str:
    """How long a clock runs already."""
    return clock_words.length(int((timezone.now() - start).total_seconds()) // MINUTE_S)


@register.filter
def clock(moment: datetime) -> str:
    """The time today, or the day and the time."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%d-%m %H:%M}"


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
def standing_label(standing: str) -> str:
    """What is known of an account, in words."""
    return str(ROLES.get(standing, standing))


@register.filter
def reach_label(followers: int | None) -> str:
    """How far an account reaches, in steps; "" when the platform does not tell."""
    step = reach_of(followers)
    return words.word(words.REACHES, step) if step else ""


@register.filter
def moment_label(moment: str) -> str:
    return words.word(words.MOMENTS, moment)


@register.filter
def role_label(role: str) -> str:
    return words.word(words.ROLES, role)


@register.filter
def keycap(key: str) -> str:
    """A key as it stands on a keyboard."""
    return {"enter": "↵", "backspace": "⌫"}.get(key, key.upper())


@register.filter
def platform_label(platform: str) -> str:
    return words.word(words.PLATFORMS, platform)


@register.filter
def platform_icon(platform: str) -> str:
    return words.PLATFORM_ICONS.get(platform, "post")


@register.filter
def level_label(level: int) -> str:
    return str(words.LEVELS.get(level, level))


@register.filter
def watch_label(state: str) -> str:
    return words.word(words.WATCH_STATES, state)


@register.filter
def watch_tone(state: str) -> str:
    """The colour of a watch's chip; the word always stands in it."""
    tones = {"worsened": "crit", "blind": "crit", "due": "warn", "rising": "warn", "acknowledged": "acc"}
    return tones.get(state, "line" if state == "paused" else "ok")


@register.filter
def health_label(state: str) -> str:
    return words.word(words.HEALTH, state)


@register.filter
def query_label(state: str) -> str:
    return words.word(words.QUERY_STATES, state)


@register.filter
def basis_label(basis: str) -> str:
    return words.word(words.LEGAL_BASES, basis)


@register.filter
def medium_label(medium: str) -> str:
    return words.word(words.MEDIUMS, medium)


@register.filter
def approach_label(approach: str) -> str:
    return words.word(words.APPROACHES, approach)


@register.filter
def outcome_label(outcome: str) -> str:
    return words.word(words.OUTCOMES, outcome)


@register.filter
def said(texts: Texts) -> str:
    """A text of the scheme in the language of the page."""
    return flow.said(texts)


@register.filter
def web_address(url: str) -> str:
    """The address when it is one a browser may open from here, else nothing."""
    return url if url.startswith(("https://", "http://")) else ""


@register.filter
def minus(value: float) -> float:
    return -value


@register.filter
def percent(part: float | None) -> str:
    return gettext("none yet") if part is None else f"{round(part * 100)}%"


@register.filter
def lookup_n(values: list[str], n: int) -> str:
    """The value at a place of a list."""
    return values[n]


@register.filter
def lookup(facts: dict[str, Any], key: str) -> Any:
    return facts.get(key, "")


@register.filter
def refusal_sentence(refusal: Any) -> str:
    """Why a move was refused, with the states as officers know them."""
    if hasattr(refusal, "promised"):
        return str(refusal)
    facts = {"case": refusal.case_id, "state": words.word(words.STATES, refusal.state)}
    if hasattr(refusal, "seen"):
        facts["seen"] = words.word(words.STATES, refusal.seen)
        return gettext("Case %(case)d was “%(seen)s” when you opened it and is now “%(state)s”.") % facts
    facts["to"] = words.word(words.STATES, refusal.to)
    facts["allowed"] = ", ".join(f"“{words.word(words.STATES, state)}”" for state in sorted(refusal.allowed))
    if not refusal.allowed:
        return gettext("Case %(case)d is now “%(state)s” and cannot become “%(to)s”.") % facts
    return (
        gettext(
            "Case %(case)d is now “%(state)s” and cannot become “%(to)s”. What it can become: %(allowed)s."
        )
        % facts
    )


@register.simple_tag
def sparkline(watched: Watched, height: int = 64) -> charts.Svg:
    """The posts of a watch per window, with the usual band behind them."""
    known = [n for n in watched.points if n is not None]
    last = known[-1] if known else 0
    counts = {"last": last, "most": max(known, default=0)}
    label = gettext("%(last)d posts in the last stretch; highest %(most)d.") % counts
    if watched.usual:
        low, high = watched.usual
        label += " " + gettext("Usual is %(low)d to %(high)d.") % {"low": low, "high": high}
    tone = {"worsened": "crit", "acknowledged": "crit", "rising": "warn"}.get(watched.state, "accent")
    line = charts.Line(watched.points, label, usual=watched.usual, tone=tone, last=str(last))
    return charts.sparkline(line, height=height)


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
