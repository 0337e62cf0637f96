"""Every background job, thin: find due rows, take each by its own claim, let the service do the work."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog
from celery import current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from cases.reads.picture_content import collect
from cases.reads.watched import watched_posts
from cases.services import (
    announcing,
    answering,
    approvals,
    audit,
    batches,
    chaincheck,
    closing,
    escalation,
    exercises,
    imports,
    inflows,
    intake,
    mailing,
    notifications,
    outbox,
    overdue,
    patterns,
    pictures,
    proposing,
    publishing,
    reminding,
    removal,
    shifts,
    shortfalls,
    swaps,
    taking,
    telling,
    warnings,
    watching,
)
from monitoring import blindness, polling, refresh
from monitoring import intake as deliveries

log = structlog.get_logger(__name__)

ACTS: Mapping[str, batches.CarryOut] = {
    "answer": answering.carry_out,
    "tell": telling.carry_out,
    "close": closing.carry_out,
    "leave": closing.carry_out_leaving,
}
"""How each kind of batch is carried out."""

FOR_S = 8.0
"""A sweep makes room for the others after this long: what is left is due at the next tick."""

MAIL_FOR_S = 2.0
"""Shorter than the time-out of a mail server: one that answers nothing holds up one message a tick."""


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
def refresh_due_sources() -> int:
    """Hand every source with posts to look up again to a worker."""
    due = refresh.due_sources(now=timezone.now())
    for source_id in due:
        current_app.send_task("cases.tasks.refresh_source", [source_id], queue="poll", expires=60)
    return len(due)


@shared_task(ignore_result=True)
def refresh_source(source_id: int) -> int:
    """Look posts of one source up again if it is still due: safe to run twice, safe to lose."""
    now = timezone.now()
    source = refresh.take_source(source_id, now=now)
    if source is None:
        return 0
    upstairs = refresh.Upstairs(intake.open_cases, removal.on_gone, removal.on_back)
    return refresh.refresh(source, watched=watched_posts(source_id), upstairs=upstairs, now=now)


@shared_task(ignore_result=True)
def note_blind_sources() -> int:
    return blindness.note_overdue(now=timezone.now())


@shared_task(ignore_result=True)
def send_due_responses() -> int:
    now = timezone.now()
    n_done = _each(announcing.deliver, announcing.due(now=now))
    return n_done + _each(outbox.deliver, outbox.due_responses(now=now))


@shared_task(ignore_result=True)
def evaluate_due_watches() -> int:
    """Judge what is due, some hundred at once: those of new posts and those whose bucket closed."""
    n_done = _in_batches(watching.evaluate_many, watching.due_watches(now=timezone.now()))
    return _then("take_due_steps", n_done)


@shared_task(ignore_result=True)
def remind_of_checks() -> int:
    return _each(reminding.remind, reminding.due_reminders(now=timezone.now()))


@shared_task(ignore_result=True)
def take_due_steps() -> int:
    n_taken = _each(escalation.take_steps, escalation.due_escalations(now=timezone.now()))
    return _then("deliver_notifications", n_taken) + chaincheck.take_step(now=timezone.now())


@shared_task(ignore_result=True)
def ring_what_lapsed() -> int:
    """Ring again for alarms that somebody took and did nothing about."""
    return _each(taking.lapse, taking.due_lapses(now=timezone.now()))


@shared_task(ignore_result=True)
def start_test_alarm() -> bool:
    return chaincheck.beat(now=timezone.now())


@shared_task(ignore_result=True)
def tell_watchman() -> bool:
    """Tell the dead-man's switch outside; on the queue that waits for networks."""
    return chaincheck.tell_outside(now=timezone.now())


@shared_task(ignore_result=True)
def escalate_overdue_approvals() -> int:
    return _each(approvals.escalate_overdue, approvals.overdue(now=timezone.now()))


@shared_task(ignore_result=True)
def deliver_notifications() -> int:
    """Each way out has its own time: a mail server that is slow holds up no push message."""
    n_delivered = 0
    for channel in notifications.OUTSIDE:
        due = notifications.due_notifications(now=timezone.now(), channel=channel)
        n_delivered += _each(notifications.deliver, due, for_s=MAIL_FOR_S)
    return n_delivered + chaincheck.deliver(now=timezone.now())


