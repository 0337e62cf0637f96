"""A watch has its threads in rows of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_fill_watch_threads")]

    operations = [
        migrations.RemoveIndex("watch", "open_watches_by_thread"),
        # With a default, so that going back finds room for the old words.
        migrations.AlterField("watch", "platform", models.CharField(default="", max_length=30)),
        migrations.AlterField("watch", "thread_id", models.CharField(default="", max_length=500)),
        migrations.RemoveField("watch", "platform"),
        migrations.RemoveField("watch", "thread_id"),
    ]
