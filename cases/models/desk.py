"""How somebody works at the desk: views they kept, and the case they are looking at."""

from django.conf import settings
from django.db import models

from cases.models.case import Case


class SavedView(models.Model):
    """A search in all cases under a name. `wanted`: what was looked for, as the page of cases asks it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=60)
    wanted = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="a_saved_view_has_a_name_of_its_own"),
        ]
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Which case somebody has on the screen now. A glance: it is overwritten and never audited."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person} looks at case {self.case_id}"
