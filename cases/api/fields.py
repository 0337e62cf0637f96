"""Fields that several endpoints share: the state that was seen, texts of the scheme, a page of a list."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers

from cases.access import LARGEST_ID
from cases.rules.later import FIRST_YEAR, LAST_YEAR
from cases.rules.scheme import Texts, text
from cases.rules.workflow import State

STATES = [state.value for state in State]
LONG = 5000

Shape = serializers.Serializer[Any]


class SchemeText(serializers.CharField):
    """A text of the scheme, in the language of the request (Accept-Language)."""

    def to_representation(self, value: Any) -> str:
        texts: Texts = value
        return text(texts, get_language() or "en")


class MomentField(serializers.DateTimeField):
    """A moment that somebody sends; one at the ends of the calendar is no moment in any time zone."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            found: datetime = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("overflow")
        return found


class DayField(serializers.DateField):
    """A day that somebody sends."""

    def to_internal_value(self, value: Any) -> date:
        found: date = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("invalid", format="YYYY-MM-DD")
        return found


class SearchedField(serializers.CharField):
    """One value of a search: a text, or true or false."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return data if isinstance(data, bool) else super().run_validation(data)


class SeenIn(Shape):
    """A change of a case carries the state you saw: when it is another one by now, nothing is done."""

    seen = serializers.ChoiceField(choices=STATES, help_text="The state of the case as you last read it.")


class PageIn(Shape):
    """Which page of a list."""

    before = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        default=None,
        help_text="Only what has a number below this; `next` holds it for the next page.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=40)


class PersonOut(Shape):
    """A colleague."""

    username = serializers.CharField()
    name = serializers.CharField(source="__str__")


def reason_field(what: str = "Why.", *, required: bool = False) -> serializers.CharField:
    """A few words that are kept with the decision."""
    if required:
        return serializers.CharField(max_length=LONG, help_text=what)
    return serializers.CharField(
        max_length=LONG, required=False, allow_blank=True, default="", help_text=what
    )


def seen_in(sent: dict[str, Any]) -> State:
    """The state that came with a change (`SeenIn`)."""
    return State(sent["seen"])


def words_field(what: str, *, most: int = LONG) -> serializers.CharField:
    """An optional text; absent means empty."""
    return serializers.CharField(
        max_length=most, required=False, allow_blank=True, default="", help_text=what
    )
