"""Incidents that are worked on as one: what belongs to them, what we say, and who decided what."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from cases.models.watch import WatchProfile
from monitoring.models import Query


class SituationLevel(models.Model):
    """A step of the scale by which the organisation tells how grave an incident is, `n` = 1 the lowest."""

    name = models.CharField(max_length=40, unique=True)
    n = models.PositiveSmallIntegerField(unique=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["n"]

    def __str__(self) -> str:
        return self.name


class Situation(models.Model):
    """One incident and all cases that come from it (`Case.situation`).

    Proposed by a rule when a story grows (`story`, with the numbers in `evidence`), opened and closed by a
    person. `began_at`: when the incident itself began. `is_locked`: one voice, only an unaltered vetted
    answer leaves without the duty lead. `word_due_at` is its one clock: by then people hear from us again,
    every `word_every_s`. `picture_due_at`: when the next environment picture is made by itself.
    `revision` counts changes, so that a page that shows an older state is refused.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        OPEN = "open"
        CLOSED = "closed"
        DECLINED = "declined"

    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    level = models.ForeignKey(
        SituationLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="situations"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="situations"
    )
    profile = models.ForeignKey(
        WatchProfile, on_delete=models.PROTECT, null=True, blank=True, related_name="situations"
    )
    story = models.ForeignKey(
        Case, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    evidence = models.JSONField(default=dict, blank=True)
    is_locked = models.BooleanField(default=False)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    locked_at = models.DateTimeField(null=True, blank=True)
    word_every_s = models.PositiveIntegerField(default=1800)
    word_due_at = models.DateTimeField(null=True, blank=True)
    picture_every_s = models.PositiveIntegerField(null=True, blank=True)
    picture_due_at = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField()
    created_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="open") | Q(opened_at__isnull=False, closed_at__isnull=True),
                name="an_open_situation_was_opened",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False),
                name="a_closed_situation_was_closed",
            ),
            models.UniqueConstraint(
                fields=["story"],
                condition=Q(status="proposed", story__isnull=False),
                name="a_story_is_proposed_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["picture_due_at"],
                condition=Q(status="open", picture_due_at__isnull=False),
                name="pictures_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Inflow(models.Model):
    """A rule by which cases join a situation: what a query hears, or a story (a lead and its copies).

    New posts join as they come. Those that are here already, posted since `since`, are joined by a sweep from
    the newest back; `reached` is the number it has come to, None = all were looked at. `ended_at`: brings
    nothing any more.
    """

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="inflows")
    query = models.ForeignKey(Query, on_delete=models.PROTECT, null=True, blank=True, related_name="inflows")
    story = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    since = models.DateTimeField()
    reached = models.BigIntegerField(null=True, blank=True)
    n_joined = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(query__isnull=False, story__isnull=True)
                | Q(query__isnull=True, story__isnull=False),
                name="an_inflow_is_a_query_or_a_story",
            ),
            models.UniqueConstraint(
                fields=["query"],
                condition=Q(ended_at__isnull=True, query__isnull=False),
                name="a_query_flows_into_one_situation",
            ),
            models.UniqueConstraint(
                fields=["story"],
                condition=Q(ended_at__isnull=True, story__isnull=False),
                name="a_story_flows_into_one_situation",
            ),
        ]

    def __str__(self) -> str:
        return f"inflow {self.pk} into situation {self.situation_id}"


class KeyMessage(models.Model):
    """One version of what we want people to know of a situation; the highest `n` is the one that counts."""

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="key_messages")
    n = models.PositiveIntegerField()
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["situation", "n"], name="key_messages_are_numbered"),
        ]
        ordering = ["situation", "-n"]

    def __str__(self) -> str:
        return f"key message {self.n} of situation {self.situation_id}"


class LogLine(models.Model):
    """A line that somebody wrote in the log of a situation: what was seen, asked or decided."""

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="log")
    text = models.CharField(max_length=1000)
    is_decision = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["situation", "-at"], name="log_by_situation")]

    def __str__(self) -> str:
        return f"{self.at:%H:%M} {self.text[:40]}"


class Picture(models.Model):
    """An environment picture: figures and examples as they were at `cutoff_at`, frozen when it is made.

    `content` is what the machine counted and chose; `information`, `meaning` and `damage` are the advice that
    a person writes, carried over from the picture before. It counts when it is signed: `digest` then covers
    content and advice. `mailed_at`: when the mailing list had it.
    """

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="pictures")
    n = models.PositiveIntegerField()
    cutoff_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    content = models.JSONField()
    information = models.TextField(blank=True)
    meaning = models.TextField(blank=True)
    damage = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["situation", "n"], name="pictures_are_numbered"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(signed_by__isnull=False) & ~Q(digest=""),
                name="a_signed_picture_has_a_hand_and_a_digest",
            ),
            models.CheckConstraint(condition=Q(made_at__gte=F("cutoff_at")), name="a_picture_looks_back"),
        ]
        ordering = ["situation", "-n"]

    def __str__(self) -> str:
        return f"picture {self.n} of situation {self.situation_id}"


class PictureReader(models.Model):
    """An address that gets every signed picture of a situation."""

    situation = models.ForeignKey(Situation, on_delete=models.CASCADE, related_name="readers")
    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["situation", "email"], name="an_address_gets_a_picture_once"),
        ]
        ordering = ["email"]

    def __str__(self) -> str:
        return self.email
