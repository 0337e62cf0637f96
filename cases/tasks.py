"""Every background job, thin: find due rows, take each by its own claim, let the service do the work."""

from celery import current_app, shared_task
from django.utils import timezone

from cases.services import audit, escalation, intake, notifications, outbox, watching
from monitoring import polling


@shared_task(ignore_result=True)
def poll_due_sources() -> int:
    """Hand every due source to a worker; a hint that is lost comes again with the next tick."""
    due = polling.due_sources(now=timezone.now())
    for source_id in due:
        current_app.send_task("cases.tasks.poll_source", [source_id], queue="poll", expires=60)
    return len(due)


@shared_task(ignore_result=True)
def poll_source(source_id: int) -> int:
    """Poll one source if it is still due: safe to run twice, safe to lose."""
    now = timezone.now()
    source = polling.take_source(source_id, now=now)
    if source is None:
        return 0
    return polling.poll(source, on_page=intake.open_cases, now=now)


@shared_task(ignore_result=True)
def send_due_responses() -> int:
    due = outbox.due_responses(now=timezone.now())
    return sum(outbox.deliver(response_id, now=timezone.now()) for response_id in due)


@shared_task(ignore_result=True)
def evaluate_due_watches() -> int:
    due = watching.due_watches(now=timezone.now())
    return sum(watching.evaluate(watch_id, now=timezone.now()) is not None for watch_id in due)


@shared_task(ignore_result=True)
def take_due_steps() -> int:
    return escalation.take_due_steps(now=timezone.now())


@shared_task(ignore_result=True)
def deliver_notifications() -> int:
    due = notifications.due_notifications(now=timezone.now())
    return sum(notifications.deliver(notification_id, now=timezone.now()) for notification_id in due)


@shared_task(ignore_result=True)
def audit_checkpoint() -> None:
    audit.checkpoint(now=timezone.now())
