"""Alarms: who must be told, who was told, and who has it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import subject
from cases.models.case import Case
from cases.models.rota import DutyPost
from cases.models.watch import Watch
from monitoring.models import Query


class Ladder(models.Model):
    """Who is told of an alarm of one level, in which order: steps as `cases.rules.ladders` reads them.

    Copied into an escalation when it starts. `repeats`: how often the whole ladder is climbed again;
    `taken_for_s`: an acknowledgement holds so long, unless a response or a next check is recorded.
    """

    level = models.PositiveSmallIntegerField(unique=True)
    steps = models.JSONField()
    repeats = models.PositiveSmallIntegerField(default=0)
    taken_for_s = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="a_ladder_level_is_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"ladder of level {self.level}"


class Escalation(models.Model):
    """One alarm on one case, situation or query. Its ladder is copied in when it is raised and stays.

    `step` is the next step to take, due at `next_step_at`; acknowledging clears the due time.
    A higher level starts the ladder again as a new `round`. An acknowledgement holds `taken_for_s`, until
    `taken_until`. `unreached`: the steps of this round that reached nobody. `offered_to`: who is asked to
    take it over from the person who has it.
    `onset_at`: when what it rings for began; `opened_at`: when it first rang. `part_of`: an alarm of the
    same topic that rings for this one too. `is_false`: a person says that there was nothing the matter.
    """

    class Status(models.TextChoices):
        RUNNING = "running"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    situation = models.ForeignKey(
        "cases.Situation", on_delete=models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    query = models.ForeignKey(
        Query, on_delete=models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    watch = models.ForeignKey(
        Watch, on_delete=models.SET_NULL, null=True, blank=True, related_name="escalations"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.RUNNING)
    cause = models.CharField(max_length=30)
    level = models.PositiveSmallIntegerField()
    evidence = models.JSONField(default=dict)
    ladder = models.JSONField()
    ladder_version = models.PositiveIntegerField(default=0, db_default=0)
    taken_for_s = models.PositiveIntegerField(default=14400, db_default=14400)
    unreached = models.JSONField(default=list, blank=True, db_default=[])
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
    taken_until = models.DateTimeField(null=True, blank=True)
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    onset_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    part_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts"
    )
    is_false = models.BooleanField(null=True, blank=True)
    looked_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    looked_back_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_escalation_per_case",
            ),
            models.UniqueConstraint(
                fields=["situation"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_escalation_per_situation",
            ),
            models.UniqueConstraint(
                fields=["query"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_escalation_per_query",
            ),
            models.CheckConstraint(condition=subject.one_of_three(), name="an_escalation_is_about_one_thing"),
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
            models.Index(
                fields=["taken_until"], condition=Q(status="acknowledged"), name="escalations_taken_until"
            ),
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk} of {self.subject}"

    @property
    def subject(self) -> subject.Subject:
        """What it rings for."""
        return subject.of(self.case_id, self.situation_id, self.query_id)


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
