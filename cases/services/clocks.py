"""When the case must be answered, set again when more is known of it."""

from cases import targets
from cases.models import Case


def set_due(case: Case) -> None:
    """Let a case be due by what it is now: its category, its priority, and when its clock started.

    In the caller's transaction, the case held. What was answered or closed stays as it was due.
    """
    if case.responded_at or case.closed_at:
        return
    due_at = targets.due_of(case)
    if due_at != case.due_at:
        Case.objects.filter(pk=case.pk).update(due_at=due_at)
        case.due_at = due_at
