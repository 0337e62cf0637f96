"""What is typed about environment pictures, checked for shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 4000
INTERVALS = (("", _("only by hand")), ("15", "15"), ("30", "30"), ("60", "60"), ("120", "120"))


class MakeForm(forms.Form):
    """Whether names of the public are in it, and why."""

    with_names = forms.BooleanField(required=False)
    reason = forms.CharField(label=_("Why names are needed"), max_length=300, required=False)

    def clean(self) -> None:
        """Names need a reason."""
        if self.cleaned_data.get("with_names") and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Say why names of the public must be in it."))

    def reason_for_names(self) -> str:
        return self.cleaned_data["reason"] if self.cleaned_data["with_names"] else ""


class AdviceForm(forms.Form):
    """The advice of a person, and the revision that was on the page."""

    information = forms.CharField(max_length=LONGEST, required=False, strip=True)
    meaning = forms.CharField(max_length=LONGEST, required=False, strip=True)
    damage = forms.CharField(max_length=LONGEST, required=False, strip=True)
    revision = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class ScheduleForm(forms.Form):
    """Every so many minutes; nothing: only by hand."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=1440, required=False)


class ReaderForm(forms.Form):
    """An address that gets every signed picture."""

    email = forms.CharField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
