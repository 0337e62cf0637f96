"""Who has which case on the screen: a glance, overwritten and never audited."""

from datetime import datetime, timedelta

from cases.models import Case, Presence, User

EVERY = timedelta(seconds=15)
"""A page asks more often than this; one write in that time is enough."""


def look(case_id: int, *, by: User, now: datetime) -> None:
    """Note that somebody looks at a case now. A case that does not exist is nothing to look at."""
    mine = Presence.objects.filter(person=by)
    if mine.filter(case_id=case_id, seen_at__gt=now - EVERY).exists():
        return
    if not Case.objects.filter(pk=case_id).exists():
        return
    if not mine.update(case_id=case_id, seen_at=now):
        # Two tabs may be first at once: one row is enough.
        Presence.objects.bulk_create(
            [Presence(person=by, case_id=case_id, seen_at=now)], ignore_conflicts=True
        )
