"""One index for "what did this author say in this conversation" in place of the author's own.

By SQL: on SQLite Django would build the table anew, and drop the triggers of the full-text index with it.
"""

import django.db.models.deletion
from django.db import migrations, models


def drop_the_authors_own(apps, schema_editor):
    Post = apps.get_model("monitoring", "Post")
    table, connection = Post._meta.db_table, schema_editor.connection
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    for name, facts in found.items():
        if facts["index"] and facts["columns"] == ["author_id"] and not facts["unique"]:
            schema_editor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")


def make_the_authors_own(apps, schema_editor):
    schema_editor.execute("CREATE INDEX monitoring_post_author_id ON monitoring_post (author_id)")


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0007_words_alike")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="post",
                    name="author",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="monitoring.author",
                    ),
                ),
            ],
            database_operations=[migrations.RunPython(drop_the_authors_own, make_the_authors_own)],
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "thread_id"], name="posts_by_author"),
        ),
    ]
