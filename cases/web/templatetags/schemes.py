"""Filters for the pages that show a whole scheme, or every move of a case."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext_lazy as _

from cases.rules.permissions import Need
from cases.web.words import Words, word

register = template.Library()

NEEDS: Words = {
    Need.JUDGE: _("who may judge a case"),
    Need.DANGER: _("who may report danger to life"),
    Need.DRAFT: _("who may write a reply"),
    Need.APPROVE: _("who may approve a reply"),
    Need.WATCH: _("who may keep watch"),
    Need.DECIDE: _("who may decide for communications"),
}
"""Those that the table of moves names."""


@register.filter
def need_label(need: str) -> str:
    """Who makes a move, in words."""
    return word(NEEDS, need)


@register.filter
def named(names: Mapping[str, str], node: str) -> str:
    """What a node is called; its own id when it has no words."""
    return names.get(node, node)
