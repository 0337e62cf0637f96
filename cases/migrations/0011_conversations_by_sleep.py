"""Index the cases of a conversation so that those put aside do not stand before the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_remember_who_was_told_of_lateness")]
    operations = [
        migrations.RemoveIndex(model_name="case", name="cases_by_conversation"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("conversation__isnull", False)),
                fields=["conversation", "state", "snoozed_until", "-is_urgent", "due_at", "post"],
                name="cases_by_conversation",
            ),
        ),
    ]
