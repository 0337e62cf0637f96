"""The audit trail: append-only rows, chained per subject, with checkpoints over all subjects."""

from django.db import models


class AuditEvent(models.Model):
    """Who did what to which subject, when, from where and with which result.

    `actor_id` and `actor_name` are copies, not references: history outlives people, and a
    row that never changes cannot follow a foreign key. The database refuses every UPDATE
    and DELETE (migration 0003).
    """

    subject = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=40)
    result = models.CharField(max_length=40)
    origin = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "seq"], name="events_of_a_subject_are_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq} {self.action}"


def case_subject(case_id: int) -> str:
    """The name under which a case's events are chained."""
    return f"case:{case_id}"


class AuditCheckpoint(models.Model):
    """Chains the newest hash of every subject that changed, so that removing a subject is found too.

    `heads` maps subject → [seq, hash] for subjects with events after `last_event_id` of the
    checkpoint before.
    """

    last_event_id = models.BigIntegerField()
    heads = models.JSONField()
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["previous_hash"], name="checkpoints_are_one_chain"),
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.pk} up to event {self.last_event_id}"
