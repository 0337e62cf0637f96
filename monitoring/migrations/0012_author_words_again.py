"""Put the triggers of the authors' full-text index back: SQLite loses them when 0011 makes the table anew.

The index is built anew as well, for the names that were written since without it.
"""

from importlib import import_module

from django.db import migrations

ADDED = import_module("monitoring.migrations.0007_words_alike").SQLITE
TRIGGERS = [
    statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS")
    for statement in ADDED
    if statement.startswith("CREATE TRIGGER")
]
REBUILD = ADDED[-1]


def add_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in [*TRIGGERS, REBUILD]:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0011_drop_is_press")]
    operations = [migrations.RunPython(add_triggers, migrations.RunPython.noop)]
