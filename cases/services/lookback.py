"""After the event: a person says whether an alarm was right, so that profiles can be improved."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Escalation, User
from cases.services import audit
from cases.services.subjects import hold

LONGEST = 500


class LookBackRefused(Exception):
    """This cannot be said of the alarm like this."""


def say(
    alarm: Escalation, *, is_false: bool, reason: str = "", by: User, now: datetime, seen: str | None = None
) -> bool:
    """Say that an alarm was right or false; it may be said again, and the trail keeps every word.

    `seen`: what stood on the page ("right", "false" or ""). False when the same was said already with no
    new reason. Raises LookBackRefused for a false alarm without a reason, one that still rings, or one
    of which somebody said something else meanwhile.
    """
    reason = reason.strip()[:LONGEST]
    with transaction.atomic():
        hold(alarm.subject, alarm.case)
        held = Escalation.objects.select_for_update(of=("self",)).get(pk=alarm.pk)
        before = said_of(held)
        if held.status == Escalation.Status.RUNNING:
            raise LookBackRefused(_("This alarm still rings. Take it first; look back at it afterwards."))
        if seen is not None and seen != before:
            raise LookBackRefused(_("A colleague said something else of this alarm. Look again."))
        if is_false and not reason:
            raise LookBackRefused(_("Say why it was a false alarm: the profile is improved by it."))
        if held.is_false == is_false and not reason:
            return False
        held.is_false, held.looked_back_by, held.looked_back_at = is_false, by, now
        held.save(update_fields=["is_false", "looked_back_by", "looked_back_at"])
        facts = {"escalation": held.pk, "before": before, "after": said_of(held), "reason": reason}
        audit.append(alarm.subject.trail, "looked back", by=by, now=now, facts=facts)
    alarm.is_false, alarm.looked_back_by, alarm.looked_back_at = is_false, by, now
    return True


def said_of(alarm: Escalation) -> str:
    """What was said of an alarm, in a word."""
    return {True: "false", False: "right", None: ""}[alarm.is_false]
