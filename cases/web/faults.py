"""Where the words of a query go wrong, to show under the field that they were typed in."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.reads.listening import names_account
from cases.web.words import FAULTS, word
from monitoring.queries.language import BadQuery


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the words of a query go wrong: the text around the place, and the sentence."""

    before: str
    wrong: str
    after: str
    sentence: str
    position: int


def sentence_of(wrong: BadQuery) -> str:
    return _("%(sentence)s (character %(n)d)") % {"sentence": word(FAULTS, wrong.fault), "n": wrong.position}


def fault_in(terms: str) -> Fault | None:
    """Where typed words go wrong; None when they do not, or when nothing was typed."""
    terms = terms.replace("\r\n", "\n")
    if not terms.strip():
        return None
    try:
        names_account(terms)
    except BadQuery as wrong:
        start = wrong.position - 1
        end = start + max(1, wrong.length)
        return Fault(terms[:start], terms[start:end], terms[end:], sentence_of(wrong), wrong.position)
    return None
