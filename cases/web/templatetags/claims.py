"""How claims look on a page: the status with its sign, the chart of their spread, what still holds."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from cases.carried import is_in_force
from cases.reads.claims import Reach
from cases.reads.spread import Spread
from cases.web import charts
from cases.web.claim_words import ICONS, STATUSES, TONES
from cases.web.templatetags.weerwoord import icon
from cases.web.words import word

register = template.Library()

NARROW_BARS = 24


@register.filter
def claim_label(status: str) -> str:
    return word(STATUSES, status)


@register.simple_tag
def claim_chip(status: str) -> SafeString:
    """The status of a claim: a sign and a word beside the colour."""
    return format_html(
        '<span class="chip {}">{}{}</span>', TONES[status], icon(ICONS[status], "s"), word(STATUSES, status)
    )


@register.simple_tag
def carried_by(reach: Reach) -> str:
    """How many posts in how many cases carry a claim, and what of it is open still."""
    told = posts_in_cases(reach.topics, reach.posts)
    is_open = posts_in_cases(reach.open_topics, reach.open_posts)
    if not reach.topics:
        return gettext("No post makes this claim yet.")
    if not reach.open_topics:
        return gettext("%(all)s, none of them open") % {"all": told}
    if reach.open_topics == reach.topics:
        return gettext("%(all)s, still open") % {"all": told}
    return gettext("%(all)s, of which still open: %(open)s") % {"all": told, "open": is_open}


@register.simple_tag
def posts_in_cases(n: int, n_posts: int) -> str:
    """Both numbers: "4 posts in 1 case"."""
    posts = ngettext("%(n)s post", "%(n)s posts", n_posts) % {"n": n_posts}
    return ngettext("%(posts)s in %(n)d case", "%(posts)s in %(n)d cases", n) % {"n": n, "posts": posts}


@register.filter
def is_held(answer: object) -> bool:
    """Whether an answer may leave as it is at this moment."""
    return is_in_force(answer, now=timezone.now())  # type: ignore[arg-type]


@register.simple_tag
def spread_chart(spread: Spread) -> charts.Svg:
    """Posts over time with what happened marked, for a wide and for a narrow page."""
    title, told = gettext("Posts that make this claim"), spread_sentence(spread)
    wide, narrow = _bars(spread, last=len(spread.counts)), _bars(spread, last=NARROW_BARS)
    small = charts.hourly(narrow, title=title, told=told, width=charts.NARROW, height=200)
    return charts.Svg(charts.hourly(wide, title=title, told=told, height=220) + small)


@register.simple_tag
def spread_sentence(spread: Spread) -> str:
    """What the chart shows, for who does not see it."""
    if not spread.counts or not spread.busiest:
        return gettext("No post makes this claim yet.")
    at, most = spread.busiest
    numbers = {"n": spread.n_posts, "most": most, "when": _moment(at, spread.step)}
    sentence = ngettext(
        "%(n)d post makes this claim. Busiest: %(when)s, %(most)d.",
        "%(n)d posts make this claim. Busiest: %(when)s, %(most)d.",
        spread.n_posts,
    )
    return sentence % numbers


@register.filter
def bar_label(at: datetime, step: timedelta) -> str:
    return _moment(at, step)


def _bars(spread: Spread, *, last: int) -> charts.Hourly:
    counts = spread.counts[-last:]
    nothing = [0] * len(counts)
    return charts.Hourly(
        [_short(at, spread.step) for at, _n in counts],
        [n for _at, n in counts],
        nothing,
        [False] * len(counts),
        marks=_marks(spread, counts),
    )


def _marks(spread: Spread, counts: list[tuple[datetime, int]]) -> list[tuple[float, str, str]]:
    if not counts:
        return []
    start, marked = counts[0][0], []
    for at, letter, tone in (
        (spread.first_at, "1", "accent"),
        (spread.decided_at, "!", "warn"),
        (spread.answered_at, "✓", "accent"),
    ):
        place = (at - start) / spread.step if at else -1.0
        if place >= 0:
            marked.append((min(place, float(len(counts))), letter, tone))
    return marked


def _short(at: datetime, step: timedelta) -> str:
    return date_format(timezone.localtime(at), "H:i" if step < timedelta(days=1) else "j N")


def _moment(at: datetime, step: timedelta) -> str:
    return date_format(timezone.localtime(at), "l H:i" if step < timedelta(days=1) else "j F")
