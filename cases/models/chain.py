"""The self-check of the chain that brings alarms to people."""

from django.db import models
from django.db.models import Q


class ChainBeat(models.Model):
    """A test alarm to nobody: written by the beat, its step taken and its message delivered by the sweeps.

    `told_outside_at`: when a watchman outside was told that the whole chain works.
    """

    due_at = models.DateTimeField(db_index=True)
    stepped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    told_outside_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(stepped_at__isnull=False),
                name="a_test_alarm_is_delivered_after_its_step",
            ),
        ]

    def __str__(self) -> str:
        return f"test alarm of {self.due_at:%Y-%m-%d %H:%M}"
