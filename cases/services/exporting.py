"""Taking a case out of the building: who did it is written down before anything leaves."""

from datetime import datetime

from django.db import transaction

from cases.models import Case, User
from cases.services import audit
from cases.services.transitions import lock


def note_case_file(case: Case, *, by: User, now: datetime, form: str, names: bool = False) -> None:
    """Write down that the file of a case was made, as a page or a PDF, with names of others or without."""
    with transaction.atomic():
        held = lock(case)
        facts = {"form": form, "names of others": names}
        audit.append(audit.subject_of(held.pk), "file made", by=by, now=now, facts=facts)
