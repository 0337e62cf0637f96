"""Tags and filters of the pages about queries: estimates in words, and what was done with a query."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cases.web import words

register = template.Library()

CENT = Decimal("0.01")


@register.filter
def per_day(n: float | None) -> str:
    """A number of posts a day as one says it: whole from ten on, one decimal below."""
    if n is None:
        return _("cannot be said yet")
    if n < 1:
        return _("less than 1")
    places = 0 if n >= 10 else 1
    return str(number_format(round(n, places), places, force_grouping=True))


@register.filter
def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars; small ones are not rounded to nothing."""
    if amount is None:
        return _("cannot be said yet")
    if 0 < amount < CENT:
        return _("less than $ %(amount)s") % {"amount": number_format(CENT, 2)}
    return f"$ {number_format(round(amount, 2), 2, force_grouping=True)}"


@register.filter
def preview_label(said: str) -> str:
    """Why a source showed nothing."""
    return words.word(words.PREVIEW_ANSWERS, said)


@register.filter
def query_sentence(event: Any) -> str:
    """Who did what with a query."""
    sentence = words.word(words.QUERY_ACTIONS, event.action)
    return sentence % {"who": event.actor_name or _("The system")}


@register.filter
def query_changes(event: Any) -> Iterator[tuple[str, str, str]]:
    """What a change changed: the field, what it was and what it is; not what only numbers say."""
    if event.action == "query changed":
        for name, change in event.facts.items():
            if name in words.QUERY_FACTS and name not in ("owner", "sources"):
                label = words.word(words.QUERY_FACTS, name)
                yield label, _plain(name, change["before"]), _plain(name, change["after"])


def _plain(name: str, value: Any) -> str:
    """A fact of the trail as it is read."""
    if name == "legal basis":
        return words.word(words.LEGAL_BASES, str(value))
    if name == "until":
        return f"{datetime.fromisoformat(str(value)):%d-%m-%Y}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
