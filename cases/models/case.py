"""The case: one post, its judgement, and who is at it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.rules.workflow import State
from monitoring.models import Post

STATES = [(state.value, state.value) for state in State]


class SchemeVersion(models.Model):
    """One published version of a decision scheme, as the text it was loaded from."""

    scheme_id = models.CharField(max_length=50)
    version = models.CharField(max_length=20)
    checksum = models.CharField(max_length=64, unique=True)
    toml = models.TextField()
    is_current = models.BooleanField(default=False)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme_id", "version"], name="a_scheme_version_is_published_once"
            ),
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="one_scheme_is_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.version}"


class Case(models.Model):
    """What the organisation does about one post. Its number is the post's.

    `state` is written by `services.transitions` only. `scheme_node` is where the judgement
    stands, so that half-judged work survives. `category` is the primary one ("" = not judged).
    `taken_by` holds the case until `taken_until`; `assignee` is who should do it.
    A near-copy of an open case is merged into it, its `lead`; `n_copies` counts those of a lead.
    `conversation` is the number that the cases of one conversation share (None: it stands alone);
    `follows` the case whose author says more here.
    A reopened case has a new clock, from `restarted_at`; `first_responded_at` and `first_due_at` keep
    what its first answer came to, for the figures. The leads heard at `overdue_told_at` that it was late.
    """

    post = models.OneToOneField(Post, on_delete=models.PROTECT, primary_key=True)
    state = models.CharField(max_length=10, choices=STATES, default=State.NEW)
    scheme = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, db_index=False, related_name="cases")
    scheme_node = models.CharField(max_length=60)
    category = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    is_urgent = models.BooleanField(default=False)
    lead = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="copies"
    )
    n_copies = models.PositiveIntegerField(default=0, db_default=0)
    conversation = models.BigIntegerField(null=True, blank=True)
    follows = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="followed_by"
    )

    situation = models.ForeignKey(
        "cases.Situation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="cases",
    )
    inflow = models.ForeignKey(
        "cases.Inflow",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="cases",
    )
    asks = models.BooleanField(default=False, db_default=False)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="assigned",
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="taken",
    )
    taken_until = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)

    posted_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    restarted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    first_responded_at = models.DateTimeField(null=True, blank=True)
    first_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="a_case_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, lead__isnull=False) | ~Q(state=State.MERGED),
                name="a_merged_case_has_a_lead",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True) | Q(taken_until__isnull=False),
                name="a_taken_case_is_taken_until_a_time",
            ),
        ]
        indexes = [
            # What belongs to a situation is skipped without reading its row.
            models.Index(
                fields=["state", "-is_urgent", "due_at", "post", "situation"], name="cases_to_judge"
            ),
            models.Index(fields=["-posted_at", "-post"], name="cases_by_time"),
            models.Index(fields=["state", "opened_at"], name="cases_by_waiting"),
            # Nearly every case is nobody's and no copy: only the others are worth an entry.
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="copies_by_lead"),
            models.Index(
                fields=["conversation", "state", "snoozed_until", "-is_urgent", "due_at", "post"],
                condition=Q(conversation__isnull=False),
                name="cases_by_conversation",
            ),
            models.Index(
                fields=["situation", "state", "is_urgent", "asks", "-n_copies", "post"],
                condition=Q(situation__isnull=False),
                name="topics_of_situation",
            ),
            # What grows is counted by story over the last minutes.
            models.Index(
                fields=["situation", "opened_at", "lead"],
                condition=Q(situation__isnull=False),
                name="cases_of_situation_by_time",
            ),
            models.Index(fields=["inflow"], condition=Q(inflow__isnull=False), name="cases_by_inflow"),
            # Few are answered or snoozed while thousands wait: neither is worth reading those.
            models.Index(
                fields=["situation"],
                condition=Q(first_responded_at__isnull=False),
                name="answered_of_situation",
            ),
            models.Index(
                fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="cases_snoozed"
            ),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="cases_that_follow"),
            models.Index(fields=["assignee"], condition=Q(assignee__isnull=False), name="cases_by_assignee"),
            models.Index(fields=["taken_by"], condition=Q(taken_by__isnull=False), name="cases_by_taker"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Assessment(models.Model):
    """One pass of a case through the scheme; an earlier one is kept when a case is judged again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assessments")
    n = models.PositiveIntegerField()
    answers = models.JSONField(default=dict)
    categories = models.JSONField(default=list)
    advice_nodes = models.JSONField(default=list)
    has_suggestion = models.BooleanField(default=False)
    what_we_do = models.TextField(blank=True)
    option = models.CharField(max_length=30, blank=True)
    follows_advice = models.BooleanField(null=True, blank=True)
    reason = models.TextField(blank=True)
    wants_answer = models.BooleanField(null=True, blank=True)
    is_mandated = models.BooleanField(null=True, blank=True)
    medium = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "n"], name="assessments_of_a_case_are_numbered"),
        ]
        ordering = ["case", "n"]

    def __str__(self) -> str:
        return f"assessment {self.n} of case {self.case_id}"


class TriageAction(models.Model):
    """What an officer did last, so that one key can take it back until the next action.

    `batch`: what was done to many cases at once shares a word, and is taken back at once.
    """

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="actions")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    batch = models.CharField(max_length=32, blank=True, db_default="")
    before = models.JSONField()
    after_state = models.CharField(max_length=10, choices=STATES)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["officer", "-id"], name="actions_by_officer")]

    def __str__(self) -> str:
        return f"{self.kind} on case {self.case_id}"
