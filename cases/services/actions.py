"""What an officer did last, kept so that one key can take it back."""

from datetime import datetime
from typing import Any

from cases.models import Case, TriageAction, User
from cases.services import audit

REMEMBERED = ("state", "category", "outcome", "is_urgent", "assignee_id", "lead_id")
MOMENTS = ("snoozed_until", "assessed_at", "responded_at", "due_at", "restarted_at")


def snapshot(case: Case, *, batch: str = "") -> dict[str, Any]:
    """What undo must put back, as it is before the action; nothing when `remember` will not write it."""
    if batch != audit.batch():
        return {}
    newest = case.assessments.order_by("-n").first()
    answers = dict(newest.answers) if newest and newest.completed_at is None else {}
    moments = {name: getattr(case, name) for name in MOMENTS}
    return (
        {name: getattr(case, name) for name in REMEMBERED}
        | {name: at and at.isoformat() for name, at in moments.items()}
        | {"answers": answers}
    )


def remember(
    officer: User, case: Case, kind: str, before: dict[str, Any], *, now: datetime, batch: str = ""
) -> None:
    """Write down an action in the caller's transaction. `before` comes from `snapshot`.

    Of what is done to many cases at once only `many` writes, once a case and with the word of the
    batch: the steps inside it are no actions of their own.
    """
    if batch != audit.batch():
        return
    TriageAction.objects.create(
        officer=officer, case=case, kind=kind, before=before, after_state=case.state, at=now, batch=batch
    )
