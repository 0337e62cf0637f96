"""People who work with cases, and what they may say in the organisation's name."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from cases.rules.permissions import Role


class User(AbstractUser):
    """A member of staff. Accounts are personal; the role says which verbs are allowed."""

    ROLES = [(role.value, role.value) for role in Role]

    role = models.CharField(max_length=20, choices=ROLES, default=Role.EMPLOYEE)
    language = models.CharField(max_length=10, default="nl")

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]),
                name="a_user_has_a_known_role",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Mandate(models.Model):
    """Whose words may leave the building, on which categories, and until when.

    Never implied by a role; checked when sending.
    """

    holder = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mandates")
    categories = models.JSONField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="a_mandate_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {', '.join(self.categories)} until {self.valid_until:%Y-%m-%d}"
