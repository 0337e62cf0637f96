"""Make posts searchable by word: FTS5 on SQLite, a GIN index on PostgreSQL."""

from django.db import migrations

SQLITE = [
    """CREATE VIRTUAL TABLE monitoring_post_text USING fts5(
         text, content='monitoring_post', content_rowid='identity_id',
         tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER monitoring_post_text_added AFTER INSERT ON monitoring_post BEGIN
         INSERT INTO monitoring_post_text(rowid, text) VALUES (new.identity_id, new.text); END""",
    """CREATE TRIGGER monitoring_post_text_removed AFTER DELETE ON monitoring_post BEGIN
         INSERT INTO monitoring_post_text(monitoring_post_text, rowid, text)
         VALUES ('delete', old.identity_id, old.text); END""",
    """CREATE TRIGGER monitoring_post_text_changed AFTER UPDATE OF text ON monitoring_post BEGIN
         INSERT INTO monitoring_post_text(monitoring_post_text, rowid, text)
         VALUES ('delete', old.identity_id, old.text);
         INSERT INTO monitoring_post_text(rowid, text) VALUES (new.identity_id, new.text); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER monitoring_post_text_changed",
    "DROP TRIGGER monitoring_post_text_removed",
    "DROP TRIGGER monitoring_post_text_added",
    "DROP TABLE monitoring_post_text",
]
POSTGRESQL = ["CREATE INDEX posts_by_word ON monitoring_post USING gin (to_tsvector('simple', text))"]
POSTGRESQL_BACK = ["DROP INDEX posts_by_word"]


def add_index(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove_index(apps, schema_editor):
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [migrations.RunPython(add_index, remove_index)]
