"""What is typed about mandates, checked for shape only, and what can be chosen in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.reads.mandates import Account
from cases.rules.mandate import ALL, PRIORITIES
from cases.services.mandates import MandateRefused, Terms
from cases.web.forms import MomentField
from cases.web.team_forms import ListField
from cases.web.words import ANSWERED, CATEGORIES, PLATFORMS, WAYS_OF_ANSWERING, WHO_READS

Choice = tuple[str, Any]

PARTS = [
    ("categories", _("Kinds of posts")),
    ("options", _("Ways of answering")),
    ("visibilities", _("Who can read it")),
    ("accounts", _("Accounts")),
]


def choices(accounts: Sequence[Account]) -> dict[str, list[Choice]]:
    """What each part of a mandate can be ticked for, "all" first."""
    all_of = [(ALL, _("all"))]
    return {
        "categories": all_of + [(name, CATEGORIES[name]) for name in ANSWERED],
        "options": all_of + list(WAYS_OF_ANSWERING.items()),
        "visibilities": all_of + list(WHO_READS.items()),
        "accounts": all_of
        + list(PLATFORMS.items())
        + [(account.name, account.label) for account in accounts],
    }


class MandateForm(forms.Form):
    """A mandate as it is asked for. Without a begin it holds from now."""

    holder = forms.IntegerField(label=_("Who"))
    categories = ListField(label=_("Kinds of posts"), required=False)
    options = ListField(label=_("Ways of answering"), required=False)
    visibilities = ListField(label=_("Who can read it"), required=False)
    accounts = ListField(label=_("Accounts"), required=False)
    highest_priority = forms.ChoiceField(
        label=_("Up to"), choices=[(name, name) for name in PRIORITIES], required=False
    )
    situation = forms.IntegerField(label=_("Only for"), required=False)
    valid_from = MomentField(label=_("From"), required=False)
    valid_until = MomentField(label=_("Until"))
    may_delegate = forms.BooleanField(required=False)

    def terms(self, *, now: datetime, situations: Sequence[Any]) -> Terms:
        """What is asked for. `situations`: those that can be chosen. Raises MandateRefused for another."""
        data = self.cleaned_data
        return Terms(
            categories=_narrowest(data["categories"]),
            valid_from=data["valid_from"] or now,
            valid_until=data["valid_until"],
            options=_narrowest(data["options"]),
            accounts=_narrowest(data["accounts"]),
            visibilities=_narrowest(data["visibilities"]),
            highest_priority=data["highest_priority"] or PRIORITIES[0],
            may_delegate=data["may_delegate"],
            situation=_chosen(data["situation"], situations),
        )


def _narrowest(ticked: Sequence[str]) -> list[str]:
    """Who ticks some and leaves "all" ticked as well means those: nobody gets more by a slip."""
    return [name for name in ticked if name != ALL] or list(ticked)


def _chosen(number: int | None, situations: Sequence[Any]) -> Any:
    """The situation of a number, None for all cases: who meant one never gives a mandate for all."""
    if number is None:
        return None
    found = next((each for each in situations if each.pk == number), None)
    if found is None:
        raise MandateRefused([gettext("This situation is over. Choose one that runs, or all cases.")])
    return found


class EndForm(forms.Form):
    """Why a mandate ends."""

    reason = forms.CharField(label=_("Why"), max_length=500, required=False)
