"""Keeping an eye on a case, and the counts that say whether it gets worse."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from cases.models.rota import DutyPost


class WatchProfile(models.Model):
    """How soon a watch rises: the thresholds of the eight signs (`cases.rules.profiles`), as data.

    A watch without a profile has the default one. What an alarm rang for is copied into its evidence.
    """

    name = models.CharField(max_length=60, unique=True)
    thresholds = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_watch_profile"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Watch(models.Model):
    """Someone keeps an eye on a case until `ended_at`, whatever the state of the case.

    Kept by a duty post (whoever is on duty there), by a person, or by both: then the person is asked
    first. `evaluate_at` is due when a counted post arrives or a bucket closes. `baseline`,
    `level_state` and `verdict` are the bounded state of the rules in `cases.rules`.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="watches")
    watcher = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="watches"
    )
    post = models.ForeignKey(
        DutyPost, on_delete=models.PROTECT, null=True, blank=True, related_name="watches"
    )
    profile = models.ForeignKey(
        WatchProfile, on_delete=models.PROTECT, null=True, blank=True, related_name="watches"
    )
    rule = models.CharField(max_length=500)
    platform = models.CharField(max_length=30)
    thread_id = models.CharField(max_length=500)
    check_every_s = models.PositiveIntegerField(default=3600)
    next_check_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    blind_since = models.DateTimeField(null=True, blank=True)

    level = models.PositiveSmallIntegerField(default=0)
    floor = models.PositiveSmallIntegerField(default=0)
    floor_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    baseline = models.JSONField(default=dict)
    level_state = models.JSONField(default=dict)
    verdict = models.JSONField(default=dict)
    evaluate_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_open_watch_per_case"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("started_at")), name="a_watch_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(level__lte=4), name="a_watch_level_is_0_to_4"),
            models.CheckConstraint(
                condition=Q(watcher__isnull=False) | Q(post__isnull=False), name="somebody_keeps_a_watch"
            ),
        ]
        indexes = [
            models.Index(fields=["evaluate_at"], condition=Q(ended_at__isnull=True), name="open_watches_due"),
            models.Index(
                fields=["platform", "thread_id"],
                condition=Q(ended_at__isnull=True),
                name="open_watches_by_thread",
            ),
        ]

    def __str__(self) -> str:
        return f"watch {self.pk} on case {self.case_id}"


class WatchCount(models.Model):
    """Posts of one watch in one 5-minute bucket of event time (`bucket` = epoch seconds // 300)."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="counts")
    bucket = models.BigIntegerField()
    n = models.PositiveIntegerField(default=0)
    n_negative = models.PositiveIntegerField(default=0)
    reach = models.PositiveBigIntegerField(default=0)
    is_unknown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch", "bucket"], name="one_count_per_watch_and_bucket"),
        ]

    def __str__(self) -> str:
        return f"watch {self.watch_id}: {self.n} in bucket {self.bucket}"


class WatchCheck(models.Model):
    """A person looked, and says what they saw."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="checks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    is_worse = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"check of watch {self.watch_id} at {self.at:%Y-%m-%d %H:%M}"
