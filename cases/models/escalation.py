"""Alarms: who must be told, who was told, and who has it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.models.watch import Watch


class Escalation(models.Model):
    """One alarm on one case. The ladder is copied in when it is raised and never changes after.

    `step` is the next step to take, due at `next_step_at`; acknowledging clears the due time.
    A higher level starts the ladder again as a new `round`.
    """

    class Status(models.TextChoices):
        RUNNING = "running"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="escalations")
    watch = models.ForeignKey(
        Watch, on_delete=models.SET_NULL, null=True, blank=True, related_name="escalations"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.RUNNING)
    cause = models.CharField(max_length=30)
    level = models.PositiveSmallIntegerField()
    evidence = models.JSONField(default=dict)
    ladder = models.JSONField()
    round = models.PositiveIntegerField(default=1)
    step = models.PositiveIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    raised_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_escalation_per_case",
            ),
            models.CheckConstraint(
                condition=Q(status="running") | Q(next_step_at__isnull=True),
                name="only_a_running_escalation_has_a_next_step",
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=4), name="an_escalation_level_is_1_to_4"
            ),
        ]
        indexes = [
            models.Index(fields=["next_step_at"], condition=Q(status="running"), name="escalation_steps_due"),
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk} of case {self.case_id}"


class Notification(models.Model):
    """One message to one person over one channel; `key` is the same at every attempt.

    An alarm is of an escalation; any other kind is `about` a subject of the trail ("query:3").
    """

    class Channel(models.TextChoices):
        IN_APP = "in-app"
        EMAIL = "email"

    class Kind(models.TextChoices):
        ALARM = "alarm"
        SOURCE_STOPPED = "source stopped"
        QUERY_ENDING = "query ending"
        QUERY_WAITS = "query waits"
        QUERY_DECIDED = "query decided"
        APPROVAL_WAITS = "approval waits"
        TASK_DUE = "task due"
        OVERDUE = "overdue"
        HANDED_OVER = "handed over"
        ASSIGNED = "assigned"
        REVIEW_WAITS = "review waits"

    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ALARM)
    about = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    escalation = models.ForeignKey(
        Escalation, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    round = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=0)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "round", "step", "recipient", "channel"],
                name="nobody_is_told_the_same_step_twice",
            ),
            models.CheckConstraint(
                condition=Q(kind="alarm", escalation__isnull=False)
                | Q(escalation__isnull=True) & ~Q(kind="alarm") & ~Q(about=""),
                name="a_notification_is_about_something",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(delivered_at__isnull=True), name="notifications_due"),
            models.Index(fields=["recipient", "-id"], name="notifications_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"notification {self.pk} to {self.recipient_id} by {self.channel}"


class CommsDecision(models.Model):
    """What communications decided about a case that came to them, and why."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    approach = models.CharField(max_length=30)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_decision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.approach} for case {self.case_id}"
