"""Count replies of a watch, answered cases of a situation and snoozed ones from indexes that hold only those."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0029_topics_are_listed_by_what_presses"),
        ("monitoring", "0012_author_words_again"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("first_responded_at__isnull", False)),
                fields=["situation"],
                name="answered_of_situation",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("snoozed_until__isnull", False)),
                fields=["snoozed_until"],
                name="cases_snoozed",
            ),
        ),
        migrations.AddIndex(
            model_name="watchedpost",
            index=models.Index(
                condition=models.Q(("is_imported", False), ("is_reply", True)),
                fields=["watch", "bucket"],
                name="watched_replies_by_bucket",
            ),
        ),
    ]
