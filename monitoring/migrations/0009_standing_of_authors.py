"""What the desk knows of an account is more than that it speaks for a newsroom."""

from django.db import migrations, models

STANDINGS = ("press", "national press", "official", "politician", "influential")
LABELS = ("Press", "National Press", "Official", "Politician", "Influential")


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0008_posts_of_an_author")]

    operations = [
        migrations.AddField(
            "author",
            "standing",
            models.CharField(
                blank=True,
                choices=list(zip(STANDINGS, LABELS, strict=True)),
                db_default="",
                default="",
                max_length=20,
            ),
        ),
    ]
