"""Tags of the pages of situations: the one clock, posts per quarter, and words for groups of cases."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from cases.web import charts, words
from cases.web.clock_words import length
from cases.web.situation_words import BATCH_STATES, BATCHES, GROUPS, SECTIONS

register = template.Library()

Quarters = Sequence[tuple[datetime, int]]

SOON_MIN = 10


@register.simple_tag
def next_word(due_at: datetime | None) -> SafeString | str:
    """The one clock of a situation: when people hear from us again, or since when they should have."""
    if due_at is None:
        return ""
    left = int((due_at - timezone.now()).total_seconds() // 60)
    if left < 0:
        said, tone = gettext("People should have heard from us %(time)s ago"), "late"
    else:
        said = gettext("Next word to the public within %(time)s")
        tone = "soon" if left <= SOON_MIN else ""
    return format_html('<span class="sla {}">{}</span>', tone, said % {"time": length(max(abs(left), 1))})


@register.filter
def section_name(section: str) -> str:
    return words.word(SECTIONS, section)


@register.filter
def group_label(group: str) -> str:
    return words.word(GROUPS, group)


@register.filter
def batch_label(kind: str) -> str:
    return words.word(BATCHES, kind)


@register.filter
def batch_state(status: str) -> str:
    return words.word(BATCH_STATES, status)


@register.simple_tag
def unread_words(n_topics: int, n_posts: int) -> str:
    """Both numbers, in one sentence."""
    posts = ngettext("%(n)s post", "%(n)s posts", n_posts) % {"n": f"{n_posts:_}".replace("_", "\u202f")}
    return ngettext("%(posts)s in %(n)d topic unread", "%(posts)s in %(n)d topics unread", n_topics) % {
        "n": n_topics,
        "posts": posts,
    }


@register.simple_tag
def topics_words(n_topics: int, n_posts: int) -> str:
    """Both numbers of some topics: "12 topics, 4310 posts"."""
    posts = ngettext("%(n)s post", "%(n)s posts", n_posts) % {"n": n_posts}
    return ngettext("%(n)d topic, %(posts)s", "%(n)d topics, %(posts)s", n_topics) % {
        "n": n_topics,
        "posts": posts,
    }


@register.simple_tag
def quarters_sentence(quarters: Quarters) -> str:
    """What the figure shows, for who does not see it."""
    last, before = sum(n for _at, n in quarters[-4:]), sum(n for _at, n in quarters[-8:-4])
    return ngettext(
        "%(n)d post in the last hour; the hour before: %(before)d.",
        "%(n)d posts in the last hour; the hour before: %(before)d.",
        last,
    ) % {"n": last, "before": before}


@register.simple_tag
def quarters_chart(quarters: Quarters) -> charts.Svg:
    """Posts per quarter of an hour, for a wide and for a narrow page."""
    title, told = gettext("Posts per quarter of an hour"), quarters_sentence(quarters)

    def drawn(last: int, width: int) -> charts.Svg:
        some = quarters[-last:]
        shown = charts.Hourly(
            labels=[f"{timezone.localtime(at):%H:%M}" for at, _n in some],
            n=[n for _at, n in some],
            negative=[0] * len(some),
            unknown=[False] * len(some),
        )
        return charts.hourly(shown, title=title, told=told, width=width, height=170)

    return charts.Svg(drawn(len(quarters), 720) + drawn(8, charts.NARROW))
