"""What is said to be so: claims, the sources by which they were decided, and the answers that may be used."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.models.situation import Situation


class Claim(models.Model):
    """A statement that posts make, checked once and answered many times. (Never the taking of a case.)

    `revision` goes up when its status, sources or wording change: a reply that was begun under an older one
    is looked at again before it leaves. `merged_into`: the same statement stands there as well.
    """

    class Status(models.TextChoices):
        UNVERIFIED = "unverified"
        TRUE = "true"
        FALSE = "false"
        UNKNOWN = "unknown"

    situation = models.ForeignKey(
        Situation, on_delete=models.PROTECT, null=True, blank=True, related_name="claims"
    )
    statement = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status, default=Status.UNVERIFIED)
    revision = models.PositiveIntegerField(default=1)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(statement=""), name="a_claim_says_something"),
            models.CheckConstraint(
                condition=Q(status="unverified") | Q(decided_at__isnull=False),
                name="a_checked_claim_was_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.statement[:80]


class FactSource(models.Model):
    """Where a fact about a claim comes from. Withdrawn rather than changed: what was cited stays readable."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="sources")
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=2000, blank=True)
    says = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.title


class ClaimDecision(models.Model):
    """Who decided when that a claim is what it is, on which sources (their numbers)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="decisions")
    status = models.CharField(max_length=10, choices=Claim.Status)
    reason = models.TextField(blank=True)
    sources = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["claim", "-at", "-pk"]

    def __str__(self) -> str:
        return f"claim {self.claim_id} is {self.status}"


class VettedAnswers(models.QuerySet["VettedAnswer"]):
    """Answers to claims."""

    def in_force(self, *, now: datetime) -> Self:
        """Those that may leave as they are."""
        lasting = Q(valid_until=None) | Q(valid_until__gt=now)
        return self.filter(lasting, vetted_at__isnull=False, withdrawn_at=None)


class VettedAnswer(models.Model):
    """Words that may leave as they are, for a claim, in a language and for a channel ("" = any).

    Somebody writes them (`written_by`); they may be used once a colleague vetted them (`vetted_at`). Who is
    alone on duty vets their own words and says why (`solo_reason`). A new version replaces the one before
    (`withdrawn_at`). After `valid_until`, or once withdrawn, it cannot be sent unaltered.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="answers")
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=30, blank=True)
    n = models.PositiveIntegerField()
    text = models.TextField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(null=True)
    vetted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    vetted_at = models.DateTimeField(null=True, blank=True)
    solo_reason = models.CharField(max_length=500, blank=True, db_default="")
    valid_until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = VettedAnswers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "language", "channel"],
                condition=Q(withdrawn_at__isnull=True, vetted_at__isnull=False),
                name="one_vetted_answer_per_claim_language_and_channel",
            ),
            models.UniqueConstraint(
                fields=["claim", "language", "channel", "n"], name="answers_are_numbered"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_answer_says_something"),
        ]

    def __str__(self) -> str:
        return f"answer {self.n} to claim {self.claim_id} ({self.language})"


class CaseClaim(models.Model):
    """This case carries that claim; so do its copies, by reference."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="carries")
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="carried_by", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "claim"], name="a_case_carries_a_claim_once"),
        ]
        indexes = [models.Index(fields=["claim", "case"], name="cases_by_claim")]

    def __str__(self) -> str:
        return f"case {self.case_id} carries claim {self.claim_id}"
