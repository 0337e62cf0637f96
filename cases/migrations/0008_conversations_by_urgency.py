"""Index the cases of a conversation in the order of the inbox: urgent first, then what is due first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_number_conversations")]
    operations = [
        migrations.RemoveIndex(model_name="case", name="cases_by_conversation"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("conversation__isnull", False)),
                fields=["conversation", "state", "-is_urgent", "due_at", "post"],
                name="cases_by_conversation",
            ),
        ),
    ]
