"""What a watch or an alarm is about, as people read it: its name, and the page where it is worked on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Escalation, Watch
from cases.models.subject import Kind, Subject
from cases.reasons import strongest


@dataclass(frozen=True, slots=True)
class Named:
    """A subject with the words for it. `name` stands inside a sentence, `title` above one."""

    subject: Subject
    name: str
    title: str

    @property
    def path(self) -> str:
        return path_of(self.subject)


def named(row: Watch | Escalation) -> Named:
    """Read with its situation and query (`SUBJECTS`), or it is looked up."""
    if row.situation is not None:
        return Named(
            row.subject, row.situation.name, _("Situation “%(name)s”") % {"name": row.situation.name}
        )
    if row.query is not None:
        return Named(row.subject, row.query.name, _("Query “%(name)s”") % {"name": row.query.name})
    words = {"case": row.subject.number}
    return Named(row.subject, _("case %(case)d") % words, _("Case %(case)d") % words)


def own_name(row: Watch | Escalation) -> str:
    """The name that people gave it, the same in every language; "" for a case."""
    about = row.situation or row.query
    return about.name if about else ""


def path_of(subject: Subject) -> str:
    """The page of a case, a situation or a query."""
    return reverse(f"cases:{subject.kind}", args=[subject.number])


def alarm(escalation: Escalation) -> str:
    """Why an escalation rings, in one to three sentences."""
    why = _WHY[escalation.subject.kind](escalation)
    facts = escalation.evidence
    also = _("It rises in case %(case)d.") % {"case": facts["case"]} if _tells_case(escalation) else ""
    evidence = strongest(facts) or str(facts.get("note") or "")
    return " ".join(part for part in (why, also, evidence) if part).strip()


def _tells_case(escalation: Escalation) -> bool:
    return escalation.case_id is None and isinstance(escalation.evidence.get("case"), int)


def _of_case(escalation: Escalation) -> str:
    case = {"case": escalation.case_id}
    why = {
        "worsened": _("The situation around case %(case)d gets worse.") % case,
        "blind": _("The watch on case %(case)d sees nothing: its source does not answer.") % case,
        "person says worse": _("Somebody on watch says that case %(case)d gets worse.") % case,
        "danger": _("Danger to life in case %(case)d. Call the control room now.") % case,
        "referred": _("Case %(case)d was handed to communications.") % case,
        "crisis": _("%(who)s says that case %(case)d is a crisis.") % (case | _who(escalation)),
        "approval overdue": _("Nobody approved the reply in case %(case)d in time. Decide what happens.")
        % case,
    }
    return why.get(escalation.cause, _("Case %(case)d needs communications.") % case)


def _of_situation(escalation: Escalation) -> str:
    name: Mapping[str, Any] = {"name": named(escalation).name}
    why = {
        "worsened": _("The situation %(name)s gets worse.") % name,
        "blind": _("The watch on the situation %(name)s sees nothing: its sources do not answer.") % name,
        "person says worse": _("Somebody on watch says that the situation %(name)s gets worse.") % name,
        "crisis": _("%(who)s says that the situation %(name)s is a crisis.") % {**name, **_who(escalation)},
    }
    return why.get(escalation.cause, _("The situation %(name)s needs communications.") % name)


def _of_query(escalation: Escalation) -> str:
    name: Mapping[str, Any] = {"name": named(escalation).name}
    why = {
        "worsened": _("What the query “%(name)s” hears gets worse.") % name,
        "blind": _("The watch on the query “%(name)s” sees nothing: its sources do not answer.") % name,
        "person says worse": _("Somebody on watch says that what the query “%(name)s” hears gets worse.")
        % name,
        "crisis": _("%(who)s says that what the query “%(name)s” hears is a crisis.")
        % {**name, **_who(escalation)},
    }
    return why.get(escalation.cause, _("What the query “%(name)s” hears needs communications.") % name)


def _who(escalation: Escalation) -> dict[str, str]:
    return {"who": escalation.evidence.get("who", "")}


_WHY = {Kind.CASE: _of_case, Kind.SITUATION: _of_situation, Kind.QUERY: _of_query}
