"""The scale that Dutch crisis teams use; an organisation elsewhere puts its own in its place."""

from django.db import migrations

LEVELS = ("GRIP 1", "GRIP 2", "GRIP 3", "GRIP 4", "GRIP 5", "GRIP Rijk")


def seed(apps, schema_editor):
    level = apps.get_model("cases", "SituationLevel")
    if not level.objects.exists():
        level.objects.bulk_create(level(name=name, n=n) for n, name in enumerate(LEVELS, start=1))


class Migration(migrations.Migration):
    dependencies = [("cases", "0023_situations_claims_and_messages")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
