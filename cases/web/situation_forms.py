"""What officers type about a situation, checked for shape only."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.rules.closing import CLOSABLE, Group, Way
from cases.web.forms import LONG, MomentField, TextField

LARGEST = 2**63 - 1
WAYS = [(way.value, way.value) for way in Way]

MINUTES = (10, 15, 20, 30, 45, 60, 120, 240, 480, 1440)
"""How often people can hear from us."""

SINCE = {
    "0": _("from now on"),
    "1": _("of the last hour too"),
    "6": _("of the last 6 hours too"),
    "24": _("of the last day too"),
}
"""What an inflow brings of before."""


class OpenForm(forms.Form):
    """A name is enough."""

    name = forms.CharField(max_length=120, label=_("Name"))
    about = TextField(max_length=LONG, required=False, label=_("What happens"))
    level = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    key_message = TextField(max_length=LONG, required=False, label=_("Key message"))
    query = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)


class ChangeForm(forms.Form):
    """The settings of a situation."""

    revision = forms.IntegerField(min_value=0, max_value=LARGEST)
    name = forms.CharField(max_length=120, label=_("Name"))
    about = TextField(max_length=LONG, required=False, label=_("What happens"))
    owner = forms.IntegerField(min_value=1, max_value=LARGEST)
    profile = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    minutes = forms.TypedChoiceField(
        choices=[(str(n), str(n)) for n in MINUTES], coerce=int, label=_("People hear from us every")
    )
    began_at = MomentField(label=_("It began at"))

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["minutes"])


class LevelForm(forms.Form):
    """Another level, with its reason."""

    revision = forms.IntegerField(min_value=0, max_value=LARGEST)
    level = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    reason = forms.CharField(max_length=500, label=_("Reason"))


class ReasonForm(forms.Form):
    """A reason that may be asked for."""

    reason = forms.CharField(max_length=500, required=False, label=_("Reason"))


class KeyMessageForm(forms.Form):
    """The next version of what people should know; `after`: the version that was read."""

    after = forms.IntegerField(min_value=0, max_value=LARGEST)
    text = TextField(max_length=LONG, label=_("Key message"))


class LogForm(forms.Form):
    """One line in the log."""

    text = forms.CharField(max_length=1000, label=_("What was seen, asked or decided"))
    is_decision = forms.BooleanField(required=False)
    is_told = forms.BooleanField(required=False)


class InflowForm(forms.Form):
    """A query whose posts belong here, from now on or of some hours before too."""

    query = forms.IntegerField(min_value=1, max_value=LARGEST, label=_("Query"))
    hours = forms.ChoiceField(choices=list(SINCE.items()), label=_("Since"))

    def since(self, now: datetime) -> datetime:
        return now - timedelta(hours=int(self.cleaned_data["hours"]))


class CloseUnreadForm(forms.Form):
    """End what nobody read, up to the newest post that was counted."""

    reason = forms.CharField(max_length=500, label=_("Reason"))
    up_to = forms.IntegerField(min_value=0, max_value=LARGEST)


class CloseForm(forms.Form):
    """Close a situation, and say for each group of open cases where it goes."""

    reason = forms.CharField(max_length=500, label=_("Reason"))
    up_to = forms.IntegerField(min_value=0, max_value=LARGEST)
    unread = forms.ChoiceField(choices=WAYS, required=False)
    judged = forms.ChoiceField(choices=WAYS, required=False)
    answered = forms.ChoiceField(choices=WAYS, required=False)

    def ways(self) -> dict[Group, Way]:
        data = self.cleaned_data
        return {group: Way(data[group]) for group in CLOSABLE if data[group]}


class NumberForm(forms.Form):
    """One of what belongs to a situation, by its number."""

    number = forms.IntegerField(min_value=1, max_value=LARGEST)


class JoinForm(forms.Form):
    """A case goes into a situation: one that runs, or a new one by its name."""

    situation = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    name = forms.CharField(max_length=120, required=False, label=_("Name"))
