"""Whoever goes home leaves their watches with the post: whoever is on duty there is called from then on."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import DutyPost, User, Watch
from cases.services import transitions, watching

MOST = 500


def leave_watches(watch_ids: Collection[int], post: DutyPost, *, by: User, now: datetime) -> list[int]:
    """Put one's own watches in the name of a duty post, all at once; returns which.

    Of those that were shown only the ones that still run and are still one's own: a second press, or
    what a colleague took meanwhile, changes nothing. Raises WatchRefused for a post out of use.
    """
    with transaction.atomic():
        own = Watch.objects.filter(pk__in=sorted(watch_ids)[:MOST], watcher=by, ended_at=None)
        transitions.hold(sorted(own.values_list("case", flat=True)))
        left = []
        for watch in own.select_related("case__post").order_by("pk"):
            watching.hand(watch, by=by, now=now, post=post, note=_("end of the shift"))
            left.append(watch.pk)
    return left
