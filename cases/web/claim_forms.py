"""What officers type about claims, checked for shape only: whether it is allowed the services say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.services import answers, claims
from cases.services.answers import AnswerPlan
from cases.services.claims import SourcePlan, Verdict
from cases.web.forms import MomentField, TextField

MOST_NUMBER = 2**63 - 1


def _number(*, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=MOST_NUMBER, required=required)


class NumbersField(forms.Field):
    """Ticked rows: their numbers."""

    widget = forms.SelectMultiple

    def clean(self, value: object) -> list[int]:
        ticked = [str(each) for each in value] if isinstance(value, list) else []
        return [min(int(each[:20]), MOST_NUMBER) for each in ticked if each.isdecimal()]


class ClaimForm(forms.Form):
    """A statement, and the case or situation that it comes from."""

    statement = TextField(label=_("Claim"), max_length=claims.LONGEST, required=False)
    case = _number(required=False)
    situation = _number(required=False)


class SeenClaimForm(forms.Form):
    """Any change of a claim: carries the revision that the officer saw, so that a stale page is refused."""

    seen = forms.IntegerField(min_value=0, max_value=MOST_NUMBER)


class RewordForm(SeenClaimForm):
    statement = TextField(label=_("Claim"), max_length=claims.LONGEST, required=False)


class DecideClaimForm(SeenClaimForm):
    status = forms.CharField(label=_("Status"), max_length=10, required=False)
    reason = TextField(label=_("Reason"), max_length=claims.LONGEST_REASON, required=False)
    sources = NumbersField(required=False)

    def verdict(self) -> Verdict:
        data = self.cleaned_data
        return Verdict(data["status"], data["reason"], data["sources"])


class MergeClaimForm(SeenClaimForm):
    into = _number()


class FactForm(forms.Form):
    title = forms.CharField(label=_("Source"), max_length=300, required=False)
    url = forms.CharField(label=_("Address"), max_length=2000, required=False)
    says = TextField(label=_("What it says"), max_length=5000, required=False)

    def plan(self) -> SourcePlan:
        return SourcePlan(**self.cleaned_data)


class WithdrawFactForm(SeenClaimForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class AnswerToClaimForm(forms.Form):
    text = TextField(label=_("Answer"), max_length=answers.LONGEST, required=False)
    language = forms.CharField(label=_("Language"), max_length=10, required=False)
    channel = forms.CharField(label=_("Platform"), max_length=30, required=False)
    valid_until = MomentField(label=_("Valid until"), required=False)

    def plan(self) -> AnswerPlan:
        return AnswerPlan(**self.cleaned_data)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class LinkForm(forms.Form):
    claim = _number()


class LinkManyForm(forms.Form):
    case = NumbersField(required=False)
