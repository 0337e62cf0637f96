"""What the core worker does at a tick for whatever belongs to alarms, at a time that a test gives."""

from datetime import datetime

from cases.services import escalation, notifications, taking, watching


def sweep(*, now: datetime) -> None:
    """Judge what is due, end what was taken too long ago, take steps and deliver: as cases/tasks.py."""
    for watch_id in watching.due_watches(now=now):
        watching.evaluate(watch_id, now=now)
    for escalation_id in taking.due_lapses(now=now):
        taking.lapse(escalation_id, now=now)
    for escalation_id in escalation.due_escalations(now=now):
        escalation.take_steps(escalation_id, now=now)
    for notification_id in notifications.due_notifications(now=now):
        notifications.deliver(notification_id, now=now)
