"""A step whose messages keep failing reached nobody: the next one does not wait for its time."""

from datetime import datetime

from django.db.models import Q

from cases.models import Escalation, Notification
from cases.rules import ladders
from cases.services.ways import FAILING


def hurry(message: Notification, *, now: datetime) -> bool:
    """Make the next step due now, when what was sent for the last one arrives at nobody.

    One conditional update without the lock of the case: a step that was taken meanwhile, an alarm that
    somebody took and one that rings anew are left as they are. `ringing.take_step` writes it down.
    """
    alarm = message.escalation
    if alarm is None or message.step + 1 != alarm.step or _may_still_arrive(message):
        return False
    if not ladders.may_come_early(alarm.ladder, alarm.step):
        return False
    still = Escalation.objects.filter(
        pk=alarm.pk,
        status=Escalation.Status.RUNNING,
        part_of=None,
        round=message.round,
        step=alarm.step,
        next_step_at__gt=now,
    )
    return bool(still.update(next_step_at=now))


def _may_still_arrive(message: Notification) -> bool:
    """Whether something of this step arrived at a person, is on its way, or waits for the morning."""
    step = Notification.objects.filter(
        escalation=message.escalation_id, round=message.round, step=message.step
    ).exclude(channel=Notification.Channel.IN_APP)
    # The channel of a post is for everybody there, and so counts for nobody.
    step = step.filter(Q(contact=None) | Q(contact__post=None))
    is_under_way = Q(due_at__isnull=False, n_attempts__lt=FAILING)
    return step.filter(Q(delivered_at__isnull=False) | is_under_way).exists()
