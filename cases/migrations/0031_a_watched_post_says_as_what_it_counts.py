"""Keep with a watched post as what it was counted, so that a judgement adds only what it changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0030_count_replies_answers_and_snoozes"),
    ]

    operations = [
        migrations.AddField(
            model_name="watchedpost",
            name="judged",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
