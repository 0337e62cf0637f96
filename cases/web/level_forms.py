"""What a lead types about the scale, checked for shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LevelNameForm(forms.Form):
    """The name of a level that is added."""

    name = forms.CharField(max_length=40, label=_("Name"))
    seen = forms.CharField(max_length=40)


class LevelStepForm(forms.Form):
    """What happens to a level; `name` counts when it is renamed."""

    DO = ("rename", "up", "down", "retire", "restore")

    do = forms.ChoiceField(choices=[(each, each) for each in DO])
    name = forms.CharField(max_length=40, required=False, label=_("Name"))
    seen = forms.CharField(max_length=40)
