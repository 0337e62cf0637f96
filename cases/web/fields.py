"""What people type in a field, as the services take it: text, moments and days."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.rules.later import FIRST_YEAR, LAST_YEAR


def in_our_time(moment: date | None) -> None:
    """Raises ValidationError for what lies too far away to reckon with."""
    if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise forms.ValidationError(_("Give a day between 1970 and 2200."))


class TextField(forms.CharField):
    """Text of more lines. A browser sends a line end as two characters; platforms count and show one."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class MomentField(forms.DateTimeField):
    """A moment that somebody fills in; one at the ends of the calendar is no moment in any time zone."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def validate(self, value: Any) -> None:
        super().validate(value)
        in_our_time(value)


class DayField(forms.DateField):
    """A day that somebody fills in."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        in_our_time(value)
