"""Holds what is watched or rings: the row by which everybody waits who changes its watch or its alarm."""

from cases.models import Case, Situation
from cases.models.subject import Kind, Subject
from cases.services.transitions import lock
from monitoring.models import Query


def hold(subject: Subject, case: Case | None = None, *, with_lead: bool = True) -> Case | None:
    """Hold a case, a situation or a query until the transaction ends; the case, if it is one.

    `case`: as it was read already. Its situation is held after it, for its alarms ring there
    (docs/architecture.md, "Who waits for whom"); watches come after both.
    """
    if subject.kind is Kind.CASE:
        held = lock(case or Case(pk=subject.number), with_lead=with_lead and case is not None)
        if held.situation_id:
            hold_situation(held.situation_id)
        return held
    if subject.kind is Kind.SITUATION:
        hold_situation(subject.number)
    else:
        Query.objects.select_for_update().get(pk=subject.number)
    return None


def hold_situation(number: int) -> Situation:
    return Situation.objects.select_for_update(of=("self",), no_key=True).get(pk=number)
