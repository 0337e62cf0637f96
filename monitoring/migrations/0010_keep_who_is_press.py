"""An account that was marked as press has that standing."""

from django.db import migrations


def press(apps, schema_editor):
    apps.get_model("monitoring", "Author").objects.filter(is_press=True).update(standing="press")


def is_press(apps, schema_editor):
    Author = apps.get_model("monitoring", "Author")
    Author.objects.filter(standing__in=["press", "national press"]).update(is_press=True)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0009_standing_of_authors")]
    operations = [migrations.RunPython(press, is_press, elidable=True)]
