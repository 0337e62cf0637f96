"""What is typed about an exercise, checked for shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.reads.exercises import FUNCTIONS, KINDS, ROLES
from cases.services.exercises import FASTEST, LONGEST, InjectPlan
from cases.web.forms import TextField

DO = ("play", "pause", "speed", "end")


class LeadForm(forms.Form):
    """What who leads it wants with the story; `seen`: the speed on the page, 0 when it stood still."""

    do = forms.ChoiceField(choices=[(word, word) for word in DO])
    speed = forms.FloatField(label=_("Speed"), min_value=0.1, max_value=FASTEST, required=False)
    seen = forms.FloatField(required=False)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("do") == "speed" and cleaned.get("speed") is None:
            self.add_error("speed", _("Say how fast the story must run."))
        return cleaned


class InjectForm(forms.Form):
    """Something that happens now, and to whom."""

    text = TextField(label=_("What happens"), max_length=LONGEST)
    kind = forms.ChoiceField(label=_("Kind"), choices=[(word, word) for word in KINDS])
    to = forms.ChoiceField(label=_("For"), required=False)
    sender = forms.CharField(label=_("From whom"), max_length=200, required=False)

    def __init__(self, sent: object) -> None:
        super().__init__(sent)  # type: ignore[arg-type]
        people = [f"role:{role}" for role in ROLES] + [f"function:{name}" for name in FUNCTIONS]
        self.fields["to"].choices = [("", ""), *((name, name) for name in people)]  # type: ignore[attr-defined]

    def plan(self) -> InjectPlan:
        """As the service takes it."""
        given = self.cleaned_data
        kind, _colon, name = given["to"].partition(":")
        return InjectPlan(
            text=given["text"],
            kind=given["kind"],
            to_role=name if kind == "role" else "",
            to_function=name if kind == "function" else "",
            sender=given["sender"],
        )


class SettleForm(forms.Form):
    """How something was dealt with."""

    note = TextField(label=_("How it was dealt with"), max_length=LONGEST, required=False)
