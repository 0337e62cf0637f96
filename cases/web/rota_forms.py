"""What is typed about patterns of turns, swaps and absences, checked for shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.rules.patterns import OnHolidays, Row, Slot, Weeks
from cases.rules.shifts import MOST_WEEKS
from cases.services.patterns import PatternPlan
from cases.services.rota import RotaRefused
from cases.web.forms import DayField, MomentField, TextField
from cases.web.team_forms import ListField, SeenShiftForm

HOLIDAY = "holiday"
MOST_ROWS = 60
BLANK_ROWS = 4
ON_CALL = "on call"


class RowForm(forms.Form):
    """Turns that differ in their day alone. Without a day the row is empty and counts for nothing."""

    week = forms.IntegerField(required=False, min_value=0, max_value=MOST_WEEKS - 1)
    days = ListField(required=False)
    begin = forms.TimeField(label=_("From"), required=False)
    end = forms.TimeField(label=_("Until"), required=False)
    person = forms.IntegerField(label=_("Who"), required=False)
    kind = forms.CharField(max_length=10, required=False)

    def row(self) -> Row | None:
        """The row as it counts; None when it is empty. Raises RotaRefused when it is half filled in."""
        data = self.cleaned_data if self.is_valid() else {}
        days = [day for day in data.get("days", []) if day == HOLIDAY or day in "0123456"]
        if self.is_valid() and not days:
            return None
        if not data.get("begin") or not data.get("end") or not data.get("person"):
            raise RotaRefused(_now("A turn needs days, a time from and until, and somebody. Fill those in."))
        weekdays = tuple(None if day == HOLIDAY else int(day) for day in days)
        times = data["begin"], data["end"]
        return Row(data["week"], weekdays, *times, data["person"], data["kind"] == ON_CALL)


class PatternForm(forms.Form):
    """A pattern of some weeks; its turns are rows, numbered by prefix."""

    first = DayField(label=_("From day"))
    last = DayField(label=_("Until day"), required=False)
    n_weeks = forms.IntegerField(label=_("Weeks"), min_value=1, max_value=MOST_WEEKS)
    on_holidays = forms.ChoiceField(choices=[(one.value, one.value) for one in OnHolidays], required=False)
    calendar = forms.IntegerField(required=False)
    seen = forms.IntegerField(required=False)
    rows = forms.IntegerField(min_value=0, max_value=MOST_ROWS)

    def plan(self) -> PatternPlan:
        """What was typed. Raises RotaRefused for a row that is half filled in."""
        data = self.cleaned_data
        slots: list[Slot] = []
        for row in self.row_forms():
            found = row.row()
            slots += found.slots(data["n_weeks"]) if found else []
        holidays = OnHolidays(data["on_holidays"] or OnHolidays.AS_USUAL)
        weeks = Weeks(data["first"], tuple(slots), data["n_weeks"], data["last"], holidays)
        return PatternPlan(weeks, data["calendar"])

    def row_forms(self) -> list[RowForm]:
        n = min(int(self.data["rows"]), MOST_ROWS) if str(self.data.get("rows", "")).isdecimal() else 0
        return [RowForm(self.data, prefix=f"r{number}") for number in range(n)]

    def typed_rows(self) -> list[dict[str, Any]]:
        """The rows as they were typed, to be shown again with some empty ones."""
        shown = []
        for form in self.row_forms():
            words = {name: form[name].value() or "" for name in ("week", "begin", "end", "person", "kind")}
            days = list(form["days"].value() or [])
            if days or words["begin"]:
                shown.append({**words, "days": days})
        return shown + [{"days": [], "week": ""}] * BLANK_ROWS


def shown_rows(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows of a stored pattern as a form shows them, with some empty ones."""
    shown: list[dict[str, Any]] = [
        {
            "week": "" if row.week is None else str(row.week),
            "days": [HOLIDAY if day is None else str(day) for day in row.weekdays],
            "begin": f"{row.begin:%H:%M}",
            "end": f"{row.end:%H:%M}",
            "person": str(row.person),
            "kind": ON_CALL if row.is_on_call else "",
        }
        for row in rows
    ]
    return shown + [{"days": [], "week": ""}] * BLANK_ROWS


class EndForm(forms.Form):
    """The last day of a pattern."""

    last = DayField(label=_("Until day"))
    seen = forms.IntegerField()


class SwapForm(SeenShiftForm):
    """A swap. `to`: "person:7", "shift:12" (against that shift of its person), or nothing: anybody."""

    to = forms.RegexField(r"^((person|shift):[0-9]{1,18})?$", label=_("To"), required=False)
    note = TextField(label=_("Note"), max_length=500, required=False)

    def chosen(self, kind: str) -> int | None:
        found, _colon, number = self.cleaned_data["to"].partition(":")
        return int(number) if found == kind else None


class AbsenceForm(forms.Form):
    """Somebody is away; without a person: who fills it in."""

    person = forms.IntegerField(required=False)
    starts_at = MomentField(label=_("From"))
    ends_at = MomentField(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=10)
