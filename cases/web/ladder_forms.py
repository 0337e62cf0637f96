"""What is typed about a ladder and about an alarm, checked for shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.rules.ladders import CHANNELS, Step
from cases.services.ladders import MOST_STEPS, LadderPlan
from cases.web.forms import NoteForm

MINUTE = 60
LATER_MINUTES = 15
"""How long after the last step a new one is put."""

__all__ = ["LadderForm", "NoteForm", "OfferForm"]


class OfferForm(forms.Form):
    """The colleague who is asked."""

    to = forms.IntegerField(label=_("Colleague"), min_value=1)


class LadderForm(forms.Form):
    """A ladder: rows `who_1`, `minutes_1`, `channels_1` and on; `do` says what happens to them."""

    seen = forms.IntegerField(min_value=0)
    repeats = forms.IntegerField(label=_("Repeats"), min_value=0, max_value=100)
    taken_minutes = forms.IntegerField(label=_("Taking it holds"), min_value=0, max_value=100_000)
    n_steps = forms.IntegerField(min_value=0, max_value=MOST_STEPS + 1)

    def __init__(self, sent: Any) -> None:
        super().__init__(sent)
        typed = str(sent.get("n_steps", ""))
        n = min(int(typed), MOST_STEPS + 1) if typed.isdecimal() and len(typed) < 4 else 0
        for i in range(1, n + 1):
            self.fields[f"who_{i}"] = forms.CharField(max_length=40)
            self.fields[f"minutes_{i}"] = forms.IntegerField(
                label=_("Minutes after the alarm"), min_value=0, max_value=100_000
            )
            ways = [(channel, channel) for channel in CHANNELS]
            self.fields[f"channels_{i}"] = forms.MultipleChoiceField(choices=ways, required=False)

    def plan(self, do: str) -> LadderPlan:
        """What was typed, with a step more, a step less, or two that changed places."""
        data = self.cleaned_data
        steps = [
            Step(data[f"who_{i}"], data[f"minutes_{i}"] * MINUTE, tuple(data[f"channels_{i}"]))
            for i in range(1, data["n_steps"] + 1)
        ]
        return LadderPlan(_changed(steps, do), data["repeats"], data["taken_minutes"] * MINUTE)


def _changed(steps: list[Step], do: str) -> list[Step]:
    verb, _dash, number = do.partition("-")
    n = int(number) - 1 if number.isdecimal() and len(number) < 4 else -1
    if verb == "add":
        later = steps[-1].after_s + LATER_MINUTES * MINUTE if steps else 0
        return [*steps, Step("head" if steps else "officer", later)]
    if not 0 <= n < len(steps):
        return steps
    if verb == "remove":
        rest = [*steps[:n], *steps[n + 1 :]]
        if n == 0 and rest:  # what comes first is at once
            rest[0] = Step(rest[0].who, 0, rest[0].channels)
        return rest
    if verb == "up" and n > 0:
        above, here = steps[n - 1], steps[n]
        steps[n - 1] = Step(here.who, above.after_s, here.channels)
        steps[n] = Step(above.who, here.after_s, above.channels)
    return steps
