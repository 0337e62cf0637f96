"""What officers type, checked for shape only: whether it is allowed is for the services to say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.reads.later import moments
from cases.reads.listening import LEGAL_BASES
from cases.rules.later import Later
from cases.rules.workflow import State
from cases.services.responses import Seen
from cases.web.fields import DayField as DayField
from cases.web.fields import MomentField as MomentField
from cases.web.fields import TextField as TextField
from cases.web.fields import in_our_time as in_our_time
from cases.web.words import LEGAL_BASES as BASIS_WORDS
from cases.web.words import word

SEEN = [(state.value, state.value) for state in State]
LONG = 5000


class SeenForm(forms.Form):
    """Any change of a case: carries the state that the officer saw, so that a stale page is refused."""

    seen = forms.ChoiceField(choices=SEEN, required=False)

    @property
    def seen_state(self) -> State | None:
        seen = self.cleaned_data.get("seen")
        return State(seen) if seen else None


class TakeForm(forms.Form):
    """Taking a case; over from the colleague whom the officer saw at it."""

    over = forms.BooleanField(required=False)
    holder = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class MergeForm(SeenForm):
    """The number of the case that another becomes a part of."""

    into = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class AnswerForm(SeenForm):
    """One answer. `also` holds further categories that are true; `option` a shortcut taken with it."""

    question = forms.CharField(label=_("Question"), max_length=40)
    choice = forms.CharField(label=_("Choice"), max_length=40)
    also = forms.Field(required=False, widget=forms.SelectMultiple)
    option = forms.CharField(max_length=40, required=False)

    @property
    def choices(self) -> list[str]:
        also = self.data.getlist("also") if hasattr(self.data, "getlist") else []
        return list(dict.fromkeys([self.cleaned_data["choice"], *also]))


class ToggleForm(SeenForm):
    toggle = forms.CharField(max_length=40)
    on = forms.BooleanField(required=False)


class PlanForm(SeenForm):
    """How a watch is kept: by whom, what would be worse, how often to look, for how long."""

    watcher = forms.IntegerField(label=_("Watcher"), required=False)
    rule = forms.CharField(label=_("What would be worse"), max_length=500, required=False)
    every_minutes = forms.IntegerField(
        label=_("Look every"), min_value=5, max_value=7 * 24 * 60, required=False
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=90, required=False)


class ChooseForm(PlanForm):
    option = forms.CharField(label=_("Choice"), max_length=40)
    reason = TextField(label=_("Reason"), max_length=LONG, required=False)
    what_we_do = forms.CharField(max_length=LONG, required=False)


class ExitForm(SeenForm):
    """Leaving the scheme. What is put aside comes back at a moment offered, or at `until`."""

    reason = TextField(label=_("Reason"), max_length=LONG, required=False)
    later = forms.ChoiceField(choices=[(each.value, each.value) for each in Later], required=False)
    until = MomentField(label=_("Another time"), required=False)

    def returns_at(self, now: datetime) -> datetime | None:
        """When it comes back, if that was said."""
        chosen, until = self.cleaned_data["later"], self.cleaned_data["until"]
        return moments(now=now).get(Later(chosen)) if chosen else until


class SeenReplyForm(forms.Form):
    """Any change of a reply: carries what the officer saw of it, so that a stale page is refused."""

    seen_revision = forms.IntegerField(min_value=0, required=False)
    seen_thread = forms.IntegerField(min_value=0, required=False)
    seen_version = forms.CharField(max_length=200, required=False)
    seen_claims = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)

    @property
    def seen(self) -> Seen:
        version = self.cleaned_data["seen_version"] if "seen_version" in self.data else None
        told = self.cleaned_data
        return Seen(told.get("seen_revision"), told.get("seen_thread"), version, told.get("seen_claims"))


class DraftForm(SeenReplyForm):
    """A reply as typed. The six elements come as `element_<id>`: ticked or not."""

    text = TextField(max_length=20_000, required=False, strip=False)
    claim = TextField(max_length=LONG, required=False)
    fact_source = forms.CharField(max_length=2000, required=False)
    inquiry = TextField(max_length=LONG, required=False)
    what_we_do = forms.CharField(max_length=LONG, required=False)
    audience = forms.CharField(max_length=200, required=False)
    holding_until = MomentField(required=False)
    promise = forms.CharField(max_length=500, required=False)
    promise_due_at = MomentField(required=False)

    def elements(self, ids: Sequence[str]) -> dict[str, str]:
        """Which core elements were answered; the rest counts as skipped."""
        return {element: "answered" for element in ids if self.data.get(f"element_{element}")}


class ApproveForm(SeenReplyForm):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    text = TextField(max_length=20_000, required=False, strip=False)


class ElsewhereForm(SeenForm):
    medium = forms.CharField(max_length=20)
    note = TextField(max_length=LONG, required=False)


class NoteForm(SeenForm):
    """A word beside a step: of a check, of a return, of a closing."""

    note = forms.CharField(max_length=500, required=False)


class PauseForm(forms.Form):
    """A pause always ends: after so many minutes, or at a moment."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=72 * 60, required=False)
    until = MomentField(label=_("Until"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class HandForm(forms.Form):
    """Who keeps a watch from now on: a person, a duty post, or both."""

    watcher = forms.IntegerField(label=_("Watcher"), required=False)
    post = forms.IntegerField(label=_("Duty post"), min_value=1, max_value=2**62, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class FloorForm(forms.Form):
    """The lowest level of a watch, set by a person."""

    level = forms.IntegerField(label=_("Level"), min_value=0, max_value=4)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class BoardForm(forms.Form):
    """Which watches to show; what is not understood is left out."""

    mine = forms.BooleanField(required=False)
    post = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    level = forms.IntegerField(min_value=0, max_value=4, required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


class LookBackForm(forms.Form):
    """Whether an alarm was right; `seen` is what stood on the page."""

    said = forms.ChoiceField(choices=[("right", "right"), ("false", "false")])
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)
    seen = forms.CharField(max_length=10, required=False)


class SpanForm(forms.Form):
    """Which alarms to look back at."""

    days = forms.IntegerField(min_value=1, max_value=366, required=False)
    profile = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class DecideForm(PlanForm):
    approach = forms.CharField(max_length=40)
    reason = TextField(max_length=LONG, required=False)


class AssignForm(forms.Form):
    officer = forms.IntegerField(required=False)


class CaptureForm(forms.Form):
    """A post that somebody saw or was told about: an address, its text, or both.

    `asked` is the address that its platform was asked for already, so that it is not asked twice.
    """

    channel = forms.ChoiceField(
        choices=[("link", "link"), ("phone", "phone")], initial="link", required=False
    )
    url = forms.URLField(max_length=2000, required=False, assume_scheme="https")
    text = TextField(max_length=20_000, required=False)
    author = forms.CharField(max_length=200, required=False)
    key = forms.CharField(max_length=64, required=False)
    asked = forms.CharField(max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("url") and not (cleaned.get("text") or "").strip() and not self.errors:
            raise forms.ValidationError(_("Give the address of the post, or its text."))
        return cleaned


class QueryForm(forms.Form):
    """Something to listen for, with its grounds: all are required.

    `seen` is the query as the page showed it; `person_asked`: the question whether it is about a person
    was put already.
    """

    name = forms.CharField(max_length=100)
    terms = TextField(max_length=2000)
    purpose = forms.CharField(max_length=500)
    legal_basis = forms.ChoiceField(choices=[(basis, basis) for basis in LEGAL_BASES])
    owner = forms.IntegerField()
    ends_on = DayField()
    is_on_person = forms.BooleanField(required=False)
    sources = forms.Field(required=False, widget=forms.SelectMultiple)
    seen = forms.CharField(max_length=32, required=False)
    person_asked = forms.BooleanField(required=False)

    @property
    def source_ids(self) -> list[int]:
        chosen = self.data.getlist("sources") if hasattr(self.data, "getlist") else []
        return [int(pk) for pk in chosen if str(pk).isdecimal() and len(pk) < 19]

    @property
    def chosen_ids(self) -> list[int]:
        """The sources that stand ticked on the page."""
        return self.source_ids if self.is_bound else list(self.initial.get("sources", ()))


class PreviewForm(QueryForm):
    """The same form before it is finished: only the words are needed to look what they bring."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name == "terms"


class VerdictForm(forms.Form):
    """What the privacy officer decides about a query, and the query as they saw it."""

    verdict = forms.ChoiceField(choices=[("approve", "approve"), ("refuse", "refuse")])
    reason = forms.CharField(max_length=500, required=False)
    seen = forms.CharField(max_length=32, required=False)


def legal_bases() -> list[tuple[str, str]]:
    return [(basis, word(BASIS_WORDS, basis)) for basis in LEGAL_BASES]
