"""The table of thresholds: what was typed in it, and how it is shown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.rules.cues import CueKind
from cases.rules.profiles import LIMITS, Limit, Problem, Profile, differences
from cases.services.profiles import ProfilePlan, sentence
from cases.web.profile_events import numbers
from cases.web.profile_words import ROWS, SIGNS
from cases.web.words import word

LEVELS = (1, 2, 3)
PARTED = re.compile(r"(?<=\d)[\s\u00a0\u202f.,](?=\d{3}(\D|$))")
PROFILE_ACTS = ("save", "look", "default", "retire", "restore")


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a row; `level` None: it counts at every level."""

    name: str
    value: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One threshold: a cell a level, None where a level has none; `wrong` says what is wrong with it."""

    key: str
    label: str
    cells: Sequence[Cell | None]
    wrong: str

    @property
    def is_single(self) -> bool:
        """One number that counts at every level."""
        return len(self.cells) == 1


@dataclass(frozen=True, slots=True)
class SignRows:
    """One sign with its rows."""

    sign: str
    label: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that would change, in words. `rings_sooner` None: neither sooner nor later on the whole."""

    label: str
    before: str
    after: str
    rings_sooner: bool | None


class ProfileForm(forms.Form):
    """The name of a profile and what to do; the table itself is read by `typed`."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    do = forms.ChoiceField(choices=[(each, each) for each in PROFILE_ACTS])
    seen = forms.IntegerField(required=False, min_value=1)


class CueForm(forms.Form):
    """A phrase to try or to add."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, kind.value) for kind in CueKind])
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[(each, each) for each in ("", "nl", "en")]
    )
    words = forms.CharField(label=_("Phrase"), max_length=200, required=False)
    do = forms.ChoiceField(choices=[("try", "try"), ("add", "add")])


class SwitchForm(forms.Form):
    """A phrase to switch on or off, with its version on the page."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in CueKind])
    phrase = forms.CharField(max_length=200)
    seen = forms.IntegerField(min_value=0)
    do = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])


def typed(sent: Mapping[str, str], name: str) -> ProfilePlan:
    """The table as somebody filled it in; what is no number stays as it was typed, and is refused later."""
    return ProfilePlan(
        name,
        {limit.key: [_number(sent.get(_cell(limit, n), "")) for n in range(limit.n)] for limit in LIMITS},
    )


def table(values: Mapping[str, Sequence[object]], problems: Sequence[Problem] = ()) -> Iterator[SignRows]:
    """The rows sign by sign, with the values given and what is wrong with them."""
    wrong = {each.key: each for each in problems}
    for sign, limits in groupby(LIMITS, key=lambda limit: limit.sign):
        rows = [_row(limit, values[limit.key], wrong.get(limit.key)) for limit in limits]
        yield SignRows(sign, word(SIGNS, sign), rows)


def changes(before: Profile, after: Profile) -> list[Change]:
    """What another table would change, row by row."""
    return [
        Change(word(ROWS, each.limit.key), numbers(each.before), numbers(each.after), each.rings_sooner)
        for each in differences(before, after)
    ]


def _row(limit: Limit, values: Sequence[object], problem: Problem | None) -> Row:
    label = word(ROWS, limit.key)
    shown = [Cell(_cell(limit, n), str(value), _level(limit, n)) for n, value in enumerate(values)]
    by_level = {cell.level: cell for cell in shown}
    cells = [by_level.get(level) for level in LEVELS] if limit.levels else list(shown)
    return Row(limit.key, label, cells, sentence(problem, label) if problem else "")


def _level(limit: Limit, n: int) -> int | None:
    return limit.levels[n] if n < len(limit.levels) else None


def _cell(limit: Limit, n: int) -> str:
    return f"{limit.key}-{n}"


def _number(text: str) -> int | str:
    """A whole number, also when its thousands are parted as people do; else the text itself."""
    digits = PARTED.sub("", text.strip())
    return int(digits) if re.fullmatch(r"\d{1,18}", digits, re.ASCII) else text
