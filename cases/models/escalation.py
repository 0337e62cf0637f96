"""Alarms: who must be told, who was told, and who has it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import subject
from cases.models.case import Case
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
