"""Let the database itself refuse every change of the audit trail."""

from django.db import migrations

TABLES = ("cases_auditevent", "cases_auditcheckpoint")

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION cases_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""

POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION cases_audit_is_append_only()
"""


def close_the_trail(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION)
        statement, verbs = POSTGRESQL, ("UPDATE", "DELETE", "TRUNCATE")
    else:
        statement, verbs = SQLITE, ("UPDATE", "DELETE")
    for table in TABLES:
        for verb in verbs:
            schema_editor.execute(statement.format(table=table, verb=verb))


def open_the_trail(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        for verb in ("UPDATE", "DELETE", "TRUNCATE") if on_postgresql else ("UPDATE", "DELETE"):
            on = f" ON {table}" if on_postgresql else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION cases_audit_is_append_only()")


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_cases")]
    operations = [migrations.RunPython(close_the_trail, open_the_trail)]
