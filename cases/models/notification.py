"""Messages to people: by which way each can be reached, what was sent, and how it went."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.escalation import Escalation
from cases.models.rota import DutyPost


class Contact(models.Model):
    """A way to reach a person, or a duty post as a whole, beside the app and the person's e-mail address.

    `address` is sealed (`monitoring.sealing`): a push subscription as JSON, or the URL of a chat or SMS
    service; `fingerprint` tells two of them apart without opening. `from_level`: the lowest level of
    alarm that comes this way.
    """

    class Kind(models.TextChoices):
        PUSH = "push"
        CHAT = "chat"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    post = models.ForeignKey(
        DutyPost, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    address = models.TextField()
    fingerprint = models.CharField(max_length=64)
    from_level = models.PositiveSmallIntegerField(default=2)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_ok_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, post__isnull=True)
                | Q(person__isnull=True, post__isnull=False),
                name="a_contact_is_of_a_person_or_a_post",
            ),
            models.UniqueConstraint(
                fields=["person", "fingerprint"],
                condition=Q(person__isnull=False),
                name="one_contact_per_person_and_address",
            ),
            models.UniqueConstraint(
                fields=["post", "fingerprint"],
                condition=Q(post__isnull=False),
                name="one_contact_per_post_and_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """One message to one person over one channel; `key` is the same at every attempt.

    `contact`: which one of a person's own ways, for push and chat; `digest`: waits for the end of the
    person's quiet hours and comes in one message with the rest that waited. An alarm is of an
    escalation; any other kind is `about` a subject of the trail ("query:3").
    """

    class Channel(models.TextChoices):
        IN_APP = "in-app"
        EMAIL = "email"
        PUSH = "push"
        CHAT = "chat"

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
        CHECK_OVERDUE = "check overdue"
        SWAP_ASKED = "swap asked"
        SWAP_DECIDED = "swap decided"
        DUTY_GAP = "duty gap"
        TEST = "test"
        NOT_DELIVERED = "not delivered"
        SITUATION_PROPOSED = "situation proposed"
        WORD_DUE = "word due"
        CLAIM_DECIDED = "claim decided"
        PICTURE_WAITS = "picture waits"
        BATCH_DONE = "batch done"
        INJECT = "inject"

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
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications"
    )
    digest = models.BooleanField(default=False, db_default=False)
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
                condition=Q(contact__isnull=True),
                name="nobody_is_told_the_same_step_twice",
            ),
            models.UniqueConstraint(
                fields=["escalation", "round", "step", "recipient", "contact"],
                condition=Q(contact__isnull=False),
                name="no_contact_is_told_the_same_step_twice",
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


class Attempt(models.Model):
    """One attempt to deliver a message, and how it went: the delivery log."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    is_delivered = models.BooleanField()
    outcome = models.CharField(max_length=500)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"attempt on notification {self.notification_id} at {self.at:%Y-%m-%d %H:%M}"
