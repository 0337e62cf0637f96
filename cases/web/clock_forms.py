"""What is typed about targets and calendars, checked for shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.reads.clocks import CATEGORIES, KINDS
from cases.services.calendars import CalendarPlan, TargetPlan
from cases.targets import PRIORITIES
from cases.web.forms import DayField
from cases.web.team_forms import ListField

DAYS = 7
UNITS = {"minutes": 1, "hours": 60, "days": 1440}


class TargetForm(forms.Form):
    """Within how long; a stale page is refused by `seen`."""

    kind = forms.ChoiceField(label=_("Target"), choices=[(kind, kind) for kind in KINDS])
    category = forms.ChoiceField(choices=[("", ""), *((name, name) for name in CATEGORIES)], required=False)
    priority = forms.ChoiceField(choices=[("", ""), *((name, name) for name in PRIORITIES)], required=False)
    amount = forms.IntegerField(label=_("Within"), min_value=1, max_value=100_000)
    unit = forms.ChoiceField(choices=[(unit, unit) for unit in UNITS], required=False)
    calendar = forms.IntegerField(required=False)
    seen = forms.CharField(max_length=30, required=False)

    def plan(self) -> TargetPlan:
        data = self.cleaned_data
        minutes = data["amount"] * UNITS[data["unit"] or "minutes"]
        return TargetPlan(data["kind"], data["category"], data["priority"], minutes, data["calendar"])


class CalendarForm(forms.Form):
    """A calendar: seven texts with hours, Monday first."""

    name = forms.CharField(label=_("Name"), max_length=100)
    country = forms.CharField(max_length=10, required=False)
    is_default = forms.BooleanField(required=False)
    worked = ListField(required=False)
    worked_in = forms.CharField(max_length=10, required=False)
    seen = forms.CharField(max_length=30, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for n in range(DAYS):
            self.fields[f"day_{n}"] = forms.CharField(max_length=100, required=False)

    def plan(self) -> CalendarPlan:
        data = self.cleaned_data
        week = [data[f"day_{n}"] for n in range(DAYS)]
        # The ticks are about the country that the page showed them for.
        shown = bool(data["country"]) and data["worked_in"] == data["country"]
        worked = data["worked"] if shown else None
        return CalendarPlan(data["name"], week, data["country"], data["is_default"], worked)


class DayForm(forms.Form):
    """One day with hours of its own; none: free."""

    day = DayField(label=_("Day"))
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    hours = forms.CharField(label=_("Hours"), max_length=100, required=False)
