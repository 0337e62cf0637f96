"""Every background job, thin: find due rows, take each by its own claim, let the service do the work."""

from collections.abc import Callable, Iterable

import structlog
from celery import current_app, shared_task
from django.utils import timezone

from cases.services import audit, escalation, intake, notifications, outbox, watching
from monitoring import polling

log = structlog.get_logger(__name__)


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
    return _each(outbox.deliver, outbox.due_responses(now=timezone.now()))


@shared_task(ignore_result=True)
def evaluate_due_watches() -> int:
    return _each(watching.evaluate, watching.due_watches(now=timezone.now()))


@shared_task(ignore_result=True)
def take_due_steps() -> int:
    return _each(escalation.take_steps, escalation.due_escalations(now=timezone.now()))


@shared_task(ignore_result=True)
def deliver_notifications() -> int:
    return _each(notifications.deliver, notifications.due_notifications(now=timezone.now()))


@shared_task(ignore_result=True)
def audit_checkpoint() -> None:
    audit.checkpoint(now=timezone.now())


def _each(work: Callable[..., object], ids: Iterable[int]) -> int:
    """Do the work for every row; one that fails is logged and never holds up the others."""
    n_done = 0
    for row_id in ids:
        try:
            n_done += bool(work(row_id, now=timezone.now()))
        except Exception:
            log.exception("work_failed", work=work.__name__, row=row_id)
    return n_done
