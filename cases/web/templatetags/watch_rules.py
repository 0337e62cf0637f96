"""Filters of the pages about watch profiles and cue words."""

from collections.abc import Sequence

from django import template

from cases.web.profile_events import numbers
from cases.web.profile_words import LANGUAGES, name_of
from cases.web.words import LEVELS, word

register = template.Library()


@register.filter
def profile_name(name: str) -> str:
    return name_of(name)


@register.filter
def thresholds(values: Sequence[int]) -> str:
    """The numbers of one row: "10 / 25 / 60"."""
    return numbers(values)


@register.filter
def threshold(value: str) -> str:
    """One number with its thousands apart; what is no number stays as it was typed."""
    return numbers([int(value)]) if value.isascii() and value.isdigit() else value


@register.filter
def level_word(level: int) -> str:
    return str(LEVELS.get(level, level))


@register.filter
def cue_language(language: str) -> str:
    return word(LANGUAGES, language)
