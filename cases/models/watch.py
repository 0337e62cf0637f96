"""Keeping an eye on a case, and the counts that say whether it gets worse."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import subject
from cases.models.case import Case
from cases.models.rota import DutyPost
from monitoring.models import Post, Query


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
    """Someone keeps an eye on a case, a situation or a query until `ended_at`, whatever its state.

    Kept by a duty post (whoever is on duty there), by a person, or by both: then the person is asked
    first. `evaluate_at` is due when a counted post arrives or a bucket closes. `baseline`,
    `level_state` and `verdict` are the bounded state of the rules in `cases.rules`; `platforms` says
    since when each one takes part and when it last did, `triggers` what asks for help at once. Posts
    numbered above `after_post` count. `late_bucket`: the oldest bucket to look at again; `relearn_from`:
    an import changed what was learned from this bucket on. `remind_at`: when to say that nobody looked.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="watches")
    situation = models.ForeignKey(
        "cases.Situation", on_delete=models.PROTECT, null=True, blank=True, related_name="watches"
    )
    query = models.ForeignKey(Query, on_delete=models.PROTECT, null=True, blank=True, related_name="watches")
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
    check_every_s = models.PositiveIntegerField(default=3600)
    next_check_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True, db_default="")
    remind_at = models.DateTimeField(null=True, blank=True)
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
    after_post = models.BigIntegerField(default=0, db_default=0)
    platforms = models.JSONField(default=dict, blank=True, db_default={})
    triggers = models.JSONField(default=list, blank=True, db_default=[])
    late_bucket = models.BigIntegerField(null=True, blank=True)
    relearn_from = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_open_watch_per_case"
            ),
            models.UniqueConstraint(
                fields=["situation"], condition=Q(ended_at__isnull=True), name="one_open_watch_per_situation"
            ),
            models.UniqueConstraint(
                fields=["query"], condition=Q(ended_at__isnull=True), name="one_open_watch_per_query"
            ),
            models.CheckConstraint(condition=subject.one_of_three(), name="a_watch_is_on_one_thing"),
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
            models.Index(fields=["remind_at"], condition=Q(ended_at__isnull=True), name="watches_to_remind"),
        ]

    def __str__(self) -> str:
        return f"watch {self.pk} on {self.subject}"

    @property
    def subject(self) -> subject.Subject:
        """What it keeps an eye on."""
        return subject.of(self.case_id, self.situation_id, self.query_id)


class WatchThread(models.Model):
    """A conversation that a watch counts: that of its case, or that of a copy merged into it (`case`)."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="threads")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=30)
    thread_id = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch", "case"], name="a_case_brings_one_thread_to_a_watch"),
        ]
        indexes = [models.Index(fields=["platform", "thread_id"], name="watches_by_thread")]

    def __str__(self) -> str:
        return f"{self.platform}/{self.thread_id} for watch {self.watch_id}"


class WatchedPost(models.Model):
    """One post that a watch counts, with what was known of it when it was heard: it outlives its text.

    `cue`: the gravest kind of the cue list in it; `role`: why its author weighs more than others;
    `author`: a number, so that nobody counts twice. `is_readable`: in a language that the list holds.
    `judged`: the category as which it is in the counts ("" = not judged), so that a judgement adds what it
    changes; written by `tallying` alone.
    """

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="posts", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    bucket = models.BigIntegerField()
    platform = models.CharField(max_length=30)
    author = models.BigIntegerField(null=True, blank=True)
    followers = models.PositiveBigIntegerField(default=0)
    cue = models.CharField(max_length=12, blank=True)
    role = models.CharField(max_length=20, blank=True)
    judged = models.CharField(max_length=20, blank=True, default="", db_default="")
    is_reply = models.BooleanField(default=False)
    is_readable = models.BooleanField(default=False)
    is_imported = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch", "post"], name="a_watch_counts_a_post_once"),
        ]
        indexes = [
            models.Index(fields=["watch", "bucket"], name="watched_posts_by_bucket"),
            # What the same people said in this hour: asked of every page that a busy watch counts.
            models.Index(fields=["watch", "author", "bucket"], name="watched_posts_by_author"),
            # How many replies came in the last hour: counted at every evaluation.
            models.Index(
                fields=["watch", "bucket"],
                condition=Q(is_reply=True, is_imported=False),
                name="watched_replies_by_bucket",
            ),
            # Those whose author may weigh more than others: few, and looked through at every evaluation.
            models.Index(
                fields=["watch"],
                condition=~Q(role="") | Q(followers__gte=10_000),
                name="watched_posts_of_weight",
            ),
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} in watch {self.watch_id}"


class WatchCount(models.Model):
    """Posts of one watch in one 5-minute bucket of event time (`bucket` = epoch seconds // 300).

    `reach`: followers of the authors who had not posted before in this clock hour. `n_judged` were judged
    by a person, `n_cued` not but hold a cue, `n_readable` are one of both or in a language of the cue
    list. `n_imported` came by a file: they count, and ring for nobody.
    """

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="counts")
    bucket = models.BigIntegerField()
    n = models.PositiveIntegerField(default=0)
    n_negative = models.PositiveIntegerField(default=0)
    reach = models.PositiveBigIntegerField(default=0)
    n_judged = models.PositiveIntegerField(default=0, db_default=0)
    n_cued = models.PositiveIntegerField(default=0, db_default=0)
    n_readable = models.PositiveIntegerField(default=0, db_default=0)
    n_imported = models.PositiveIntegerField(default=0, db_default=0)
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
