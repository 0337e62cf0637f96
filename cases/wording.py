"""Sentences about cases, built from stored facts, in the language of who reads them."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Escalation

MOST_NOUGHTS = 6
"""Nobody feels a difference between one in a million and one in a billion."""


def alarm(escalation: Escalation) -> str:
    """Why an escalation rings, in one or two sentences."""
    case = {"case": escalation.case_id}
    why = {
        "worsened": _("The situation around case %(case)d gets worse.") % case,
        "blind": _("The watch on case %(case)d sees nothing: its source does not answer.") % case,
        "person says worse": _("Somebody on watch says that case %(case)d gets worse.") % case,
        "danger": _("Danger to life in case %(case)d. Call the control room now.") % case,
        "referred": _("Case %(case)d was handed to communications.") % case,
    }.get(escalation.cause, _("Case %(case)d needs communications.") % case)
    evidence = (
        worse(escalation.evidence) if escalation.evidence.get("n") else escalation.evidence.get("note", "")
    )
    return f"{why} {evidence}".strip()


def worse(facts: Mapping[str, Any]) -> str:
    """The sentence about counts, from the numbers that were stored with the verdict."""
    n, minutes = facts["n"], facts["window_s"] // 60
    sentences = [
        ngettext(
            "%(n)d post in the last %(minutes)d minutes; usual is %(usual)s.",
            "%(n)d posts in the last %(minutes)d minutes; usual is %(usual)s.",
            n,
        )
        % {"n": n, "minutes": minutes, "usual": _usual(facts)}
    ]
    if facts["level"] >= 1:
        odds = _odds(facts["probability"])
        sentences.append(_("Chance of this by accident: less than 1 in %(odds)s.") % {"odds": odds})
    return " ".join(sentences)


def _usual(facts: Mapping[str, Any]) -> str:
    low, high = facts["usual_low"], facts["usual_high"]
    return str(low) if low == high else _("%(low)d to %(high)d") % {"low": low, "high": high}


def _odds(probability: float) -> str:
    """The power of ten that the chance stays below: 3e-5 → "10,000"."""
    power = 1
    while power < MOST_NOUGHTS and probability < 10.0 ** -(power + 1):
        power += 1
    return number_format(10**power, force_grouping=True)
