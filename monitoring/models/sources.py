"""Sources that are polled and the queries that say what they are polled for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.connectors.base import SourceConfig


class Query(models.Model):
    """What the organisation listens for, and why it may.

    Purpose, legal basis, owner and end date are part of the query itself: without them
    listening has no ground in law, and the database refuses the row.
    """

    class LegalBasis(models.TextChoices):
        PUBLIC_TASK = "public task"
        LEGITIMATE_INTEREST = "legitimate interest"
        LEGAL_DUTY = "legal duty"
        VITAL_INTEREST = "vital interest"
        CONSENT = "consent"

    name = models.CharField(max_length=100, unique=True)
    terms = models.TextField()
    purpose = models.CharField(max_length=500)
    legal_basis = models.CharField(max_length=30, choices=LegalBasis)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queries")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(purpose=""), name="a_query_has_a_purpose"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="a_query_has_a_legal_basis"),
            models.CheckConstraint(condition=~Q(terms=""), name="a_query_has_terms"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_query_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """One place that is polled, with its due time, its cursor and its health.

    `next_poll_at` is both the due time and the lease: whoever polls moves it ahead first.
    `cursor` belongs to `cursor_key`, a fingerprint of what was asked: other terms start anew.
    """

    class Health(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        BEHIND = "behind"
        LIMITED = "limited"
        FAILING = "failing"
        REFUSED = "refused"
        ENDED = "ended"

    name = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=30)
    settings = models.JSONField(default=dict, blank=True)
    queries = models.ManyToManyField(Query, related_name="sources", blank=True)
    is_enabled = models.BooleanField(default=True)
    interval_s = models.PositiveIntegerField(default=300)
    next_poll_at = models.DateTimeField(db_index=True)

    cursor = models.JSONField(default=dict, blank=True)
    cursor_key = models.CharField(max_length=64, blank=True)

    health = models.CharField(max_length=10, choices=Health, default=Health.WAITING)
    last_success_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(interval_s__gte=1), name="a_source_waits_between_polls"),
        ]

    def __str__(self) -> str:
        return self.name

    def config(self, *, terms: tuple[str, ...] = ()) -> SourceConfig:
        """What the connector may know; `terms` of the queries that are asked now."""
        secrets = settings.CONNECTOR_SECRETS.get(self.connector, {})
        return SourceConfig(self.pk, self.name, self.settings, terms, secrets)


class RejectedMention(models.Model):
    """One thing a platform sent that could not be read: kept, so that nothing is hidden."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="rejected")
    raw = models.TextField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["source", "-at"], name="rejected_by_source")]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.reason}"
