"""People who work with cases, and what they may say in the organisation's name."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from cases.rules.permissions import Role


def everything() -> list[str]:
    """All of a kind, in a mandate that says nothing about it."""
    return ["*"]


class User(AbstractUser):
    """A member of staff. Accounts are personal; the role says which verbs are allowed.

    `keys`: the single keys that this person chose otherwise, action → key (WCAG 2.1.4).
    `quiet_from` … `quiet_until`: hours of the day, in `zone`, in which only what is serious disturbs;
    both empty: never quiet. `email_from`: the lowest level of alarm that comes by e-mail; 0: all mail.
    """

    ROLES = [(role.value, role.value) for role in Role]

    role = models.CharField(max_length=20, choices=ROLES, default=Role.EMPLOYEE)
    language = models.CharField(max_length=10, default="nl")
    has_single_keys = models.BooleanField(default=True, db_default=True)
    keys = models.JSONField(default=dict, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=60, blank=True, db_default="")
    email_from = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]),
                name="a_user_has_a_known_role",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Mandate(models.Model):
    """Whose words may leave the building: about what, in which way, from which accounts, until when.

    Never implied by a role; checked when sending. In `categories`, `options` (actions of the scheme),
    `accounts` (a platform, or "credential:7") and `visibilities`, "*" stands for all.
    `situation`: holds only for its cases. `delegated_from`: the mandate that this one was handed on from;
    it never covers more than that one, and never longer.
    """

    PRIORITIES = [("normal", "normal"), ("urgent", "urgent")]

    holder = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mandates")
    categories = models.JSONField()
    options = models.JSONField(default=everything, db_default=["*"])
    accounts = models.JSONField(default=everything, db_default=["*"])
    visibilities = models.JSONField(default=everything, db_default=["*"])
    highest_priority = models.CharField(
        max_length=10, choices=PRIORITIES, default="urgent", db_default="urgent"
    )
    situation = models.ForeignKey(
        "cases.Situation", on_delete=models.CASCADE, null=True, blank=True, related_name="mandates"
    )
    may_delegate = models.BooleanField(default=False, db_default=False)
    delegated_from = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="delegations"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="a_mandate_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(highest_priority__in=["normal", "urgent"]), name="a_mandate_has_a_known_priority"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {', '.join(self.categories)} until {self.valid_until:%Y-%m-%d}"
