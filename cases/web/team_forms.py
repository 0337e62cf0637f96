"""What is typed about duty, hand-overs and the division of work, checked for shape only."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.rules.shifts import MOST_WEEKS, Pattern
from cases.services.rota import PostPlan, ShiftSeen
from cases.web.forms import LONG, DayField, MomentField, TextField

WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]
MOST_CHOSEN, MOST_LISTED = 50, 500


class ListField(forms.Field):
    """Words that were ticked, or typed with commas between them."""

    widget = forms.SelectMultiple

    def __init__(self, *, most: int = MOST_CHOSEN, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, value: Any) -> list[str]:
        parts = value if isinstance(value, list | tuple) else [value or ""]
        words = (word.strip() for part in parts for word in str(part).split(","))
        return list(dict.fromkeys(word[:50] for word in words if word))[: self.most]


class PostForm(forms.Form):
    """A duty post; a new one is in use."""

    name = forms.CharField(label=_("Name"), max_length=100)
    is_approver = forms.BooleanField(required=False)
    is_active = forms.BooleanField(required=False)
    function = forms.CharField(max_length=20, required=False)

    def plan(self, *, is_new: bool) -> PostPlan:
        data = self.cleaned_data
        return PostPlan(data["name"], data["is_approver"], is_new or data["is_active"], data["function"])


class ShiftsForm(forms.Form):
    """A shift, alone or in several weeks, in times of the clocks here."""

    person = forms.IntegerField(label=_("Who"))
    first = DayField(label=_("From day"))
    begin = forms.TimeField(label=_("From"))
    end = forms.TimeField(label=_("Until"))
    weekdays = ListField(label=_("Days"), required=False)
    is_on_call = forms.BooleanField(required=False)
    weeks = forms.IntegerField(label=_("Weeks"), min_value=1, max_value=MOST_WEEKS, required=False, initial=1)

    def pattern(self) -> Pattern:
        data = self.cleaned_data
        days = frozenset(int(day) for day in data["weekdays"] if day in dict(WEEKDAYS))
        return Pattern(data["first"], data["begin"], data["end"], days, data["weeks"] or 1)


class SeenShiftForm(forms.Form):
    """Any change of a shift carries what was seen of it, so that a stale page is refused."""

    seen_person = forms.IntegerField()
    seen_from = forms.CharField(max_length=40)
    seen_until = forms.CharField(max_length=40)
    seen_on_call = forms.BooleanField(required=False)

    def clean_seen_from(self) -> datetime:
        return _moment(self.cleaned_data["seen_from"])

    def clean_seen_until(self) -> datetime:
        return _moment(self.cleaned_data["seen_until"])

    def seen(self) -> ShiftSeen:
        data = self.cleaned_data
        span = data["seen_from"], data["seen_until"]
        return ShiftSeen(data["seen_person"], *span, data["seen_on_call"])


class ShiftForm(SeenShiftForm):
    """Whose a shift is from now on, and when. One that runs keeps its start."""

    person = forms.IntegerField(label=_("Who"))
    starts_at = MomentField(label=_("From"), required=False)
    ends_at = MomentField(label=_("Until"))
    is_on_call = forms.BooleanField(required=False)


class HandOverForm(forms.Form):
    """What is left for the next. `to`: "post:3" or "person:7"; `cases`: those that the page listed."""

    note = TextField(label=_("Note"), max_length=LONG)
    to = forms.RegexField(r"^((post|person):[0-9]{1,18})?$", label=_("To"), required=False)
    with_cases = forms.BooleanField(required=False)
    cases = ListField(required=False, most=MOST_LISTED)

    def chosen(self, kind: str) -> int | None:
        found, _colon, number = self.cleaned_data["to"].partition(":")
        return int(number) if found == kind else None


class LeaveWatchesForm(forms.Form):
    """One's own watches as the page listed them, and the post that keeps them from now on."""

    post = forms.IntegerField(label=_("Duty post"), min_value=1, max_value=2**63 - 1)
    watches = ListField(required=False, most=MOST_LISTED)


class SayForm(forms.Form):
    """A few words about a hand-over."""

    text = TextField(label=_("Text"), max_length=2000)


class RuleForm(forms.Form):
    """A rule that divides new cases; what is left empty fits everything."""

    name = forms.CharField(label=_("Name"), max_length=100)
    words = TextField(label=_("Words"), max_length=2000, required=False)
    languages = ListField(label=_("Languages"), required=False)
    platforms = ListField(required=False)
    categories = ListField(required=False)
    to = forms.RegexField(r"^(post|person):[0-9]{1,18}$", label=_("To"))
    by_load = forms.BooleanField(required=False)
    is_active = forms.BooleanField(required=False)
    seen = forms.CharField(max_length=16, required=False)

    def chosen(self, kind: str) -> int | None:
        found, _colon, number = self.cleaned_data["to"].partition(":")
        return int(number) if found == kind else None


def _moment(text: str) -> datetime:
    """A moment as a page wrote it down."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise forms.ValidationError(_("This is no moment.")) from wrong
    return found if timezone.is_aware(found) else timezone.make_aware(found)
