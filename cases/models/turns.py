"""Turns that come back by the week, who is away, and who takes whose shift."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models.clock import Calendar
from cases.models.rota import DutyPost, Shift


class RotaPattern(models.Model):
    """Turns at one post that come back every `n_weeks` weeks, written out into shifts some months ahead.

    Week 0 is the week of `first`; `last`: the last day on which a turn begins (empty: until further
    notice). `on_holidays`: what holds on the free days of `calendar` (empty: the default one).
    """

    class OnHolidays(models.TextChoices):
        AS_USUAL = "as usual"
        OTHER_TURNS = "other turns"
        NOBODY = "nobody"

    post = models.ForeignKey(DutyPost, on_delete=models.PROTECT, related_name="patterns")
    n_weeks = models.PositiveSmallIntegerField(default=1)
    first = models.DateField()
    last = models.DateField(null=True, blank=True)
    on_holidays = models.CharField(max_length=12, choices=OnHolidays, default=OnHolidays.AS_USUAL)
    calendar = models.ForeignKey(Calendar, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(n_weeks__gte=1, n_weeks__lte=26), name="a_pattern_lasts_1_to_26_weeks"
            ),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first")),
                name="a_pattern_ends_after_it_starts",
            ),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"pattern {self.pk} at {self.post}"


class Turn(models.Model):
    """One turn of a pattern, in times of the clocks here; an `end` not later than `begin` is the next day.

    `n` never changes: what was written out for a turn and a day is found by it. `weekday` empty: a turn
    for holidays, in any week.
    """

    pattern = models.ForeignKey(RotaPattern, on_delete=models.CASCADE, related_name="turns")
    n = models.PositiveIntegerField()
    week = models.PositiveSmallIntegerField(default=0)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    begin = models.TimeField()
    end = models.TimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_on_call = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pattern", "n"], name="a_turn_has_its_own_number"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | Q(weekday__lte=6), name="a_turn_is_on_a_day_of_the_week"
            ),
        ]
        ordering = ["week", "weekday", "begin", "n"]

    def __str__(self) -> str:
        return f"turn {self.n} of pattern {self.pattern_id}"


class LeftOut(models.Model):
    """A turn that somebody took out of the plan on one day: writing the pattern out again leaves it out."""

    pattern = models.ForeignKey(RotaPattern, on_delete=models.CASCADE, related_name="left_out")
    turn_n = models.PositiveIntegerField()
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pattern", "turn_n", "day"], name="a_turn_is_left_out_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.turn_n} of pattern {self.pattern_id} is left out on {self.day}"


class Absence(models.Model):
    """Somebody is not there, whatever their shifts say: those show as gaps. Why, in one word and no more."""

    class Reason(models.TextChoices):
        LEAVE = "leave"
        SICK = "sick"
        TRAINING = "training"
        OTHER = "other"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.OTHER)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="an_absence_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["person", "ends_at"], name="absences_by_person")]
        ordering = ["starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.person} is away from {self.starts_at:%Y-%m-%d %H:%M}"


class Swap(models.Model):
    """Somebody asks to be relieved of a shift, by one colleague or by any, perhaps for one of theirs.

    `for_person`: whose shift it was when it was asked; `against`: the shift that comes back for it.
    """

    class Status(models.TextChoices):
        ASKED = "asked"
        TAKEN = "taken"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="swaps")
    for_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    against = models.ForeignKey(Shift, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(status="asked"), name="one_open_swap_per_shift"
            ),
            models.CheckConstraint(
                condition=Q(against__isnull=True) | Q(to__isnull=False),
                name="a_swap_against_a_shift_is_with_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_at__isnull=True)
                | ~Q(status="asked") & Q(decided_at__isnull=False),
                name="a_swap_is_open_until_it_is_decided",
            ),
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"swap {self.pk} of shift {self.shift_id}"


class DutyFeed(models.Model):
    """The address at which a person's own calendar reads their shifts; another `version` ends the old one."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duty_feed"
    )
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"duty feed of {self.person}"
