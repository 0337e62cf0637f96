"""When answers are due: calendars with split days and holidays, and targets."""

from zlib import crc32

from django.db import models
from django.db.models import Q


class Calendar(models.Model):
    """The hours in which a team works.

    `hours`: weekday "0" (Monday) to "6" → stretches [["09:00", "12:30"], ["13:00", "17:00"]], in the zone of
    the organisation; a missing weekday is free. `country` ("NL", "" = none) brings its public holidays;
    `worked_holidays`: the names of those on which work goes on.
    """

    name = models.CharField(max_length=100, unique=True)
    hours = models.JSONField(default=dict)
    country = models.CharField(max_length=10, blank=True)
    worked_holidays = models.JSONField(default=list, blank=True, db_default=[])
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_calendar_is_the_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def edition(self) -> str:
        """What it says now, in a few signs: a page sends it back, so that a stale one is refused."""
        said = [self.name, sorted(self.hours.items()), self.country, self.is_default, self.worked_holidays]
        return f"{crc32(repr(said).encode()):08x}"


class SpecialDay(models.Model):
    """A day with hours of its own; no hours: free. It goes before weekday and public holiday."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="special_days")
    day = models.DateField()
    name = models.CharField(max_length=100, blank=True)
    hours = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="a_day_is_special_once_in_a_calendar"),
        ]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} in {self.calendar}"


class Target(models.Model):
    """Within how many minutes something must be done. `category` and `priority` "" = all others.

    `calendar`: only its hours count; None = the clock on the wall. `situation`: only for its cases, and
    before all that hold everywhere.
    """

    class Kind(models.TextChoices):
        RESPONSE = "response"
        APPROVAL = "approval"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RESPONSE)
    category = models.CharField(max_length=20, blank=True)
    priority = models.CharField(max_length=10, blank=True)
    minutes = models.PositiveIntegerField()
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="targets"
    )

    situation = models.ForeignKey(
        "cases.Situation", on_delete=models.CASCADE, null=True, blank=True, related_name="targets"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "category", "priority"],
                condition=Q(situation__isnull=True),
                name="one_target_per_category_and_priority",
            ),
            models.UniqueConstraint(
                fields=["situation", "kind", "category", "priority"],
                condition=Q(situation__isnull=False),
                name="one_target_of_a_situation_per_category",
            ),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="a_target_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category or 'all'} {self.priority}: {self.minutes} min"

    @property
    def edition(self) -> str:
        """As of a calendar."""
        return f"{self.minutes}-{self.calendar_id or 0}"
