"""The address at which somebody's own calendar reads their shifts: signed, and ended by making another."""

from datetime import datetime

from django.db import transaction

from cases.models import DutyFeed, User
from cases.services import audit


def renew(*, by: User, now: datetime) -> int:
    """Make a new address for one's own shifts; the old one stops working. Returns its version."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=by.pk))
        feed, is_new = DutyFeed.objects.get_or_create(person=by)
        if not is_new:
            feed.version += 1
            feed.save(update_fields=["version"])
        audit.append(f"feed:{by.pk}", "calendar address made", by=by, now=now, facts={})
    return feed.version
