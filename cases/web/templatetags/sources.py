"""Filters for the pages about sources: tones, money, abilities, and why a post could not be read."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format

from cases.web import source_words, words

register = template.Library()

TONES = {"working": "ok", "receiving": "ok", "waiting": "line", "off": "line", "ended": "line"}


@register.filter
def health_tone(state: str) -> str:
    """The colour of a source's chip; the word always stands in it."""
    return TONES.get(state, "warn")


@register.filter
def dollars(amount: Decimal) -> str:
    """An amount of money as platforms charge it."""
    return f"$ {number_format(amount, 2 if amount == round(amount, 2) else 4)}"


@register.filter
def ability_label(ability: str) -> str:
    return words.word(source_words.ABILITIES, ability)


@register.filter
def reason_label(reason: str) -> str:
    """Why a post could not be read, in the language of the page where we have the words."""
    return source_words.reason(reason)


@register.filter
def import_label(state: str) -> str:
    return words.word(source_words.IMPORT_STATES, state)
