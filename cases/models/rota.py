"""Who is on duty, what one shift leaves to the next, and who gets which cases by itself."""

import json
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.rules.ladders import Function


class DutyPost(models.Model):
    """A place that somebody always fills ("webcare", "duty lead"): work belongs to it, not to a person.

    `function`: what a ladder calls this post by ("officer", "head", …); empty: it takes no alarms.
    `told_gaps`: of which coming gaps the leads were told, per stage ("week", "day"), as pairs of moments.
    """

    FUNCTIONS = [(function.value, function.value) for function in Function]

    name = models.CharField(max_length=100, unique=True)
    function = models.CharField(max_length=20, choices=FUNCTIONS, blank=True, db_default="")
    is_approver = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    told_gaps = models.JSONField(default=dict, blank=True, db_default={})

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """One person at one duty post, from a time until a time (excluded).

    `is_on_call`: may be called, and is not at work: asleep at night, woken by what is serious only.
    `pattern`, `turn_n`, `day`: which turn of which day it was written out for, if any; `is_by_hand`:
    somebody changed or swapped it since, so its pattern leaves it alone.
    """

    post = models.ForeignKey(DutyPost, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_on_call = models.BooleanField(default=False, db_default=False)
    pattern = models.ForeignKey(
        "cases.RotaPattern", on_delete=models.SET_NULL, null=True, blank=True, related_name="shifts"
    )
    turn_n = models.PositiveIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    is_by_hand = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["pattern", "turn_n", "day"],
                condition=Q(pattern__isnull=False),
                name="a_turn_is_written_out_once_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "ends_at"], name="shifts_by_post"),
            models.Index(fields=["person", "ends_at"], name="shifts_by_person"),
        ]
        ordering = ["starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.person} at {self.post} from {self.starts_at:%Y-%m-%d %H:%M}"


class HandOver(models.Model):
    """What one shift leaves to the next: a note, the counts of that moment, and who accepted it."""

    post = models.ForeignKey(
        DutyPost, on_delete=models.PROTECT, null=True, blank=True, related_name="hand_overs"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="a_hand_over_is_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"hand-over by {self.by} at {self.at:%Y-%m-%d %H:%M}"


class AssignmentRule(models.Model):
    """Which new cases are whose by themselves. The first rule that fits counts; an empty condition fits all.

    `words`: a query in the language of docs/queries.md. To a person, or to whoever is on duty at a post;
    with `by_load` to the one of them with the fewest open cases.
    """

    n = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    words = models.CharField(max_length=2000, blank=True)
    languages = models.JSONField(default=list, blank=True)
    platforms = models.JSONField(default=list, blank=True)
    categories = models.JSONField(default=list, blank=True)
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    to_post = models.ForeignKey(DutyPost, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_load = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_person__isnull=False, to_post__isnull=True)
                | Q(to_person__isnull=True, to_post__isnull=False),
                name="a_rule_assigns_to_a_person_or_a_post",
            ),
        ]
        ordering = ["n"]

    def __str__(self) -> str:
        return self.name

    @property
    def edition(self) -> str:
        """Another one after every change, so that a page that shows an older rule is refused."""
        whole = [self.n, self.name, self.words, self.languages, self.platforms, self.categories]
        ends = [self.to_person_id, self.to_post_id, self.by_load, self.is_active]
        return sha256(json.dumps(whole + ends).encode()).hexdigest()[:16]
