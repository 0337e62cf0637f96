"""What the beat ticks, and how often. Pure: the Celery configuration reads it without loading models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """One sweep: `task` looks for due rows every `every_s` seconds, on its own queue.

    A tick that nobody took within `expires_s` is thrown away: the next one finds the same rows.
    """

    task: str
    every_s: float
    queue: str
    expires_s: float


TICKS = (
    Tick(task="cases.tasks.poll_due_sources", every_s=2.0, queue="poll", expires_s=10.0),
    Tick(task="cases.tasks.refresh_due_sources", every_s=15.0, queue="poll", expires_s=14.0),
    Tick(task="cases.tasks.note_blind_sources", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.send_due_responses", every_s=2.0, queue="core", expires_s=10.0),
    Tick(task="cases.tasks.evaluate_due_watches", every_s=1.0, queue="core", expires_s=10.0),
    Tick(task="cases.tasks.remind_of_checks", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.take_due_steps", every_s=2.0, queue="core", expires_s=10.0),
    Tick(task="cases.tasks.ring_what_lapsed", every_s=5.0, queue="core", expires_s=20.0),
    Tick(task="cases.tasks.start_test_alarm", every_s=10.0, queue="core", expires_s=9.0),
    Tick(task="cases.tasks.tell_watchman", every_s=20.0, queue="poll", expires_s=19.0),
    Tick(task="cases.tasks.escalate_overdue_approvals", every_s=15.0, queue="core", expires_s=14.0),
    Tick(task="cases.tasks.deliver_notifications", every_s=2.0, queue="core", expires_s=10.0),
    Tick(task="cases.tasks.carry_on_batches", every_s=1.0, queue="core", expires_s=5.0),
    Tick(task="cases.tasks.tend_situations", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.tell_injects", every_s=5.0, queue="core", expires_s=10.0),
    Tick(task="cases.tasks.make_due_pictures", every_s=30.0, queue="core", expires_s=25.0),
    Tick(task="cases.tasks.mail_pictures", every_s=5.0, queue="core", expires_s=20.0),
    Tick(task="cases.tasks.give_warnings", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.tend_duty", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.tell_of_overdue_cases", every_s=60.0, queue="core", expires_s=50.0),
    Tick(task="cases.tasks.tidy_sources", every_s=15.0, queue="core", expires_s=14.0),
    Tick(task="cases.tasks.mail_audit_head", every_s=300.0, queue="core", expires_s=240.0),
    Tick(task="cases.tasks.audit_checkpoint", every_s=300.0, queue="core", expires_s=240.0),
)
