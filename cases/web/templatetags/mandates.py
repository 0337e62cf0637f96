"""Mandates on a page: their parts in words, and which of them can be handed on."""

from collections.abc import Collection, Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _

from cases.reads.mandates import Line
from cases.rules.mandate import ALL
from cases.web.words import CATEGORIES, WAYS_OF_ANSWERING, WHO_READS, word

register = template.Library()

_WORDS = {"categories": CATEGORIES, "options": WAYS_OF_ANSWERING, "visibilities": WHO_READS}


@register.filter
def mandate_names(names: Collection[str], part: str) -> str:
    """What a mandate holds of one kind, in words."""
    if ALL in names:
        return _("all")
    return ", ".join(sorted(word(_WORDS[part], name) for name in names)) or "–"


@register.simple_tag
def account_names(names: Collection[str], known: Sequence[tuple[str, Any]]) -> str:
    """The accounts of a mandate by the names that the page knows them by."""
    labels = dict(known)
    return _("all") if ALL in names else ", ".join(sorted(str(labels.get(name, name)) for name in names))


@register.filter
def can_hand_on(line: Line, part: str) -> frozenset[str]:
    """What of one kind its holder may hand on."""
    held: frozenset[str] = getattr(line.grant, part)
    return held


@register.filter
def has_name(held: frozenset[str], name: str) -> bool:
    return ALL in held or name in held
