"""What became of an alarm, in the timeline of its case: a sentence, a detail, an icon and a tone."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]
Said = tuple[str, str, str, str]


def _acknowledged(who: str, facts: Facts) -> Said:
    if facts.get("result") != "done":
        return (_("%(who)s wanted to take an alarm that was over already") % {"who": who}, "", "siren", "")
    return (_("%(who)s took the alarm") % {"who": who}, "", "siren", "acc")


def _step_taken(who: str, facts: Facts) -> Said:
    people = ", ".join(str(person) for person in [*facts.get("people", []), *facts.get("instead", [])])
    if not people or facts.get("result") == "nobody could be reached":
        return (_("Nobody could be reached; the next step was taken"), "", "bell", "hot")
    asleep = ", ".join(str(person) for person in facts.get("asleep", []))
    waits = _("Waits for the end of the quiet hours of %(people)s") % {"people": asleep} if asleep else ""
    return (_("Alarm sent to %(people)s") % {"people": people}, waits, "bell", "hot")


def _step_failed(who: str, facts: Facts) -> Said:
    people = ", ".join(str(person) for person in facts.get("people", []))
    said = _("No message arrived at %(people)s; the next step did not wait")
    return (said % {"people": people}, "", "bell", "hot")


def _proposed(who: str, facts: Facts) -> Said:
    people = ", ".join(str(person) for person in facts.get("people", []))
    said = _("Nobody took this serious alarm for two hours: %(people)s are asked whether it is a crisis")
    return (said % {"people": people}, "", "siren", "hot")


def _nobody_took(who: str, facts: Facts) -> Said:
    people = ", ".join(str(person) for person in facts.get("people", []))
    said = _("The ladder came to its end and nobody has taken the alarm; told to %(people)s")
    return (said % {"people": people}, "", "siren", "hot")


def _ran_out(who: str, facts: Facts) -> Said:
    said = _("%(taker)s took the alarm and nothing was written down since; it rings again")
    return (said % {"taker": facts.get("taken by", "")}, "", "siren", "hot")


def _offered(who: str, facts: Facts) -> Said:
    names = {"who": who, "to": facts.get("to", "")}
    return (_("%(who)s asks %(to)s to take the alarm over") % names, "", "siren", "")


def _escalated(who: str, facts: Facts) -> Said:
    return (_("An alarm was raised"), str(facts.get("note") or ""), "siren", "hot")


def _more_evidence(who: str, facts: Facts) -> Said:
    return (_("There is more reason for the alarm"), str(facts.get("note") or ""), "siren", "hot")


def _of_situation(who: str, facts: Facts) -> Said:
    said = _("This got worse; the alarm rings for the situation")
    return (said, str(facts.get("note") or ""), "siren", "hot")


SENTENCES: Mapping[str, Callable[[str, Facts], Said]] = {
    "acknowledged": _acknowledged,
    "step taken": _step_taken,
    "step failed": _step_failed,
    "crisis proposed": _proposed,
    "nobody has taken it": _nobody_took,
    "acknowledgement ran out": _ran_out,
    "alarm offered": _offered,
    "escalated": _escalated,
    "escalated further": _escalated,
    "more evidence": _more_evidence,
    "alarm of the situation": _of_situation,
}
