"""What the organisation says: drafts, the outbox and what was delivered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import Case


class Response(models.Model):
    """One reply to one case, from first draft to permalink. It is its own outbox row.

    A `queued` response is sent when `send_at` has come (the undo window), and a worker moves that
    moment ahead to keep a second one away; `key` is the idempotency key the platform, or our own
    look-up, recognises it by.

    `revision` counts what people did to it, so that a page that shows an older text is refused.
    `post_version` is the edit of the post that was answered. `holding_until`: this only says that
    we are finding out, and by when we answer. `claim`: what the post says that is not so. `wrote`: the
    numbers of everybody who ever changed the text, `written_by` the last of them. `vetted`: the checked
    answer that it began with; `claim_revision`: how the claims of the case stood when that was read.
    `message`: our one message to many that answers this case, or that this reply goes with.

    `approver` was asked, and late from `approval_due_at`. Somebody alone on duty who let their own words
    go says why in `solo_reason`, and a colleague looks at it by `review_due_at`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        QUEUED = "queued"
        SENDING = "sending"
        UNKNOWN = "unknown"
        SENT = "sent"
        ELSEWHERE = "elsewhere"
        WITHDRAWN = "withdrawn"

    class Visibility(models.TextChoices):
        PUBLIC = "public"
        DIRECT = "direct"

    PENDING = ["draft", "submitted", "queued", "sending", "unknown"]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="responses")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    option = models.CharField(max_length=30)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    medium = models.CharField(max_length=20, default="public reply")
    text = models.TextField(blank=True)
    elements = models.JSONField(default=dict)
    claim = models.TextField(blank=True, db_default="")
    fact_source = models.CharField(max_length=2000, blank=True)
    vetted = models.ForeignKey(
        "cases.VettedAnswer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="responses",
    )
    claim_revision = models.PositiveIntegerField(null=True, blank=True)
    message = models.ForeignKey(
        "cases.PublicMessage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="responses",
    )
    inquiry = models.TextField(blank=True)
    what_we_do = models.TextField(blank=True)
    requires = models.JSONField(default=list)
    audience = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="responses")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    wrote = models.JSONField(default=list, blank=True, db_default=[])
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    approval_due_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    solo_reason = models.CharField(max_length=500, blank=True, db_default="")
    review_due_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    review_note = models.CharField(max_length=500, blank=True, db_default="")
    mandate = models.ForeignKey("cases.Mandate", on_delete=models.SET_NULL, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    holding_until = models.DateTimeField(null=True, blank=True)
    post_version = models.CharField(max_length=200, blank=True)
    n_thread_posts = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    permalink = models.CharField(max_length=2000, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=["draft", "submitted", "queued", "sending", "unknown"]),
                name="one_pending_response_per_case",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["queued", "sending", "unknown"]) | Q(send_at__isnull=False),
                name="a_queued_response_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(solo_reason="") | Q(review_due_at__isnull=False),
                name="what_was_released_alone_is_reviewed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_at"],
                condition=Q(status__in=["queued", "sending", "unknown"]),
                name="responses_due",
            ),
            models.Index(
                fields=["message", "status"],
                condition=Q(message__isnull=False),
                name="responses_by_message",
            ),
            models.Index(
                fields=["approval_due_at"], condition=Q(status="submitted"), name="approvals_by_due"
            ),
            models.Index(
                fields=["review_due_at"],
                condition=Q(review_due_at__isnull=False, reviewed_at__isnull=True),
                name="responses_to_review",
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk} to case {self.case_id}"

    @property
    def writers(self) -> set[int]:
        """Whose words these are: everybody who changed the text, and who handed it in."""
        return {pk for pk in (*self.wrote, self.written_by_id, self.submitted_by_id) if pk}
