"""Put the triggers of the full-text index back: SQLite loses them when 0003 makes the posts' table anew."""

from importlib import import_module

from django.db import migrations

TRIGGERS = [
    statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS")
    for statement in import_module("monitoring.migrations.0002_full_text").SQLITE
    if statement.startswith("CREATE TRIGGER")
]


def add_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in TRIGGERS:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_listening")]
    operations = [migrations.RunPython(add_triggers, migrations.RunPython.noop)]
