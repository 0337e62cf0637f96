"""A watch counts threads, whichever platform they are on; what it counted is kept post by post."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0018_seed_ladders"),
        ("monitoring", "0009_standing_of_authors"),
    ]

    operations = [
        migrations.CreateModel(
            name="WatchThread",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("platform", models.CharField(max_length=30)),
                ("thread_id", models.CharField(max_length=500)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="threads", to="cases.watch"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["platform", "thread_id"], name="watches_by_thread")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("watch", "case"), name="a_case_brings_one_thread_to_a_watch"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bucket", models.BigIntegerField()),
                ("platform", models.CharField(max_length=30)),
                ("author", models.BigIntegerField(blank=True, null=True)),
                ("followers", models.PositiveBigIntegerField(default=0)),
                ("cue", models.CharField(blank=True, max_length=12)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("is_reply", models.BooleanField(default=False)),
                ("is_readable", models.BooleanField(default=False)),
                ("is_imported", models.BooleanField(default=False)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="monitoring.post"
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="cases.watch",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["watch", "bucket"], name="watched_posts_by_bucket"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("role", ""), _negated=True), ("followers__gte", 10000), _connector="OR"
                        ),
                        fields=["watch"],
                        name="watched_posts_of_weight",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("watch", "post"), name="a_watch_counts_a_post_once")
                ],
            },
        ),
        *[
            migrations.AddField("watchcount", name, models.PositiveIntegerField(db_default=0, default=0))
            for name in ("n_judged", "n_cued", "n_readable", "n_imported")
        ],
        migrations.AddField("watch", "after_post", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("watch", "platforms", models.JSONField(blank=True, db_default={}, default=dict)),
        migrations.AddField("watch", "triggers", models.JSONField(blank=True, db_default=[], default=list)),
        migrations.AddField("watch", "late_bucket", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("watch", "relearn_from", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField(
            "watch", "pause_reason", models.CharField(blank=True, db_default="", max_length=500)
        ),
        migrations.AddField("watch", "remind_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "watch",
            models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["remind_at"],
                name="watches_to_remind",
            ),
        ),
    ]
