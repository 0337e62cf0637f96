"""The standing of an account says it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_keep_who_is_press")]
    operations = [migrations.RemoveField("author", "is_press")]
