"""An exercise and what happens in it beside posts. Rows of these exist in the space of an exercise only."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.rules.ladders import Function
from cases.rules.permissions import Role
from monitoring.models import Source


class Exercise(models.Model):
    """The one exercise of this space. The clock of its story is that of its `source`, which plays it.

    `began_at`: when the story was first set going; empty while people still sign in.
    """

    title = models.CharField(max_length=200)
    incident = models.CharField(max_length=100)
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="exercise")
    made_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(began_at__isnull=True)
                | Q(ended_at__gte=F("began_at")),
                name="an_exercise_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Inject(models.Model):
    """Something that happens to people in an exercise: a phone call, a colleague who falls ill.

    `at_s`: when in the story, in its seconds; empty: at once, added by hand. It is for who has the role
    `to_role` or is on duty with the function `to_function`; both empty: for everybody.
    """

    class Kind(models.TextChoices):
        CALL = "phone call"
        EMAIL = "e-mail"
        REPORT = "report"
        ILLNESS = "illness"
        OTHER = "other"

    ROLES = [(role.value, role.value) for role in Role]
    FUNCTIONS = [(function.value, function.value) for function in Function]

    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="injects")
    key = models.CharField(max_length=100, blank=True)
    at_s = models.FloatField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)
    to_role = models.CharField(max_length=20, choices=ROLES, blank=True)
    to_function = models.CharField(max_length=20, choices=FUNCTIONS, blank=True)
    sender = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exercise", "key"], condition=~Q(key=""), name="an_inject_of_the_story_comes_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_inject_says_something"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(told_at__isnull=False),
                name="only_an_inject_that_was_told_is_done",
            ),
        ]
        ordering = ["told_at", "at_s", "pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:40]}"
