"""Who else has a case on the screen now."""

from datetime import datetime, timedelta

from cases.models import Presence, User

GONE = timedelta(seconds=45)
"""Whoever has not asked for so long has another page before them, or none."""


def looking(user: User, case_id: int, *, now: datetime) -> str:
    """The names of the colleagues who have a case open; "" = nobody else has."""
    others = Presence.objects.filter(case_id=case_id, seen_at__gt=now - GONE).exclude(person=user)
    return ", ".join(str(each.person) for each in others.select_related("person").order_by("person_id")[:10])
