"""Posts as stored: one per (platform, canonical id), with every version kept."""

from django.db import models

from monitoring.connectors.base import Kind
from monitoring.models.sources import Query, Source


class Author(models.Model):
    """The little that is kept of who posted: enough to answer, nothing to profile.

    `standing`: what somebody at the desk knows of this account; "" = nothing in particular.
    """

    class Standing(models.TextChoices):
        PRESS = "press"
        NATIONAL_PRESS = "national press"
        OFFICIAL = "official"
        POLITICIAN = "politician"
        INFLUENTIAL = "influential"

    platform = models.CharField(max_length=30)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    followers = models.PositiveBigIntegerField(null=True, blank=True)
    standing = models.CharField(max_length=20, choices=Standing, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "external_id"], name="one_author_per_platform_id"),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def is_press(self) -> bool:
        """Whether the account speaks for a newsroom."""
        return self.standing in {self.Standing.PRESS, self.Standing.NATIONAL_PRESS}


class PostIdentity(models.Model):
    """Which post is which: narrow on purpose, so that `Post` can be partitioned by month later."""

    platform = models.CharField(max_length=30)
    canonical_id = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "canonical_id"], name="one_post_per_platform_id"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}:{self.canonical_id}"


class Post(models.Model):
    """A mention as stored. `thread_id` is the canonical id of the conversation's first post.

    `posted_at` is the platform's word, `fetched_at` ours. `version` marks the newest edit;
    earlier texts are in `PostVersion`. `gone_at`: the platform said the post is no more.
    """

    KINDS = [(kind.value, kind.value) for kind in Kind]

    identity = models.OneToOneField(PostIdentity, on_delete=models.PROTECT, primary_key=True)
    platform = models.CharField(max_length=30)
    canonical_id = models.CharField(max_length=500)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="posts"
    )
    author = models.ForeignKey(
        Author, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="posts"
    )
    kind = models.CharField(max_length=10, choices=KINDS)
    url = models.CharField(max_length=2000, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    parent_id = models.CharField(max_length=500, blank=True)
    thread_id = models.CharField(max_length=500)
    n_replies = models.PositiveBigIntegerField(default=0)
    n_shares = models.PositiveBigIntegerField(default=0)
    n_likes = models.PositiveBigIntegerField(default=0)
    n_views = models.PositiveBigIntegerField(null=True, blank=True)
    posted_at = models.DateTimeField()
    fetched_at = models.DateTimeField()
    version = models.CharField(max_length=200, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["-posted_at"], name="posts_by_time"),
            models.Index(fields=["platform", "thread_id", "posted_at"], name="posts_by_thread"),
            models.Index(fields=["source", "identity"], name="posts_by_source"),
            models.Index(fields=["author", "thread_id"], name="posts_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}:{self.canonical_id}"


class PostVersion(models.Model):
    """An earlier text of a post that was edited afterwards."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    version = models.CharField(max_length=200, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["post", "replaced_at"], name="versions_by_post")]

    def __str__(self) -> str:
        return f"{self.post_id} before {self.replaced_at:%Y-%m-%d %H:%M}"


class PostMatch(models.Model):
    """Why a post is kept: the query it matched. One post matched twice is one post, two reasons."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="matches")
    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="matches")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "query"], name="one_match_per_post_and_query"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} matched {self.query_id}"
