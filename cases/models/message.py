"""What we say to many at once, and acts on very many cases that are carried out bit by bit."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import STATES, Case
from cases.models.claim import Claim
from cases.models.situation import Situation
from monitoring.models import Source


class PublicMessage(models.Model):
    """A message of ours to everybody: published from an account (`source`), or registered by its address.

    It is its own outbox row, as a reply is: taken when `send_at` has come, looked for under `key` after a try
    in the dark. `category` is what cases that nobody had judged are judged as when it answers them.
    `reply_text`: what those in `replies_to` read in a reply of their own. `claim_revision`: how its claim
    stood when it was let go.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        QUEUED = "queued"
        SENDING = "sending"
        UNKNOWN = "unknown"
        PUBLISHED = "published"
        FAILED = "failed"

    class RepliesTo(models.TextChoices):
        NOBODY = "nobody"
        ASKERS = "askers"
        ALL = "all"

    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    url = models.CharField(max_length=2000, blank=True)
    category = models.CharField(max_length=20, blank=True)
    replies_to = models.CharField(max_length=10, choices=RepliesTo, default=RepliesTo.NOBODY)
    reply_text = models.TextField(blank=True)
    claim_revision = models.PositiveIntegerField(null=True, blank=True)
    mandate = models.ForeignKey("cases.Mandate", on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=64, unique=True)
    send_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["queued", "sending", "unknown"]) | Q(send_at__isnull=False),
                name="a_queued_message_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="a_published_message_was_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_at"],
                condition=Q(status__in=["queued", "sending", "unknown"]),
                name="messages_due",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Batch(models.Model):
    """One act on very many cases, carried out bit by bit by a worker; each bit is one transaction.

    Which cases is fixed when it begins (`BatchCase`). `next_at` is the lease of the worker who is at it.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer"
        CLOSE = "close"
        JOIN = "join"
        LEAVE = "leave"
        TELL = "tell"

    class Status(models.TextChoices):
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"

    kind = models.CharField(max_length=10, choices=Kind)
    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    message = models.ForeignKey(
        PublicMessage, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="batches")
    reason = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    n_cases = models.PositiveIntegerField()
    n_done = models.PositiveIntegerField(default=0)
    n_left = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=32, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="running") | Q(next_at__isnull=False), name="a_running_batch_is_due"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(status="running"), name="batches_due"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}: {self.kind}"


class BatchCase(models.Model):
    """One case of a batch: the state it was chosen in, and what became of it ("" = not its turn yet)."""

    class Outcome(models.TextChoices):
        DONE = "done"
        LEFT = "left"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="cases", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    seen = models.CharField(max_length=10, choices=STATES)
    outcome = models.CharField(max_length=4, choices=Outcome, blank=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "case"], name="a_case_is_in_a_batch_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "case"], condition=Q(outcome=""), name="batch_cases_to_do"),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} of batch {self.batch_id}"