@shared_task(ignore_result=True)
def carry_on_batches() -> int:
    """Acts on very many cases, and what an inflow finds of before, a few seconds each."""
    now = timezone.now()
    n_done = _each(lambda pk, *, now: batches.carry_on(pk, ACTS, now=now), batches.due(now=now))
    return n_done + _each(inflows.walk, inflows.to_walk(now=now))


@shared_task(ignore_result=True)
def tend_situations() -> int:
    """Propose what grows, tell owners that people wait for word, and leave nobody in what is closed."""
    now = timezone.now()
    return proposing.propose(now=now) + proposing.remind_of_word(now=now) + closing.send_home(now=now)


@shared_task(ignore_result=True)
def tell_injects() -> int:
    return exercises.tell_due(now=timezone.now())


@shared_task(ignore_result=True)
def make_due_pictures() -> int:
    """Drafts of the situations whose clock says so; nobody signs or mails them but a person."""
    due = pictures.due_situations(now=timezone.now())
    return _each(_make_picture, due)


@shared_task(ignore_result=True)
def mail_pictures() -> int:
    return _each(mailing.deliver, mailing.due_mails(now=timezone.now()), for_s=MAIL_FOR_S)


@shared_task(ignore_result=True)
def give_warnings() -> int:
    now = timezone.now()
    return warnings.warn(now=now) + shifts.remind(now=now)


@shared_task(ignore_result=True)
def tend_duty() -> int:
    """Write patterns out, close swaps that came to nothing, tell of posts with nobody there."""
    now = timezone.now()
    n_done = _each(patterns.write_out, patterns.due_patterns(now=now))
    n_done += _each(swaps.expire, swaps.over(now=now))
    return n_done + _each(shortfalls.tell, shortfalls.posts_to_look_at())


@shared_task(ignore_result=True)
def tell_of_overdue_cases() -> int:
    return overdue.tell_leads(now=timezone.now())


@shared_task(ignore_result=True)
def tidy_sources() -> int:
    """Forget files that were read to their end, and deliveries that nobody repeats any more."""
    now = timezone.now()
    return imports.finish(now=now) + deliveries.forget_deliveries(now=now)


@shared_task(ignore_result=True)
def mail_audit_head() -> bool:
    return publishing.mail_head(now=timezone.now())


@shared_task(ignore_result=True)
def audit_checkpoint() -> None:
    audit.checkpoint(now=timezone.now())


def _make_picture(situation_id: int, *, now: datetime) -> bool:
    return pictures.make_due(situation_id, collect=collect, now=now)


def _in_batches(work: Callable[..., int], ids: list[int], *, size: int = 200, for_s: float = FOR_S) -> int:
    """Do the work for many rows at once; of a batch that fails each row is tried, so that one fails alone."""
    n_done, until = 0, time.monotonic() + for_s
    for start in range(0, len(ids), size):
        batch = ids[start : start + size]
        try:
            n_done += work(batch, now=timezone.now())
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
                raise
            log.exception("batch_failed", work=work.__name__, rows=len(batch))
            n_done += _each(lambda row_id, *, now: work([row_id], now=now), batch, for_s=for_s)
        if time.monotonic() >= until:
            break
    return n_done


def _then(task: str, n_done: int) -> int:
    """Hint at the next sweep on the way of an alarm, if there may be work; its own tick comes anyway."""
    if n_done:
        with suppress(BrokerAway):
            current_app.send_task(f"cases.tasks.{task}", queue="core", expires=10)
    return n_done


def _each(work: Callable[..., object], ids: Iterable[int], *, for_s: float = FOR_S) -> int:
    """Do the work for every row while the time lasts; one that fails is logged and holds up no other.

    A task that must stop stops, and so does a sweep whose database is away: that is no row's fault.
    """
    n_done, until = 0, time.monotonic() + for_s
    for row_id in ids:
        try:
            n_done += bool(work(row_id, now=timezone.now()))
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
                raise
            log.exception("work_failed", work=work.__name__, row=row_id)
        if time.monotonic() >= until:
            break
    return n_done
