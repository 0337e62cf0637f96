"""List the topics of a situation by what presses, and skip them in the inbox without reading their rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0028_watches_on_situations_and_queries"),
        ("monitoring", "0012_author_words_again"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="cases_to_judge",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="cases_by_situation",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["state", "-is_urgent", "due_at", "post", "situation"], name="cases_to_judge"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("situation__isnull", False)),
                fields=["situation", "state", "is_urgent", "asks", "-n_copies", "post"],
                name="topics_of_situation",
            ),
        ),
    ]
