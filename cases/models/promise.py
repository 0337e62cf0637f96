"""What was promised to a complainant, and texts to begin a reply with."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.models.response import Response


class Task(models.Model):
    """One thing promised on a case, with a due date. A case does not close over an open one."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    response = models.ForeignKey(
        Response, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    what = models.CharField(max_length=500)
    due_at = models.DateTimeField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_dropped = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="a_task_says_what"),
            models.CheckConstraint(
                condition=Q(is_dropped=False) | Q(done_at__isnull=False) & ~Q(note=""),
                name="a_task_is_dropped_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="open_tasks_by_due"),
            models.Index(fields=["case"], condition=Q(done_at__isnull=True), name="open_tasks_by_case"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} of case {self.case_id}"


class ReplyTemplate(models.Model):
    """A text to begin a reply with. "" in `category`, `language` or `platform` = for all of them."""

    name = models.CharField(max_length=100, unique=True)
    category = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, blank=True)
    platform = models.CharField(max_length=30, blank=True)
    text = models.TextField()
    is_active = models.BooleanField(default=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
