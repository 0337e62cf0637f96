"""What says on every page that this is an exercise; nothing at all in a real installation."""

from django import template
from django.conf import settings
from django.utils.translation import get_language

from cases.reads.score_words import duty_label, span
from cases.rules.scheme import Texts, text

register = template.Library()
register.filter("duty_label", duty_label)
register.filter("work_time", span)


@register.simple_tag
def is_exercise() -> bool:
    """Whether this is the space of an exercise: also on pages that know nothing of the request."""
    return bool(settings.SPACE)


@register.filter
def story_time(seconds: float) -> str:
    """A place in a story as on a stopwatch: 1:05:00."""
    total = max(0, round(seconds))
    return f"{total // 3600}:{total // 60 % 60:02}:{total % 60:02}"


@register.filter
def speed(times: float) -> str:
    """How often as fast: 2, 0.5, 60."""
    return f"{times:g}"


@register.filter
def in_language(texts: Texts) -> str:
    """A text of an incident in the language of the page, or in one that it has."""
    return text(texts, get_language() or "en")
